//! Messages: sent.

use std::sync::Arc;

use super::check::{check, check_data, check_text};
use super::expiry::check_term;
use super::filter::Filtered;
use super::{Decision, Deed};
use crate::{ChatError, EventBody, Limits, Message, NewMessage, Outcome, Problem, Quote, Thread, UserId};

impl Deed<'_> {
    pub(super) fn send(
        self,
        new: &NewMessage,
        present: &[UserId],
        limits: &Limits,
    ) -> Result<Decision, ChatError> {
        let role = self.may_write()?;
        // The first send decided; what the repetition says no longer matters.
        if let Some(repeated) = self.facts.repeated.cloned() {
            let message = Message { thread: self.thread_of(&repeated), ..repeated }.at(self.facts.now).into();
            return Ok(self.decision(vec![], |_| Outcome::Message { message, repeated: true }));
        }
        self.is_not_too_fast(role)?;
        let attachments = self.attachments(&new.attachments, limits);
        check(vec![
            check_text(&new.text, !new.attachments.is_empty(), limits),
            check_data(new.data.as_deref(), limits),
            attachments.as_ref().err().cloned(),
            new.expires_in.and_then(|term| check_term("expires_in", term)),
        ])?;
        let attachments = attachments.unwrap_or_default();
        let unknown = || ChatError::invalid("reply_to", Problem::Unknown { what: "message" });
        let answered = match new.reply_to {
            Some(_) => Some(self.message().filter(|it| !self.is_gone(it)).ok_or_else(unknown)?),
            None => None,
        };
        let (offset, Filtered { text, reason }) =
            (self.room.offset.next(), self.filtered(&new.text, role, limits)?);
        // Of a thread whose beginning was removed, nobody counts the replies.
        let rootless = answered.is_some_and(|answered| answered.is_reply() && self.facts.thread.is_none());
        let thread = answered.map(|answered| Thread {
            root: answered.root(),
            replies: self.facts.thread.map_or(0, |thread| thread.replies) + u64::from(!rootless),
            last_reply: offset,
        });
        let message = Arc::new(Message {
            data: new.data.clone(),
            attachments,
            reply_to: new.reply_to,
            quote: answered.map(|answered| Box::new(Quote::of(answered))),
            mentions: self.mentions(&text, present, None),
            thread,
            client_id: new.client_id.clone(),
            withheld: self.facts.blocked,
            expires_at: self.end_of_message(new.expires_in),
            ..Message::new(self.room.id.clone(), offset, self.actor.clone(), text, self.facts.now)
        });
        let body = EventBody::MessageCreated(message.clone());
        let report = self.report(&message, reason);
        let decision = self.decision(vec![body], |_| Outcome::Message { message, repeated: false });
        Ok(Decision { thread: thread.filter(|_| !rootless), report, ..decision })
    }
}
