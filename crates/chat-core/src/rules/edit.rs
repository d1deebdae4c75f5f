//! Messages: edited and deleted.

use std::sync::Arc;

use super::check::{check, check_data, check_text};
use super::filter::Filtered;
use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Limits, Message, MessageChanges, Outcome, Thread, Timestamp, UserId};

impl Deed<'_> {
    pub(super) fn edit(
        self,
        changes: &MessageChanges,
        present: &[UserId],
        limits: &Limits,
    ) -> Result<Decision, ChatError> {
        let former = self.message_to_change(Permission::EditAny, limits)?;
        let role = self.may_write()?;
        if self.is_gone(&former) {
            return Err(ChatError::MessageDeleted);
        }
        check(vec![
            check_text(&changes.text, !former.attachments.is_empty(), limits),
            check_data(changes.data.as_deref(), limits),
        ])?;
        let mut message = Message { thread: self.thread_of(&former), ..former.clone() };
        let Filtered { text, reason } = self.filtered(&changes.text, role, limits)?;
        message.text = text;
        if changes.data.is_some() {
            message.data.clone_from(&changes.data);
        }
        if message.text == former.text && message.data == former.data {
            let message = Arc::new(message);
            return Ok(self.decision(vec![], |_| Outcome::Message { message, repeated: true }));
        }
        message.mentions = self.mentions(&message.text, present, former.mentions.as_deref());
        message.withheld |= self.facts.blocked;
        message.edited_at = Some(self.facts.now);
        let message = Arc::new(message);
        let body = EventBody::MessageEdited(message.clone());
        let report = self.report(&message, reason);
        Ok(Decision { report, ..self.change(body, message, former, limits) })
    }

    pub(super) fn delete(self, limits: &Limits) -> Result<Decision, ChatError> {
        let former = self.message_to_change(Permission::DeleteAny, limits)?;
        if self.is_gone(&former) {
            let message = former.at(self.facts.now).into();
            return Ok(self.decision(vec![], |_| Outcome::Message { message, repeated: true }));
        }
        let now = self.facts.now;
        Ok(self.delete_at(former, now, limits))
    }

    /// Leaves of a message its place alone, deleted at this moment.
    pub(super) fn delete_at(self, former: Message, at: Timestamp, limits: &Limits) -> Decision {
        let thread = self.thread_of(&former).map(|thread| match former.is_reply() {
            true => Thread { replies: thread.replies.saturating_sub(1), ..thread },
            false => thread,
        });
        let message = Arc::new(Message { thread, ..former.clone().deleted(at) });
        let body = EventBody::MessageDeleted(message.clone());
        self.change(body, message, former, limits)
    }

    fn change(self, body: EventBody, message: Arc<Message>, former: Message, limits: &Limits) -> Decision {
        // A version would outlive the message.
        let kept = limits.keep_versions && former.expires_at.is_none();
        let (messages, former) = (vec![Message::clone(&message)], kept.then_some(former));
        let thread = message.thread.filter(|_| message.is_reply() && self.facts.thread.is_some());
        let decision = self.decision(vec![body], |_| Outcome::Message { message, repeated: false });
        Decision { messages, thread, former, ..decision }
    }

    /// The message that the command names, if the actor may change it: its author for a while, and whoever has the
    /// permission.
    fn message_to_change(&self, permission: Permission, limits: &Limits) -> Result<Message, ChatError> {
        let message = self.facts.message.cloned().ok_or(ChatError::MessageNotFound)?;
        let Err(refused) = self.may(permission) else { return Ok(message) };
        if message.sender.id != self.actor.id {
            return Err(refused);
        }
        self.may(Permission::Send)?;
        if message.created_at.after(limits.edit_for) < self.facts.now {
            return Err(ChatError::TooLate { limit: limits.edit_for });
        }
        Ok(message)
    }
}
