//! Reactions.

use chat_core::{Offset, Reaction, RoomId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::parse::{offset, offset_or_none, word};

/// Names a reaction to a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameReaction {
    /// The room.
    #[serde(deserialize_with = "word")]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    pub offset: Offset,
    /// The reaction: an emoji, or a short code between colons.
    #[serde(deserialize_with = "word")]
    pub reaction: Reaction,
}

/// A page of those who have put a reaction on a message.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReacted {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[param(ignore)]
    pub offset: Offset,
    /// The reaction.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub reaction: Reaction,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Offset>,
}
