//! Messages that are sent later.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Time;

/// A message of the caller's that is sent later, or was refused when its time had come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Scheduled<'a> {
    /// Its name.
    pub id: &'a str,
    /// Where it goes.
    #[schema(example = "general")]
    pub room: &'a str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub send_at: Time,
    /// What it says.
    #[schema(example = "Good morning")]
    pub text: &'a str,
    /// What the sending application adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<&'a RawValue>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// The caller's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Why it was not sent; left out while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failure<'a>>,
}

/// Why a message was not sent when its time had come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Failure<'a> {
    /// The word with which sending it was refused.
    #[schema(example = "not_a_member")]
    pub code: &'a str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}
