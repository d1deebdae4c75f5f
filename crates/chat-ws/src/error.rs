//! The one table from what went wrong to the codes of the client protocol.

use chat_core::{ChatError, CloseReason, EndReason};
use chat_json::{CallError, ErrorKind};
use chat_proto::{Disconnect, ErrorBody, ErrorCode};

/// The error of a reply. Its message begins with the stable word that clients switch on.
pub(crate) fn error_body(error: &CallError) -> ErrorBody {
    let code = match (error.kind, error.code) {
        (_, "room_not_found") => ErrorCode::UnknownChannel,
        (_, "unknown_position") | (ErrorKind::Gone, _) => ErrorCode::UnrecoverablePosition,
        (_, "already_subscribed") => ErrorCode::AlreadySubscribed,
        (_, "limit_reached") | (ErrorKind::TooLarge, _) => ErrorCode::LimitExceeded,
        (ErrorKind::Unauthorized, _) => ErrorCode::Unauthorized,
        (ErrorKind::Forbidden, _) => ErrorCode::PermissionDenied,
        (ErrorKind::TooManyRequests, _) => ErrorCode::TooManyRequests,
        (ErrorKind::Unavailable, _) => ErrorCode::Internal,
        (ErrorKind::UnknownMethod, _) => ErrorCode::MethodNotFound,
        (ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict, _) => {
            ErrorCode::BadRequest
        }
    };
    ErrorBody::with_message(code, format!("{}: {}", error.code, error.detail))
}

/// The same for an error of a use case.
pub(crate) fn chat_error_body(error: ChatError) -> ErrorBody {
    error_body(&CallError::from(error))
}

/// How a connection is closed that the hub closes.
pub(crate) fn disconnect(reason: CloseReason) -> Disconnect {
    match reason {
        CloseReason::Slow => Disconnect::Slow,
        CloseReason::Shutdown => Disconnect::Shutdown,
        CloseReason::SessionEnded => Disconnect::ForceDisconnect,
        // Removed, or the room deleted: the classic wire has no other word for it.
        CloseReason::Ended(EndReason::Removed) => Disconnect::PermissionDenied,
        CloseReason::Ended(EndReason::InsufficientState) => Disconnect::InsufficientState,
    }
}
