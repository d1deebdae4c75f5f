//! Messages, sent and read.

use chat_core::{ClientId, Offset, RoomId, UploadId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Format;
use crate::parse::{Data, list, offset, offset_or_none, word, word_or_none};

/// Sends a message.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The text; not empty, unless there are attachments.
    #[schema(example = "Good morning")]
    pub text: String,
    /// Files that it brings: complete uploads of the caller's own that no message has, each once.
    #[serde(default, deserialize_with = "list")]
    #[schema(value_type = Vec<String>, required = false)]
    pub attachments: Vec<UploadId>,
    /// The sender's own name for it, 1 to 64 characters: a repeated send returns the first one's message.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub client_id: Option<ClientId>,
    /// The offset of the message it answers, in the same room.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[schema(value_type = Option<u64>)]
    pub reply_to: Option<Offset>,
    /// After how many seconds it expires, 5 to 31536000, which is a year; left out, as the room says. What the room says is
    /// the most.
    #[schema(value_type = Option<u32>, minimum = 5, maximum = 31_536_000)]
    pub expires_in: Option<u64>,
    /// Anything else, for the sending application: any JSON value.
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<Data>,
}

/// Names a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    pub offset: Offset,
}

/// Shows a message, or the thread that it is in.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[param(ignore)]
    pub offset: Offset,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}

/// A page of a room's messages: the latest, or those next to an offset.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMessages {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The messages that precede this offset, the latest of them. Not together with `after`.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<u64>)]
    pub before: Option<Offset>,
    /// The messages that follow this offset, the earliest of them. Not together with `before`.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<u64>)]
    pub after: Option<Offset>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}
