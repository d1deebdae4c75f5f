//! Bookmarks.

use chat_core::{Offset, RoomId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::parse::{offset, word};

/// Bookmarks a message.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddBookmark {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[schema(ignore)]
    pub offset: Offset,
    /// What to note; left out, a bookmark that is there keeps its note, and an empty one takes it away.
    #[schema(example = "for Monday")]
    pub note: Option<String>,
}
