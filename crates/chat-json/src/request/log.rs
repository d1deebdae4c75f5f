//! A room's log.

use chat_core::{Offset, RoomId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Format;
use crate::parse::{offset_or_none, word, word_or_none};

/// A page of a room's log.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvents {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The last event that the caller has; left out or 0, none, and all that is kept follows.
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
