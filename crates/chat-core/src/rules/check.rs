//! What is wrong with the values of a command.

use crate::{ChatError, Limits, Problem, Report, Violation};

/// Collects what is wrong into one error.
pub(super) fn check(violations: Vec<Option<Violation>>) -> Result<(), ChatError> {
    let violations: Vec<Violation> = violations.into_iter().flatten().collect();
    if violations.is_empty() { Ok(()) } else { Err(ChatError::Invalid(violations)) }
}

/// What is wrong with a name that people see: empty, too long, or characters that nobody sees.
#[must_use]
pub fn check_name(field: &'static str, name: &str, limit: usize) -> Option<Violation> {
    let problem = if name.trim().is_empty() {
        Problem::Empty
    } else if name.chars().count() > limit {
        Problem::TooLong { limit, unit: "characters" }
    } else if name.chars().any(is_invisible) {
        Problem::ForbiddenCharacter
    } else {
        return None;
    };
    Some(Violation { field, problem })
}

pub(super) fn check_topic(topic: &str, limit: usize) -> Option<Violation> {
    if topic.is_empty() { None } else { check_name("topic", topic, limit) }
}

/// What is wrong with what somebody says to an act, which may be nothing.
pub(crate) fn check_reason(field: &'static str, reason: &str) -> Result<(), ChatError> {
    check(vec![wrong_reason(field, reason)])
}

pub(super) fn wrong_reason(field: &'static str, reason: &str) -> Option<Violation> {
    if reason.is_empty() { None } else { check_name(field, reason, Report::REASON_CHARS) }
}

pub(super) fn check_text(text: &str, may_be_empty: bool, limits: &Limits) -> Option<Violation> {
    let problem = if !may_be_empty && text.chars().all(is_blank) {
        Problem::Empty
    } else if text.len() > limits.text_bytes {
        Problem::TooLong { limit: limits.text_bytes, unit: "bytes" }
    } else if text.contains('\0') {
        // PostgreSQL's text cannot hold it, and a log must be able to move there.
        Problem::ForbiddenCharacter
    } else {
        return None;
    };
    Some(Violation { field: "text", problem })
}

pub(super) fn check_data(data: Option<&str>, limits: &Limits) -> Option<Violation> {
    let limit = limits.data_bytes;
    let too_long = data.is_some_and(|data| data.len() > limit);
    too_long.then_some(Violation { field: "data", problem: Problem::TooLong { limit, unit: "bytes" } })
}

/// What alone shows nothing: spaces, what is invisible, and what only joins.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0F}')
}

/// Control characters, and those that turn the reading direction or take no room: in a name they only serve
/// to look like another.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}
