//! What happens in a room.

use crate::{ClientId, Member, Offset, Profile, RoomId, RoomKind, Timestamp};

/// A message, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Message {
    /// The room it was sent to.
    pub room: RoomId,
    /// The offset of the event that made it; with `room`, its name.
    pub offset: Offset,
    /// Who sent it.
    pub sender: Profile,
    /// The text as it was sent.
    pub text: String,
    /// What the sending application added: one JSON value, compact, opaque to us.
    pub data: Option<String>,
    /// The message it answers, in the same room.
    pub reply_to: Option<Offset>,
    /// The sender's own name for it.
    pub client_id: Option<ClientId>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// Something that happened in a room and that its members must see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// Where.
    pub room: RoomId,
    /// Its place in the room's log.
    pub offset: Offset,
    /// When it was stored. Never goes back within a room by more than the system's clock does.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Profile,
    /// What it was.
    pub body: EventBody,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum EventBody {
    /// `message.created`. The message's sender, offset and time are the event's.
    MessageCreated(Box<Message>),
    /// `member.joined`: a user became a member, by themselves or invited by the actor.
    MemberJoined(Member),
    /// `member.left`: a user left, or was removed by the actor.
    MemberLeft(Member),
    /// `member.changed`: a member has another role.
    MemberChanged(Member),
    /// `room.changed`: what the room is now called, is about, and who may enter.
    RoomChanged {
        /// Its name.
        name: String,
        /// Its topic.
        topic: String,
        /// Its kind.
        kind: RoomKind,
    },
    /// `room.deleted`: the log's last event.
    RoomDeleted,
}

impl Event {
    /// The message that it made, as it was made; none for any other event.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.body {
            EventBody::MessageCreated(message) => Some(message),
            EventBody::MemberJoined(_)
            | EventBody::MemberLeft(_)
            | EventBody::MemberChanged(_)
            | EventBody::RoomChanged { .. }
            | EventBody::RoomDeleted => None,
        }
    }
}

impl EventBody {
    /// The event's word, as it is written everywhere.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            EventBody::MessageCreated(_) => "message.created",
            EventBody::MemberJoined(_) => "member.joined",
            EventBody::MemberLeft(_) => "member.left",
            EventBody::MemberChanged(_) => "member.changed",
            EventBody::RoomChanged { .. } => "room.changed",
            EventBody::RoomDeleted => "room.deleted",
        }
    }
}
