//! Bookmarks: messages that a user keeps for themselves, of all rooms.

use crate::{Message, Offset, RoomId, Timestamp};

/// A message that a user has bookmarked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// The message, as it stands for them.
    pub message: Message,
    /// What they noted; may be empty.
    pub note: String,
    /// Since when.
    pub at: Timestamp,
}

/// A place in a list of bookmarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookmarkCursor {
    /// The last bookmark's time.
    pub at: Timestamp,
    /// Its room.
    pub room: RoomId,
    /// Its message.
    pub message: Offset,
}

impl Bookmark {
    /// Its place in the list.
    #[must_use]
    pub fn cursor(&self) -> BookmarkCursor {
        BookmarkCursor { at: self.at, room: self.message.room.clone(), message: self.message.offset }
    }
}
