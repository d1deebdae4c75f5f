//! Word filters.

use chat_core::{FilterAction, RoomId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::parse::word;
use crate::shape;

/// Has messages of a room filtered by their words.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFilter {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// What becomes of a message that has one of the words: `refuse`, `mask` or `report`.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = shape::FilterAction)]
    pub action: FilterAction,
    /// The words, at most 1,000, each of 1 to 50 letters and digits whatever their case; `*` at the end stands for any ending.
    #[schema(example = json!(["spam", "umbrella*"]))]
    pub words: Vec<String>,
}
