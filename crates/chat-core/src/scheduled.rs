//! Messages that are sent later.

use std::time::Duration;

use crate::{ChatError, NewMessage, RoomId, ScheduledId, Timestamp, UserId};

/// A message that waits for its time, or was refused when that had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// Its name.
    pub id: ScheduledId,
    /// Whose it is.
    pub user: UserId,
    /// Where it goes.
    pub room: RoomId,
    /// What it says. Its `client_id` is the one that was given.
    pub message: NewMessage,
    /// When.
    pub send_at: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
    /// Why it was not sent; none while it waits.
    pub failed: Option<Failure>,
}

impl Scheduled {
    /// How far ahead a message may be scheduled: 365 days.
    pub const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// The message to be sent. It has a `client_id` in any case, so that it is sent once however often that is tried.
    #[must_use]
    pub fn to_send(&self) -> NewMessage {
        let client_id = self.message.client_id.clone().unwrap_or_else(|| self.id.client_id());
        NewMessage { client_id: Some(client_id), ..self.message.clone() }
    }

    /// Its place in the list of its user.
    #[must_use]
    pub fn cursor(&self) -> ScheduledCursor {
        ScheduledCursor { send_at: self.send_at, id: self.id.clone() }
    }
}

/// Why a message was not sent when its time had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable word of what refused it, as it would have been answered: `not_a_member`.
    pub code: String,
    /// When.
    pub at: Timestamp,
}

impl Failure {
    /// The word for a refusal.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "what a send that waited cannot meet needs no word")]
    pub fn code_of(error: &ChatError) -> &'static str {
        match error {
            ChatError::RoomNotFound => "room_not_found",
            ChatError::UserNotFound => "user_not_found",
            ChatError::NotAMember => "not_a_member",
            ChatError::Forbidden { .. } => "forbidden",
            ChatError::ReadOnly => "read_only",
            ChatError::Muted { .. } => "muted",
            ChatError::Banned { .. } => "banned",
            ChatError::Invalid(violations) if violations.iter().all(|one| one.field == "reply_to") => {
                "reply_to_unknown"
            }
            ChatError::Screened { .. } => "text_refused",
            ChatError::Invalid(_) => "invalid",
            _ => "refused",
        }
    }
}

/// What shall change of a message that waits; none leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduledChanges {
    /// Another text.
    pub text: Option<String>,
    /// Other data.
    pub data: Option<String>,
    /// Another time.
    pub send_at: Option<Timestamp>,
}

/// A place in a user's list of messages that wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduledCursor {
    /// When the last one is to be sent.
    pub send_at: Timestamp,
    /// The last one.
    pub id: ScheduledId,
}

/// A message whose time has come, taken by a node to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The message.
    pub scheduled: Scheduled,
    /// How often it was tried before.
    pub attempts: u32,
    /// Until when nobody else takes it: with its id, what the node settles it by.
    pub taken_until: Timestamp,
}

/// What came of trying to send one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was sent: nothing is left of it.
    Sent,
    /// It is to be tried again then.
    Later(Timestamp),
    /// It was refused, and waits for its owner.
    Failed(Failure),
}
