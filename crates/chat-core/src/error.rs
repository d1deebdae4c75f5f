//! What can go wrong, in the words of the chat.

use std::fmt;
use std::time::Duration;

use crate::{Offset, Role, Timestamp};

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field, as the request names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It must be there and is not, or is empty, or is nothing but white space.
    Empty,
    /// It is longer than `limit`, counted in `unit`.
    TooLong {
        /// The longest that is taken.
        limit: usize,
        /// `characters` or `bytes`.
        unit: &'static str,
    },
    /// It is shorter than `limit`, counted in `unit`.
    TooShort {
        /// The shortest that is taken.
        limit: usize,
        /// `characters` or `bytes`.
        unit: &'static str,
    },
    /// It has a control character, or one that cannot be seen.
    ForbiddenCharacter,
    /// It says what a filter does not let pass.
    Refused,
    /// It has more or fewer items than it may.
    Count {
        /// The least.
        least: usize,
        /// The most.
        most: usize,
        /// What they are: `others`.
        what: &'static str,
    },
    /// It is not of its form.
    Malformed {
        /// What would have been right: `1 to 64 of the characters …`.
        expected: &'static str,
    },
    /// It names something that is not there.
    Unknown {
        /// What was looked for: `message`, `user`.
        what: &'static str,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field;
        match &self.problem {
            Problem::Empty => write!(f, "{field} must not be empty"),
            Problem::TooLong { limit, unit } => write!(f, "{field} must be at most {limit} {unit} long"),
            Problem::TooShort { limit, unit } => write!(f, "{field} must be at least {limit} {unit} long"),
            Problem::ForbiddenCharacter => write!(f, "{field} must not have control or invisible characters"),
            Problem::Refused => write!(f, "{field} must not have words that are filtered here"),
            Problem::Count { least, most, what } => write!(f, "{field} must name {least} to {most} {what}"),
            Problem::Malformed { expected } => write!(f, "{field} must be {expected}"),
            Problem::Unknown { what } => write!(f, "{field} names no {what}"),
        }
    }
}

/// Why a use case was refused. Nothing has happened when one of these is returned, but for
/// [`ChatError::Unavailable`], which leaves it open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// Values of the request break a rule; each one is named. Never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Violation>),
    /// There is no such room, or the caller may not know of it.
    #[error("there is no such room")]
    RoomNotFound,
    /// A room of this id exists, or existed.
    #[error("a room with this id exists already")]
    RoomExists,
    /// There is no such message in the room.
    #[error("there is no such message")]
    MessageNotFound,
    /// The message has no such attachment.
    #[error("the message has no such attachment")]
    AttachmentNotFound,
    /// The message was deleted.
    #[error("this message was deleted")]
    MessageDeleted,
    /// It was the caller's to change for a while only.
    #[error("your messages are yours to edit and delete for {} seconds", .limit.as_secs())]
    TooLate {
        /// For how long.
        limit: Duration,
    },
    /// The hook that judges messages does not let this one pass.
    #[error("{}", if .reason.is_empty() { "this message is not taken here" } else { .reason })]
    Screened {
        /// Why, as the hook has it; may be empty.
        reason: String,
    },
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// The user that the call is about is not a member of the room.
    #[error("this user is not a member of the room")]
    MemberNotFound,
    /// The caller is not a member, and the call needs that.
    #[error("you are not a member of this room")]
    NotAMember,
    /// The caller's role does not allow it.
    #[error("your role does not allow this: it needs {needs}")]
    Forbidden {
        /// The least role that may.
        needs: Role,
    },
    /// In this room moderators alone write.
    #[error("only moderators write in this room")]
    ReadOnly,
    /// The caller may not write for a while.
    #[error("you are muted in this room")]
    Muted {
        /// Until when.
        until: Timestamp,
    },
    /// The user may not come to this room.
    #[error("banned from this room")]
    Banned {
        /// Until when; none for ever.
        until: Option<Timestamp>,
    },
    /// The caller has no such scheduled message.
    #[error("there is no such scheduled message")]
    ScheduledNotFound,
    /// Its time has come, and it can no longer be changed.
    #[error("this message is being sent")]
    BeingSent,
    /// The user is not banned.
    #[error("this user is not banned from the room")]
    BanNotFound,
    /// No report of this message waits.
    #[error("no report of this message waits to be settled")]
    ReportNotFound,
    /// A direct room belongs to its people alike, and stays as it was opened.
    #[error("nobody may do this in a direct room")]
    DirectRoom,
    /// The only owner cannot leave, be removed or be demoted: make another member the owner first.
    #[error("a room needs its owner: make another member the owner first, or delete the room")]
    OwnerRequired,
    /// A limit of the configuration is reached.
    #[error("the limit of {limit} {what} is reached")]
    LimitReached {
        /// What is counted: `rooms`, `members`.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// The caller does this too often.
    #[error("too many requests")]
    TooManyRequests {
        /// When to try again.
        retry_after: Duration,
    },
    /// Searching is switched off.
    #[error("searching is switched off")]
    SearchDisabled,
    /// The caller's position belongs to another log than the room's.
    #[error("this position is not in the room's log")]
    UnknownPosition,
    /// What follows the caller's position was removed from the log's beginning.
    #[error("the room's log begins with {first}: what was before is kept no longer")]
    EventsGone {
        /// The first event that is kept.
        first: Offset,
    },
    /// The connection has this subscription already.
    #[error("already subscribed")]
    AlreadySubscribed,
    /// Nobody looks at the pages to which messages lead.
    #[error("this server shows no previews of links")]
    PreviewsDisabled,
    /// The store cannot be used now; whether a change was kept is open, so repeat it with its `client_id`.
    #[error("the store is unavailable: try again")]
    Unavailable,
}

impl ChatError {
    /// The error for a single field.
    #[must_use]
    pub fn invalid(field: &'static str, problem: Problem) -> ChatError {
        ChatError::Invalid(vec![Violation { field, problem }])
    }
}
