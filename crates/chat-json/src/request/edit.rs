//! Messages, edited and deleted.

use chat_core::{Offset, RoomId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::parse::{Data, offset, offset_or_none, word};

/// Changes what a message says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[schema(ignore)]
    pub offset: Offset,
    /// The new text; not empty.
    #[schema(example = "Good evening")]
    pub text: String,
    /// The new data: any JSON value; left out, it stays.
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<Data>,
}

/// A page of what a message said before.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListVersions {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[param(ignore)]
    pub offset: Offset,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Offset>,
}
