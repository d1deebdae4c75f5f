//! Rooms and their logs on their way from one database to another: records that say all that the tables hold.
//! Rooms are named by their ids; the keys of the tables are each database's own.

mod export;
mod import;
mod uploads;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::MessageState;

pub use export::{count, export};
pub use import::{ImportError, Importer};

/// How many rows are read or written at once.
const PAGE: usize = 1000;

/// The kind of an event that is a message, as the records have it.
const CREATED: &str = "message.created";

/// One row. Times are microseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub enum RoomRecord {
    /// A room; its members follow, then its events. A deleted one has neither, and keeps its id from being given
    /// again.
    Room {
        id: String,
        name: String,
        topic: String,
        kind: String,
        created_at: i64,
        owner: i64,
        epoch: String,
        offset: i64,
        member_count: i64,
        deleted_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        people: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        read_only: bool,
        #[serde(default, skip_serializing_if = "is_zero")]
        slow_seconds: i64,
        #[serde(default, skip_serializing_if = "is_zero")]
        expire_seconds: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retention_seconds: Option<i64>,
        #[serde(default = "one", skip_serializing_if = "is_one")]
        first: i64,
    },
    /// A member.
    Member {
        room: String,
        user: i64,
        username: String,
        display_name: String,
        role: String,
        joined_at: i64,
        read: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted_until: Option<i64>,
    },
    /// An event; `message` is there for `message.created`, which has a table of its own, `body` for others that have one.
    Event {
        room: String,
        offset: i64,
        at: i64,
        actor: Actor,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<Box<MessageRecord>>,
        /// Whether it is the act of a moderator.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        act: bool,
    },
    /// A reaction of the actor of the event at `offset`; these follow the events.
    Reaction { room: String, message: i64, reaction: String, offset: i64, user: i64 },
    /// A user who follows the thread that begins with `thread`; these follow the reactions.
    Follow { room: String, thread: i64, user: i64 },
    /// A user whom another has blocked; these follow the rooms.
    Block { user: i64, blocked: i64, username: String, display_name: String, created_at: i64 },
    /// What a user says of themselves; these follow the blocks.
    Status { user: i64, text: String, hidden: bool, last_seen: Option<i64> },
    /// A message that is sent later, or was refused; these follow the statuses.
    Scheduled(Box<ScheduledRecord>),
    /// What a user has incurred in a room; these follow the versions.
    Sanction {
        room: String,
        user: i64,
        username: String,
        display_name: String,
        muted_until: Option<i64>,
        /// The greatest number for ever.
        banned_until: Option<i64>,
        reason: String,
    },
    /// A message that the event at `offset` pinned; these follow the sanctions.
    Pin { room: String, message: i64, offset: i64 },
    /// A message that was brought before the moderators; these follow what users have incurred. The reporter is nobody for a
    /// filter; the four last are there when it is settled.
    Report {
        room: String,
        message: i64,
        reporter: Option<Actor>,
        at: i64,
        reason: String,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled_by: Option<Actor>,
    },
    /// A message that a user has bookmarked; these follow the reports.
    Bookmark { room: String, message: i64, user: i64, note: String, created_at: i64 },
    /// A file, where its bytes are and which message has it. Those of a room follow its reports, those of no room the
    /// statuses. The bytes themselves are elsewhere.
    Upload {
        id: String,
        user: i64,
        name: String,
        size: i64,
        received: i64,
        parts: String,
        created_at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        removed_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<(i64, i64)>,
        /// Its type, bytes, width and height.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbnail: Option<(String, i64, i64, i64)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<i64>,
    },
    /// What a message said until the event at `offset` replaced it; these follow the events.
    Version {
        room: String,
        message: i64,
        offset: i64,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<String>,
    },
}

fn one() -> i64 {
    1
}

fn is_one(number: &i64) -> bool {
    *number == 1
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Who did it, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub struct Actor {
    pub id: i64,
    pub username: String,
    pub display_name: String,
}

/// A message as it stands. `data` is JSON in a text, which stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = crate::schema::messages)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub struct MessageRecord {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reactions: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_reply: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    pub attachments: Option<String>,
}

/// A message that is sent later, or was refused. One that is imported is tried at its time, or at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = crate::schema::scheduled)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub struct ScheduledRecord {
    pub id: String,
    #[diesel(column_name = user_id)]
    pub user: i64,
    pub room: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub send_at: i64,
    pub created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<i64>,
}

impl MessageRecord {
    /// What differs from a message as it was sent; none where nothing does.
    fn changed(&self) -> Option<MessageState<'_>> {
        let MessageRecord { edited_at, deleted_at, ref reactions, .. } = *self;
        let changed = edited_at.is_some() || deleted_at.is_some() || reactions.is_some();
        changed.then(|| MessageState {
            text: &self.text,
            data: self.data.as_deref(),
            edited_at,
            deleted_at,
            reactions: reactions.clone(),
            quote: self.quote.clone(),
            mentions: self.mentions.clone(),
            withheld: self.withheld,
            expires_at: self.expires_at,
            attachments: self.attachments.clone(),
        })
    }
}

impl RoomRecord {
    /// The word that its `type` is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RoomRecord::Room { .. } => "room",
            RoomRecord::Member { .. } => "member",
            RoomRecord::Event { .. } => "event",
            RoomRecord::Reaction { .. } => "reaction",
            RoomRecord::Follow { .. } => "follow",
            RoomRecord::Version { .. } => "version",
            RoomRecord::Block { .. } => "block",
            RoomRecord::Status { .. } => "status",
            RoomRecord::Sanction { .. } => "sanction",
            RoomRecord::Pin { .. } => "pin",
            RoomRecord::Report { .. } => "report",
            RoomRecord::Scheduled(_) => "scheduled",
            RoomRecord::Bookmark { .. } => "bookmark",
            RoomRecord::Upload { .. } => "upload",
        }
    }
}
