//! What a user is told.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Availability, Room, User};

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
    /// A message is bookmarked, or its bookmark has another note, on whatever device.
    #[serde(rename = "bookmark.added")]
    BookmarkAdded {
        /// The room.
        room: &'a str,
        /// The message.
        offset: u64,
    },
    /// A message is not bookmarked any more.
    #[serde(rename = "bookmark.removed")]
    BookmarkRemoved {
        /// The room.
        room: &'a str,
        /// The message.
        offset: u64,
    },
    /// A message that is sent later is another, was sent or refused, or is no longer there.
    #[serde(rename = "scheduled.changed")]
    ScheduledChanged {
        /// The message's name.
        id: &'a str,
    },
    /// This log-in of the user has ended.
    #[serde(rename = "session.ended")]
    SessionEnded {
        /// The log-in.
        session: &'a str,
    },
}

/// What those who have a room open are told of another user.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum RoomSignal<'a> {
    /// The user is writing.
    #[serde(rename = "typing.started")]
    TypingStarted {
        /// The room.
        room: &'a str,
        /// Who.
        user: User<'a>,
        /// For how long that holds unless it is said again.
        seconds: u64,
    },
    /// The user no longer writes.
    #[serde(rename = "typing.stopped")]
    TypingStopped {
        /// The room.
        room: &'a str,
        /// Who.
        user: User<'a>,
    },
    /// The user has read the room up to here.
    #[serde(rename = "read.moved")]
    ReadMoved {
        /// The room.
        room: &'a str,
        /// Who.
        user: User<'a>,
        /// The last event that they have read.
        offset: u64,
    },
    /// The user has gone away, is back, or says something else of themselves.
    #[serde(rename = "presence.changed")]
    PresenceChanged {
        /// The room.
        room: &'a str,
        /// Who.
        user: User<'a>,
        /// `online` or `away`.
        availability: Availability,
        /// What they say of themselves; may be empty.
        status: &'a str,
    },
}
