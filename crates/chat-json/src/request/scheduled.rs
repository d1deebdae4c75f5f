//! Messages that are sent later.

use chat_core::{ClientId, Offset, RoomId, ScheduledId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::Time;
use crate::parse::{Data, offset_or_none, word, word_or_none};

/// Has a message sent later.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The text; not empty.
    #[schema(example = "Good morning")]
    pub text: String,
    /// When: a time to come, at most 365 days ahead, in RFC 3339.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = String, format = DateTime)]
    pub send_at: Time,
    /// The sender's own name for it, 1 to 64 characters: repeated, it is scheduled once, and sent once.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub client_id: Option<ClientId>,
    /// The offset of the message it answers, in the same room.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[schema(value_type = Option<u64>)]
    pub reply_to: Option<Offset>,
    /// Anything else, for the sending application: any JSON value.
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<Data>,
}

/// Names a message that is sent later.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameScheduled {
    /// The message.
    #[serde(deserialize_with = "word")]
    pub id: ScheduledId,
}

/// Changes a message that is sent later.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeScheduled {
    /// The message.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub id: ScheduledId,
    /// Another text; not empty.
    pub text: Option<String>,
    /// Another time.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub send_at: Option<Time>,
    /// Other data: any JSON value; left out, it stays.
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<Data>,
}

/// A page of the caller's messages that are sent later.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListScheduled {
    /// Those to this room; left out, to all.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub room: Option<RoomId>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}
