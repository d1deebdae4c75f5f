//! What a hub tells its connections, and how that becomes bytes.

use std::time::Duration;

use bytes::Bytes;

use crate::{Availability, Event, Offset, Profile, ReadMark, Room, RoomId, ScheduledId, SessionId, UserId};

/// What one can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Channel {
    /// A room's log.
    Room(RoomId),
    /// What concerns a user outside the rooms open now.
    User(UserId),
}

/// Who is subscribed: one connection of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Presence {
    /// The connection's id on the wire.
    pub client: String,
    /// Its user.
    pub user: Profile,
    /// For how many seconds it has done nothing.
    #[cfg_attr(feature = "serde", serde(default))]
    pub idle: u64,
}

/// Why a subscription ended from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The user is no longer a member, the room no longer open to them, or no longer there.
    Removed,
    /// Events between the subscription's position and the next one could not be read: the client subscribes
    /// anew and recovers.
    InsufficientState,
}

/// One thing to tell the subscribers of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push<'a> {
    /// An event of the room's log.
    Event(&'a Event),
    /// A signal: no offset, may be lost.
    Signal(&'a Signal),
    /// What the room's subscribers are told of a user: no offset, may be lost.
    RoomSignal(&'a RoomSignal),
    /// What one of the subscribers does.
    Notice(Notice, &'a Presence),
    /// The receiver's subscription has ended.
    Ended(EndReason),
}

/// What the subscribers of a room are told of one of them: no offset, may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Notice {
    /// A connection has subscribed.
    Joined,
    /// A connection's subscription has ended.
    Left,
}

/// What a room's subscribers, but the user's own, are told of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum RoomSignal {
    /// `typing.started`: the user is writing, for the next [`RoomSignal::TYPING`] unless they say so again.
    TypingStarted(Profile),
    /// `typing.stopped`: the user no longer writes.
    TypingStopped(Profile),
    /// `read.moved`: the user has read up to this event.
    ReadMoved(Profile, Offset),
    /// `presence.changed`: the user has gone away, is back, or says something else of themselves.
    PresenceChanged(Profile, Availability, String),
}

impl RoomSignal {
    /// How long it holds that somebody writes.
    pub const TYPING: Duration = Duration::from_secs(6);

    /// Whom it is about.
    #[must_use]
    pub fn user(&self) -> &Profile {
        let (RoomSignal::TypingStarted(user)
        | RoomSignal::TypingStopped(user)
        | RoomSignal::ReadMoved(user, _)
        | RoomSignal::PresenceChanged(user, ..)) = self;
        user
    }
}

/// What a user is told on their own channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// `room.added`: the user became a member of this room.
    RoomAdded(Room),
    /// `room.removed`: the user is no longer a member of this room.
    RoomRemoved(RoomId),
    /// `read.marked`: the user has read a room up to here, on whatever device.
    ReadMarked(ReadMark),
    /// Something has changed of what is the user's alone, on whatever device.
    Own(OwnChange),
    /// `session.ended`: this log-in of the user has ended.
    SessionEnded(SessionId),
}

/// What has changed of what is a user's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OwnChange {
    /// `bookmark.added`: a message is bookmarked, or its bookmark has another note.
    BookmarkAdded(RoomId, Offset),
    /// `bookmark.removed`: a message is not bookmarked any more.
    BookmarkRemoved(RoomId, Offset),
    /// `scheduled.changed`: a message that is sent later is another, was sent or refused, or is no longer there.
    ScheduledChanged(ScheduledId),
}

/// How pushes are written for one kind of client. Each push is encoded once per format, and the bytes shared.
pub trait WireFormat: Send + Sync + 'static {
    /// The push as this kind of client reads it; none where it is not shown to this kind.
    fn encode(&self, channel: &Channel, push: &Push<'_>) -> Option<Bytes>;

    /// Whether a connection of this kind is for one room, and is closed with its subscription.
    fn is_for_one_room(&self) -> bool {
        false
    }
}
