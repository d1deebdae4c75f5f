//! Attachments.

use serde::Serialize;
use utoipa::ToSchema;

use crate::Time;

/// A file that a message brings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attachment<'a> {
    /// The upload's id; within the message, the attachment's.
    #[schema(example = "0f8fad5b-d9cb-469f-a165-70867728950e")]
    pub id: String,
    /// The file's name.
    #[schema(example = "holiday.jpg")]
    pub name: &'a str,
    /// What it is: found in the bytes.
    #[schema(example = "image/jpeg")]
    pub r#type: &'a str,
    /// How many bytes.
    #[schema(example = 123_456)]
    pub size: u64,
    /// How wide the picture is, in pixels; left out for what is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// How high it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The small picture; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Dimensions>,
}

/// How large a picture is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Dimensions {
    /// In pixels.
    #[schema(example = 400)]
    pub width: u32,
    /// In pixels.
    #[schema(example = 300)]
    pub height: u32,
}

/// Where bytes can be had for a while.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileLink<'a> {
    /// Relative to the server. Whoever has it needs no log-in.
    #[schema(example = "/files/…")]
    pub url: &'a str,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
}
