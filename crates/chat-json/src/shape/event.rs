//! What happens in rooms.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Actor, Ban, ChangedRoom, Member, Message, User, is_one};
use crate::Time;

/// The table of events: the word, the room's type, and what an event has besides what all have.
macro_rules! events {
    ($(
        #[doc = $doc:literal]
        $word:literal $name:ident in $room:ty { $($(#[$meta:meta])* $field:ident: $type:ty,)* }
    )*) => {
        /// Something that happened in a room. `type` says what, `offset` is its place in the room's log.
        #[derive(Debug, Clone, Serialize, ToSchema)]
        #[serde(tag = "type")]
        pub enum Event<'a> {
            $(
                #[doc = $doc]
                #[serde(rename = $word)]
                $name {
                    /// The room.
                    room: $room,
                    /// The place in its log.
                    offset: u64,
                    /// When.
                    #[schema(value_type = String, format = DateTime)]
                    at: Time,
                    /// Who did it.
                    actor: Actor<'a>,
                    $($(#[$meta])* $field: $type,)*
                },
            )*
        }
    };
}

events! {
    /// A message was sent.
    "message.created" MessageCreated in &'a str {
        /// The message as it stands: what was edited away or deleted since is not told any more.
        message: Message<'a>,
    }
    /// A message has another text or data.
    "message.edited" MessageEdited in &'a str {
        /// The message as it stands.
        message: Message<'a>,
    }
    /// A message was deleted: only its place is left.
    "message.deleted" MessageDeleted in &'a str {
        /// What is left of it.
        message: Message<'a>,
    }
    /// A reaction was put on a message.
    "reaction.added" ReactionAdded in &'a str {
        /// The offset of the message.
        target: u64,
        /// The reaction.
        reaction: &'a str,
        /// How many have put it there now.
        count: u64,
    }
    /// A reaction was taken back.
    "reaction.removed" ReactionRemoved in &'a str {
        /// The offset of the message.
        target: u64,
        /// The reaction.
        reaction: &'a str,
        /// How many have put it there now.
        count: u64,
    }
    /// A message was pinned.
    "message.pinned" MessagePinned in &'a str {
        /// The offset of the message.
        target: u64,
    }
    /// A message is pinned no longer; one that is deleted is not either, without this event.
    "message.unpinned" MessageUnpinned in &'a str {
        /// The offset of the message.
        target: u64,
    }
    /// A user became a member, by themselves or invited by the actor.
    "member.joined" MemberJoined in &'a str {
        /// The member.
        member: Member<'a>,
    }
    /// A user left, or was removed by the actor.
    "member.left" MemberLeft in &'a str {
        /// The member that was.
        member: Member<'a>,
    }
    /// A member has another role, was muted, or no longer is.
    "member.changed" MemberChanged in &'a str {
        /// The member.
        member: Member<'a>,
    }
    /// A user is kept out of the room; a member left before.
    "member.banned" MemberBanned in &'a str {
        /// Who, until when, and why.
        ban: Ban<'a>,
    }
    /// A user may come again.
    "member.unbanned" MemberUnbanned in &'a str {
        /// Who.
        user: User<'a>,
    }
    /// The room has changed: `room` is the room as it is now, with its id.
    "room.changed" RoomChanged in ChangedRoom<'a> {}
    /// The room was deleted: the log's last event.
    "room.deleted" RoomDeleted in &'a str {}
}

/// Part of a room's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LogPage<'a> {
    /// The events, in the order of their offsets.
    pub items: Vec<Event<'a>>,
    /// The `after` to continue with; null at the log's end.
    #[schema(required)]
    pub next: Option<String>,
    /// The first event that is kept; left out where that is 1.
    #[serde(skip_serializing_if = "is_one")]
    #[schema(required = false)]
    pub first: u64,
    /// The log's end.
    pub offset: u64,
    /// Which log this is: another one than before means that the log was restored from an older copy, and
    /// what was read must be read anew.
    pub epoch: &'a str,
}
