//! How far people have read.

use crate::{Access, Message, Offset, RoomId, Timestamp};

/// Up to where a user has read a room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadMark {
    /// The room.
    pub room: RoomId,
    /// The last event that counts as read.
    pub offset: Offset,
    /// How many messages of others follow it that were not deleted; [`ReadMark::MOST`] stands for as many or more.
    pub unread: u64,
    /// How many of them call the user; as many or more, too.
    pub mentions: u64,
}

impl ReadMark {
    /// As many unread messages as are counted.
    pub const MOST: usize = 1000;
}

/// A room in its member's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRoom {
    /// The room, and the member's role in it.
    pub access: Access,
    /// How far they have read.
    pub mark: ReadMark,
    /// The last message that was not deleted.
    pub last: Option<Message>,
    /// When that was sent, or the room made where there is none.
    pub active_at: Timestamp,
}

/// A place in a list of rooms by their activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxCursor {
    /// The last room's activity.
    pub active_at: Timestamp,
    /// The last room.
    pub room: RoomId,
}
