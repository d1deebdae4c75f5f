//! What can go wrong with a call, in the words that clients switch on.

use std::time::Duration;

use chat_core::{ChatError, Violation};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words;

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct CallError {
    /// What kind of refusal it is: each wire has its number for each kind.
    pub kind: ErrorKind,
    /// The stable word that clients switch on.
    pub code: &'static str,
    /// One sentence for people; it may change.
    pub detail: String,
    /// What is wrong with which field; empty where it is not about fields.
    pub errors: Vec<FieldError>,
    /// When trying again makes sense; none where it does not, or nobody knows.
    pub retry_after: Option<Duration>,
}

/// The kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request has not the form of one.
    Malformed,
    /// The request has its form, and a value in it breaks a rule.
    Invalid,
    /// Nobody knows who the caller is.
    Unauthorized,
    /// The caller may not do this.
    Forbidden,
    /// It is not there, or not visible to the caller.
    NotFound,
    /// It was there and is kept no longer.
    Gone,
    /// It does not go together with what is there.
    Conflict,
    /// The request is longer than is taken.
    TooLarge,
    /// The caller does this too often.
    TooManyRequests,
    /// What the call needs is away: try again.
    Unavailable,
    /// There is no call of this name.
    UnknownMethod,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, as the request names it.
    #[schema(example = "text")]
    pub field: String,
    /// A stable word.
    #[schema(example = "too_long")]
    pub code: &'static str,
    /// One sentence for people.
    #[schema(example = "text must be at most 16384 bytes long")]
    pub detail: String,
}

/// How long a client waits before it asks a store again that was away.
const UNAVAILABLE_RETRY: Duration = Duration::from_secs(1);

impl CallError {
    /// An error that is not about fields.
    pub fn new(kind: ErrorKind, code: &'static str, detail: impl Into<String>) -> CallError {
        CallError { kind, code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// An error about values, from what the rules say of them. A single one has a word of its own, such as
    /// `text_too_long`; several are `invalid`.
    #[must_use]
    pub fn invalid(violations: &[Violation]) -> CallError {
        let code = match violations {
            [violation] => words::specific(violation.field, words::problem(&violation.problem)),
            _ => "invalid",
        };
        let errors: Vec<FieldError> = violations
            .iter()
            .map(|violation| FieldError {
                field: violation.field.to_owned(),
                code: words::problem(&violation.problem),
                detail: violation.to_string(),
            })
            .collect();
        let detail = errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join("; ");
        CallError { kind: ErrorKind::Invalid, code, detail, errors, retry_after: None }
    }

    /// The caller does something too often.
    #[must_use]
    pub fn too_many_requests(retry_after: Duration) -> CallError {
        CallError {
            retry_after: Some(retry_after),
            ..CallError::new(ErrorKind::TooManyRequests, "too_many_requests", "too many requests")
        }
    }

    /// What the call needs is away.
    #[must_use]
    pub fn unavailable() -> CallError {
        CallError {
            retry_after: Some(UNAVAILABLE_RETRY),
            ..CallError::new(
                ErrorKind::Unavailable,
                "unavailable",
                "the store is unavailable: try again, a message with the same client_id",
            )
        }
    }
}

impl From<ChatError> for CallError {
    fn from(error: ChatError) -> CallError {
        let detail = error.to_string();
        let (kind, code) = match error {
            ChatError::Invalid(violations) => return CallError::invalid(&violations),
            ChatError::TooManyRequests { retry_after } => return CallError::too_many_requests(retry_after),
            ChatError::RoomNotFound => (ErrorKind::NotFound, "room_not_found"),
            ChatError::RoomExists => (ErrorKind::Conflict, "room_exists"),
            ChatError::MessageNotFound => (ErrorKind::NotFound, "message_not_found"),
            ChatError::AttachmentNotFound => (ErrorKind::NotFound, "attachment_not_found"),
            ChatError::MessageDeleted => (ErrorKind::Conflict, "message_deleted"),
            ChatError::Screened { .. } => (ErrorKind::Invalid, "text_refused"),
            ChatError::TooLate { .. } => (ErrorKind::Forbidden, "too_late"),
            ChatError::UserNotFound => (ErrorKind::NotFound, "user_not_found"),
            ChatError::MemberNotFound => (ErrorKind::NotFound, "member_not_found"),
            ChatError::NotAMember => (ErrorKind::Forbidden, "not_a_member"),
            ChatError::ReadOnly => (ErrorKind::Forbidden, "read_only"),
            ChatError::Muted { .. } => (ErrorKind::Forbidden, "muted"),
            ChatError::Banned { .. } => (ErrorKind::Forbidden, "banned"),
            ChatError::ScheduledNotFound => (ErrorKind::NotFound, "scheduled_not_found"),
            ChatError::BeingSent => (ErrorKind::Conflict, "being_sent"),
            ChatError::BanNotFound => (ErrorKind::NotFound, "ban_not_found"),
            ChatError::ReportNotFound => (ErrorKind::NotFound, "report_not_found"),
            ChatError::DirectRoom => (ErrorKind::Forbidden, "direct_room"),
            ChatError::Forbidden { .. } => (ErrorKind::Forbidden, "forbidden"),
            ChatError::OwnerRequired => (ErrorKind::Conflict, "owner_required"),
            ChatError::LimitReached { .. } => (ErrorKind::Conflict, "limit_reached"),
            ChatError::SearchDisabled => (ErrorKind::NotFound, "search_disabled"),
            ChatError::PreviewsDisabled => (ErrorKind::NotFound, "previews_disabled"),
            ChatError::EventsGone { .. } => (ErrorKind::Gone, "events_gone"),
            ChatError::UnknownPosition => (ErrorKind::Conflict, "unknown_position"),
            ChatError::AlreadySubscribed => (ErrorKind::Conflict, "already_subscribed"),
            ChatError::Unavailable => return CallError::unavailable(),
            // What chat-core may add later is, until it stands here, a call that did not work.
            _ => return CallError::unavailable(),
        };
        CallError::new(kind, code, detail)
    }
}
