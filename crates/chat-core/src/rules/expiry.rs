//! Messages that expire.

use std::time::Duration;

use super::{Decision, Deed};
use crate::{ChatError, Limits, Message, Outcome, Problem, Timestamp, Violation};

/// The shortest and the longest life of a message that expires, in seconds: a year.
const TERM: std::ops::RangeInclusive<u64> = 5..=365 * 24 * 60 * 60;

pub(super) fn check_term(field: &'static str, seconds: u64) -> Option<Violation> {
    let expected = "5 to 31536000, which is a year";
    let wrong = Violation { field, problem: Problem::Malformed { expected } };
    (!TERM.contains(&seconds)).then_some(wrong)
}

impl Deed<'_> {
    /// When a message expires that is sent now: after so many seconds, but no later than the room lets it live.
    pub(super) fn end_of_message(&self, asked: Option<u64>) -> Option<Timestamp> {
        let most = Some(u64::from(self.room.expire_seconds)).filter(|most| *most > 0);
        let seconds = asked.into_iter().chain(most).min()?;
        Some(self.facts.now.after(Duration::from_secs(seconds)))
    }

    /// Whether nobody is shown what a message says, since it was deleted or its time is over.
    pub(super) fn is_gone(&self, message: &Message) -> bool {
        message.deleted_at.is_some() || message.is_expired(self.facts.now)
    }

    /// Ends a message whose time is over, once.
    pub(super) fn expire(self, limits: &Limits) -> Result<Decision, ChatError> {
        let message = self.facts.message.cloned().ok_or(ChatError::MessageNotFound)?;
        match message.expires_at.filter(|at| *at <= self.facts.now) {
            Some(at) => Ok(self.delete_at(message, at, limits)),
            None => {
                Ok(self.decision(vec![], |_| Outcome::Message { message: message.into(), repeated: true }))
            }
        }
    }
}
