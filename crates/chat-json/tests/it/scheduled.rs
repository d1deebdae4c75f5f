//! Messages that are sent later.

use chat_core::{ChatError, Failure, Problem, Role, Timestamp};
use chat_json::CallError;

#[test]
fn what_refused_one_has_the_word_that_sending_it_would_have() {
    let unknown = Problem::Unknown { what: "message" };
    for error in [
        ChatError::RoomNotFound,
        ChatError::UserNotFound,
        ChatError::NotAMember,
        ChatError::Forbidden { needs: Role::Member },
        ChatError::ReadOnly,
        ChatError::Muted { until: Timestamp::now() },
        ChatError::Banned { until: None },
        ChatError::Screened { reason: String::new() },
        ChatError::invalid("reply_to", unknown),
    ] {
        assert_eq!(Failure::code_of(&error), CallError::from(error).code);
    }
}
