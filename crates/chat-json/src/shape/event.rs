//! What happens in rooms.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Actor, ChangedRoom, Member, Message};
use crate::Time;

/// Something that happened in a room. `type` says what, `offset` is its place in the room's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum Event<'a> {
    /// A message was sent.
    #[serde(rename = "message.created")]
    MessageCreated {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who sent it.
        actor: Actor<'a>,
        /// The message as it stands: what was edited away or deleted since is not told any more.
        message: Message<'a>,
    },
    /// A message has another text or data.
    #[serde(rename = "message.edited")]
    MessageEdited {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The message as it stands.
        message: Message<'a>,
    },
    /// A message was deleted: only its place is left.
    #[serde(rename = "message.deleted")]
    MessageDeleted {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// What is left of it.
        message: Message<'a>,
    },
    /// A reaction was put on a message.
    #[serde(rename = "reaction.added")]
    ReactionAdded {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The offset of the message.
        target: u64,
        /// The reaction.
        reaction: &'a str,
        /// How many have put it there now.
        count: u64,
    },
    /// A reaction was taken back.
    #[serde(rename = "reaction.removed")]
    ReactionRemoved {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The offset of the message.
        target: u64,
        /// The reaction.
        reaction: &'a str,
        /// How many have put it there now.
        count: u64,
    },
    /// A user became a member, by themselves or invited by the actor.
    #[serde(rename = "member.joined")]
    MemberJoined {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The member.
        member: Member<'a>,
    },
    /// A user left, or was removed by the actor.
    #[serde(rename = "member.left")]
    MemberLeft {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The member that was.
        member: Member<'a>,
    },
    /// A member has another role.
    #[serde(rename = "member.changed")]
    MemberChanged {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
        /// The member.
        member: Member<'a>,
    },
    /// The room has another name, topic or kind.
    #[serde(rename = "room.changed")]
    RoomChanged {
        /// The room as it is now; its id is in it.
        room: ChangedRoom<'a>,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
    },
    /// The room was deleted: the log's last event.
    #[serde(rename = "room.deleted")]
    RoomDeleted {
        /// The room.
        room: &'a str,
        /// The place in its log.
        offset: u64,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        at: Time,
        /// Who did it.
        actor: Actor<'a>,
    },
}

/// Part of a room's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LogPage<'a> {
    /// The events, in the order of their offsets.
    pub items: Vec<Event<'a>>,
    /// The `after` to continue with; null at the log's end.
    #[schema(required)]
    pub next: Option<String>,
    /// The log's end.
    pub offset: u64,
    /// Which log this is: another one than before means that the log was restored from an older copy, and
    /// what was read must be read anew.
    pub epoch: &'a str,
}
