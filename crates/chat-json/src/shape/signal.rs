//! What a user is told.

use serde::Serialize;
use utoipa::ToSchema;

use super::Room;

/// What a user is told on their own channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum Signal<'a> {
    /// The user became a member of this room.
    #[serde(rename = "room.added")]
    RoomAdded {
        /// The room.
        room: Room<'a>,
    },
    /// The user is no longer a member of this room.
    #[serde(rename = "room.removed")]
    RoomRemoved {
        /// The room.
        room: &'a str,
    },
    /// The user has read a room up to here, on whatever device.
    #[serde(rename = "read.marked")]
    ReadMarked {
        /// The room.
        room: &'a str,
        /// The last event that counts as read.
        offset: u64,
        /// How many messages of others follow it.
        unread: u64,
        /// How many of them call the user.
        mentions: u64,
    },
    /// This log-in of the user has ended.
    #[serde(rename = "session.ended")]
    SessionEnded {
        /// The log-in.
        session: &'a str,
    },
}
