//! How far people have read.

use chat_core::{Offset, RoomId, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Format;
use crate::parse::{offset, word, word_or_none};

/// A page of those who have read a message.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReaders {
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
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<UserId>,
}

/// A page of what is the caller's own, by activity.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOwn {
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}
