//! Attachments.

use chat_core::{Offset, RoomId, UploadId, Variant};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::parse::{offset, word};

/// Names an attachment of a message.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NameAttachment {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[param(ignore)]
    pub offset: Offset,
    /// The attachment, by its id.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub attachment: UploadId,
    /// `original`, or `thumbnail` for the small picture; left out, the original.
    #[serde(default, deserialize_with = "word")]
    #[param(value_type = Option<String>)]
    pub variant: Variant,
}
