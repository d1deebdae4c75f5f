//! Rooms and who is in them.

use chat_core::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{FilterAction, User, as_text};
use crate::Time;

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everyone signed in may find, read and join it.
    Public,
    /// Only members know of it; one is invited.
    Private,
    /// Only the people for whom it was opened know of it, and they stay the same.
    Direct,
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
    /// Its name for people; empty for a direct room.
    #[schema(example = "General")]
    pub name: &'a str,
    /// What it is about; empty for nothing.
    pub topic: &'a str,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Its owner; of a direct room, who opened it, which gives them no right.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub owner: UserId,
    /// The first event of its log that is kept; left out where that is 1.
    #[serde(skip_serializing_if = "is_one")]
    #[schema(required = false)]
    pub first: u64,
    /// The last event of its log.
    pub offset: u64,
    /// How many members it has.
    pub member_count: u64,
    /// Whether moderators alone write; left out where others do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub read_only: bool,
    /// How many seconds others wait between their messages; left out where they do not.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub slow_seconds: u32,
    /// After how many seconds its messages expire; left out where they do not.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub expire_seconds: u32,
    /// What becomes of messages that have filtered words; left out where none are filtered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterAction>,
    /// For how many seconds its log is kept; left out where that is as long as the server keeps any.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub retention_seconds: u32,
    /// Whose it is, for a direct room; left out for any other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub people: Vec<User<'a>>,
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
    /// Whether moderators alone write; left out where others do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub read_only: bool,
    /// How many seconds others wait between their messages; left out where they do not.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub slow_seconds: u32,
    /// After how many seconds its messages expire; left out where they do not.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub expire_seconds: u32,
    /// What becomes of messages that have filtered words; left out where none are filtered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterAction>,
    /// For how many seconds its log is kept; left out where that is as long as the server keeps any.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub retention_seconds: u32,
}

/// Whether a log begins with its first event.
pub(super) fn is_one(number: &u64) -> bool {
    *number == 1
}

fn is_zero(number: &u32) -> bool {
    *number == 0
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
    /// Until when they may not write; it may have passed. Left out where they were not muted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub muted_until: Option<Time>,
}
