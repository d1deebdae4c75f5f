//! The words for what is wrong with a field.

use chat_core::Problem;

/// The word for a problem, whatever the field.
pub(crate) fn problem(problem: &Problem) -> &'static str {
    match problem {
        Problem::Empty => "empty",
        Problem::TooLong { .. } => "too_long",
        Problem::TooShort { .. } => "too_short",
        Problem::ForbiddenCharacter => "forbidden_character",
        Problem::Unknown { .. } => "unknown",
        Problem::Refused => "refused",
        Problem::Count { .. } => "count",
        Problem::Malformed { .. } => MALFORMED,
        // What chat-core may add later is, until it stands here, a value that is not of its form.
        _ => MALFORMED,
    }
}

/// The word for a value that is not of its form.
pub(crate) const MALFORMED: &str = "malformed";

/// The table of field and problem in one word.
macro_rules! specific {
    ($($field:literal)*) => {
        /// The one word for a problem of a field: `text_too_long`. A field that is not in the table gives
        /// `invalid`.
        pub(crate) fn specific(field: &str, problem: &'static str) -> &'static str {
            match field {
                $($field => match problem {
                    "empty" => concat!($field, "_empty"),
                    "too_long" => concat!($field, "_too_long"),
                    "too_short" => concat!($field, "_too_short"),
                    "forbidden_character" => concat!($field, "_forbidden_character"),
                    "unknown" => concat!($field, "_unknown"),
                    "refused" => concat!($field, "_refused"),
                    "count" => concat!($field, "_count"),
                    MALFORMED => concat!($field, "_malformed"),
                    _ => "invalid",
                },)*
                _ => "invalid",
            }
        }
    };
}

specific! {
    "id" "room" "name" "topic" "kind" "slow_seconds" "expire_seconds" "retention_seconds" "seconds" "reason" "verdict"
    "note" "action" "words"
    "user" "users" "role"
    "attachments" "attachment" "variant"
    "text" "status" "data" "client_id" "reply_to" "expires_in" "offset" "reaction" "send_at"
    "limit" "cursor" "before" "after" "mine" "format" "q" "sender" "has" "order"
    "username" "email" "password" "display_name" "current_password" "new_password" "refresh_token" "session"
}
