//! What happens in a room.

use std::sync::Arc;

use crate::{
    Ban, FilterAction, Member, Message, Offset, Profile, Reaction, Room, RoomId, RoomKind, Timestamp, UserId,
};

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

/// What an event says. Of a message it shows what stands when the event is read: what was edited away or deleted is in no
/// event any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum EventBody {
    /// `message.created`. The message's sender, offset and time are the event's.
    MessageCreated(Arc<Message>),
    /// `message.edited`: the message has another text or data.
    MessageEdited(Arc<Message>),
    /// `message.deleted`: of the message only its place is left.
    MessageDeleted(Arc<Message>),
    /// `reaction.added`: the actor put a reaction on a message.
    ReactionAdded(Reacting),
    /// `reaction.removed`: the actor took a reaction back.
    ReactionRemoved(Reacting),
    /// `message.pinned`: the message at this offset is pinned, until an unpinning or its deletion.
    MessagePinned(Offset),
    /// `message.unpinned`: it no longer is.
    MessageUnpinned(Offset),
    /// `member.joined`: a user became a member, by themselves or invited by the actor.
    MemberJoined(Member),
    /// `member.left`: a user left, or was removed by the actor.
    MemberLeft(Member),
    /// `member.changed`: a member has another role, is muted, or no longer is.
    MemberChanged(Member),
    /// `member.banned`: a user is kept out of the room.
    MemberBanned(Ban),
    /// `member.unbanned`: a user may come again.
    MemberUnbanned(Profile),
    /// `room.changed`: how the room is now.
    RoomChanged(RoomState),
    /// `room.deleted`: the log's last event.
    RoomDeleted,
}

/// What of a room can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RoomState {
    /// Its name.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// Its kind.
    pub kind: RoomKind,
    /// Whether moderators alone write.
    pub read_only: bool,
    /// How long others wait between their messages; 0 for not at all.
    pub slow_seconds: u32,
    /// After how long its messages expire; 0 for never.
    pub expire_seconds: u32,
    /// What becomes of messages that have filtered words; none where none are filtered. The words are told to moderators alone.
    pub filter: Option<FilterAction>,
    /// For how long its log is kept; 0 for as long as the server keeps any.
    pub retention_seconds: u32,
}

impl RoomState {
    /// How a room is now.
    pub(crate) fn of(room: &Room) -> RoomState {
        RoomState {
            name: room.name.clone(),
            topic: room.topic.clone(),
            kind: room.kind,
            read_only: room.read_only,
            slow_seconds: room.slow_seconds,
            expire_seconds: room.expire_seconds,
            retention_seconds: room.retention_seconds,
            filter: room.filter.as_ref().map(|filter| filter.action()),
        }
    }
}

/// A reaction that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reacting {
    /// The message.
    pub message: Offset,
    /// The reaction.
    pub reaction: Reaction,
    /// How many have put it there now.
    pub count: u64,
}

impl Event {
    /// Whether it is the act of a moderator on the room or on somebody else. Pins in a direct room count too, since an event
    /// does not know its room's kind; nobody reads the acts there.
    #[must_use]
    pub fn is_moderation(&self) -> bool {
        match &self.body {
            EventBody::MessageEdited(message) | EventBody::MessageDeleted(message) => {
                message.sender.id != self.actor.id
            }
            EventBody::MemberLeft(member) => member.user.id != self.actor.id,
            EventBody::MessagePinned(_)
            | EventBody::MessageUnpinned(_)
            | EventBody::MemberChanged(_)
            | EventBody::MemberBanned(_)
            | EventBody::MemberUnbanned(_)
            | EventBody::RoomChanged(_)
            | EventBody::RoomDeleted => true,
            EventBody::MessageCreated(_)
            | EventBody::ReactionAdded(_)
            | EventBody::ReactionRemoved(_)
            | EventBody::MemberJoined(_) => false,
        }
    }

    /// The message that it made; none for any other event.
    #[must_use]
    pub fn created(&self) -> Option<&Message> {
        self.message().filter(|message| message.offset == self.offset)
    }

    /// The message that it made, edited or deleted, as it stands; none for any other event.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        let (EventBody::MessageCreated(message)
        | EventBody::MessageEdited(message)
        | EventBody::MessageDeleted(message)) = &self.body
        else {
            return None;
        };
        Some(message)
    }

    /// The same, to be changed.
    pub fn message_mut(&mut self) -> Option<&mut Message> {
        self.shared().map(Arc::make_mut)
    }

    fn shared(&mut self) -> Option<&mut Arc<Message>> {
        let (EventBody::MessageCreated(message)
        | EventBody::MessageEdited(message)
        | EventBody::MessageDeleted(message)) = &mut self.body
        else {
            return None;
        };
        Some(message)
    }

    /// The event as this user is shown it at this moment; see [`Message::seen_by`].
    #[must_use]
    pub fn seen_by(self: &Arc<Event>, viewer: UserId, now: Timestamp) -> Arc<Event> {
        match self.message().filter(|message| message.may_look_otherwise(now)) {
            None => self.clone(),
            Some(message) => Arc::new(Event::clone(self).with_message(message.clone().seen_by(viewer, now))),
        }
    }

    /// The event as it is shown at this moment, whoever is shown it; see [`Message::at`].
    #[must_use]
    pub fn at(self: &Arc<Event>, now: Timestamp) -> Arc<Event> {
        match self.message().filter(|message| message.is_expired(now)) {
            None => self.clone(),
            Some(message) => Arc::new(Event::clone(self).with_message(message.clone().at(now))),
        }
    }

    /// The event as it is told in a log that begins with `first`: of a message that was removed it says who sent it and when.
    #[must_use]
    pub fn told_from(self: &Arc<Event>, first: Offset) -> Arc<Event> {
        match self.message().filter(|message| message.offset < first) {
            None => self.clone(),
            Some(message) => Arc::new(Event::clone(self).with_message(message.removed(self.at))),
        }
    }

    /// The same event with its message as it stands now; any other event stays as it is.
    #[must_use]
    pub fn with_message(mut self, now: Message) -> Event {
        if let Some(message) = self.shared() {
            *message = Arc::new(now);
        }
        self
    }
}

impl EventBody {
    /// The event's word, as it is written everywhere.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            EventBody::MessageCreated(_) => "message.created",
            EventBody::MessageEdited(_) => "message.edited",
            EventBody::MessageDeleted(_) => "message.deleted",
            EventBody::ReactionAdded(_) => "reaction.added",
            EventBody::ReactionRemoved(_) => "reaction.removed",
            EventBody::MessagePinned(_) => "message.pinned",
            EventBody::MessageUnpinned(_) => "message.unpinned",
            EventBody::MemberJoined(_) => "member.joined",
            EventBody::MemberLeft(_) => "member.left",
            EventBody::MemberChanged(_) => "member.changed",
            EventBody::MemberBanned(_) => "member.banned",
            EventBody::MemberUnbanned(_) => "member.unbanned",
            EventBody::RoomChanged(_) => "room.changed",
            EventBody::RoomDeleted => "room.deleted",
        }
    }
}
