//! Rooms and their members.

use std::fmt;
use std::sync::Arc;

use crate::{Epoch, Offset, Position, Profile, RoomId, Timestamp, UserId, WordFilter};

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum RoomKind {
    /// Everyone signed in may find, read and join it.
    Public,
    /// Only members know of it; one is invited.
    Private,
    /// Only the people for whom it was opened know of it, and they stay the same.
    Direct,
}

/// What a member may do. Ordered: a greater role may all that a lesser one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and sends.
    Member,
    /// Also changes the room, and invites and removes members and readers.
    Moderator,
    /// Also deletes the room and gives roles. Each room has exactly one.
    Owner,
}

impl Role {
    /// The role's word, as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Member => "member",
            Role::Moderator => "moderator",
            Role::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A room as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Its name on the wire; never given to another room.
    pub id: RoomId,
    /// Its name for people; empty for a direct room.
    pub name: String,
    /// What it is about; empty for nothing.
    pub topic: String,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its one owner; of a direct room, who opened it, which gives them no right.
    pub owner: UserId,
    /// Its log.
    pub epoch: Epoch,
    /// The log's first event that is kept, or where the log is empty, the one that will come.
    pub first: Offset,
    /// The log's last event.
    pub offset: Offset,
    /// How many members it has, readers among them.
    pub member_count: u64,
    /// Whether moderators alone write.
    pub read_only: bool,
    /// How long others wait between their messages; 0 for not at all.
    pub slow_seconds: u32,
    /// After how long its messages expire; 0 for never.
    pub expire_seconds: u32,
    /// What filters its messages; none where nothing does.
    pub filter: Option<Arc<WordFilter>>,
    /// For how long its log is kept; 0 for as long as the server keeps any.
    pub retention_seconds: u32,
    /// Whose it is, by their ids, for a direct room; nobody for any other.
    pub people: Vec<Profile>,
}

impl Room {
    /// The other one of the two whose direct room it is.
    #[must_use]
    pub fn other(&self, user: UserId) -> Option<&Profile> {
        if self.people.len() != 2 {
            return None;
        }
        self.people.iter().find(|one| one.id != user)
    }

    /// Where a reader stands who has seen the whole log.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { offset: self.offset, epoch: self.epoch.clone() }
    }
}

/// A user in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Member {
    /// The user, as when they joined.
    pub user: Profile,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub joined_at: Timestamp,
    /// Until when they may not write; a time that has passed means nothing.
    pub muted_until: Option<Timestamp>,
}
