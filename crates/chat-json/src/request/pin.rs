//! Pins.

use chat_core::{Offset, RoomId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::parse::{offset_or_none, word};

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
}
