//! Moderation.

use chat_core::{Offset, RoomId, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Format;
use crate::parse::{offset_or_none, word, word_or_none};

/// Has a member write nothing for a while.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteMember {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The member.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub user: UserId,
    /// For how many seconds, at most ten years.
    #[schema(example = 600)]
    pub seconds: u64,
}

/// Keeps a user out of a room.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BanUser {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The user.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub user: UserId,
    /// For how many seconds, at most ten years; left out, for ever.
    #[schema(example = 86400)]
    pub seconds: Option<u64>,
    /// Why, in at most 500 characters. All who read the room may know.
    #[schema(example = "spam")]
    pub reason: Option<String>,
}

/// A page of what moderators have done.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAudit {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<Offset>,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}
