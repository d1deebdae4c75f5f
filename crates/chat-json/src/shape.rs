//! What the chat's things look like in JSON. Each borrows what it shows.

use chat_core::UserId;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Time;

/// What others see of a user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User<'a> {
    /// The account: a decimal number, as text.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub id: UserId,
    /// The unique name.
    #[schema(example = "ada")]
    pub username: &'a str,
    /// The name to show.
    #[schema(example = "Ada")]
    pub display_name: &'a str,
}

/// Who did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Actor<'a> {
    /// The account: a decimal number, as text.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub id: UserId,
    /// The unique name, as it was then.
    #[schema(example = "ada")]
    pub username: &'a str,
}

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everyone signed in may find, read and join it.
    Public,
    /// Only members know of it; one is invited.
    Private,
}

/// What a member may do; each may all that those after it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Also deletes the room and gives roles. Each room has exactly one.
    Owner,
    /// Also changes the room, and invites and removes members and readers.
    Moderator,
    /// Reads and sends.
    Member,
    /// Reads.
    Reader,
}

/// A room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Room<'a> {
    /// Its name on the wire.
    #[schema(example = "general", pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub id: &'a str,
    /// Its name for people.
    #[schema(example = "General")]
    pub name: &'a str,
    /// What it is about; empty for nothing.
    pub topic: &'a str,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Its owner.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub owner: UserId,
    /// The last event of its log.
    pub offset: u64,
    /// How many members it has.
    pub member_count: u64,
    /// The caller's role; left out for one who is no member, and in what is told to more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// What of a room can be changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedRoom<'a> {
    /// Its name on the wire, which stays.
    #[schema(example = "general")]
    pub id: &'a str,
    /// Its name for people.
    #[schema(example = "General")]
    pub name: &'a str,
    /// What it is about; empty for nothing.
    pub topic: &'a str,
    /// Who may find and enter it.
    pub kind: RoomKind,
}

/// A user in a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member<'a> {
    /// The user, as when they joined.
    pub user: User<'a>,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Time,
}

/// A message. `room` and `offset` name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Message<'a> {
    /// Where it was sent.
    #[schema(example = "general")]
    pub room: &'a str,
    /// The offset of the event that made it.
    #[schema(example = 42)]
    pub offset: u64,
    /// Who sent it.
    pub sender: User<'a>,
    /// The text as it was sent.
    #[schema(example = "Good morning")]
    pub text: &'a str,
    /// What the sending application added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<&'a RawValue>,
    /// The message it answers, in the same room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// The sender's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
}

/// A user who is connected to a room now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Present<'a> {
    /// The user.
    pub user: User<'a>,
    /// On how many connections.
    pub connections: u64,
}

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
        /// The message.
        message: Message<'a>,
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
    /// This log-in of the user has ended.
    #[serde(rename = "session.ended")]
    SessionEnded {
        /// The log-in.
        session: &'a str,
    },
}

/// Part of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to continue with; null at the list's end.
    #[schema(required)]
    pub next: Option<String>,
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

/// Writes an id as text.
fn as_text<S: Serializer>(id: &UserId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
