//! Pins.

use chat_core::{Offset, RoomId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Format;
use crate::parse::{offset_or_none, word, word_or_none};

/// A page of a room's pinned messages.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPins {
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
