//! Messages: edited and deleted.

use super::check::{check, check_data, check_text};
use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Limits, Message, MessageChanges, Outcome, Thread, UserId};

impl Deed<'_> {
    pub(super) fn edit(
        self,
        changes: &MessageChanges,
        present: &[UserId],
        limits: &Limits,
    ) -> Result<Decision, ChatError> {
        let former = self.message_to_change(Permission::EditAny, limits)?;
        self.may_write()?;
        if former.deleted_at.is_some() {
            return Err(ChatError::MessageDeleted);
        }
        check(vec![check_text(&changes.text, limits), check_data(changes.data.as_deref(), limits)])?;
        let mut message = Message { thread: self.facts.thread, ..former.clone() };
        message.text.clone_from(&changes.text);
        if changes.data.is_some() {
            message.data.clone_from(&changes.data);
        }
        if message.text == former.text && message.data == former.data {
            return Ok(self.decision(vec![], |_| Outcome::Message { message, repeated: true }));
        }
        message.mentions = self.mentions(&message.text, present, former.mentions.as_deref());
        message.withheld |= self.facts.blocked;
        message.edited_at = Some(self.facts.now);
        let body = EventBody::MessageEdited(Box::new(message.clone()));
        Ok(self.change(body, message, former, limits))
    }

    pub(super) fn delete(self, limits: &Limits) -> Result<Decision, ChatError> {
        let former = self.message_to_change(Permission::DeleteAny, limits)?;
        if former.deleted_at.is_some() {
            return Ok(self.decision(vec![], |_| Outcome::Message { message: former, repeated: true }));
        }
        let thread = self.facts.thread.map(|thread| match former.is_reply() {
            true => Thread { replies: thread.replies.saturating_sub(1), ..thread },
            false => thread,
        });
        let message = Message {
            text: String::new(),
            data: None,
            quote: None,
            mentions: None,
            thread,
            edited_at: None,
            deleted_at: Some(self.facts.now),
            reactions: Vec::new(),
            ..former.clone()
        };
        let body = EventBody::MessageDeleted(Box::new(message.clone()));
        Ok(self.change(body, message, former, limits))
    }

    fn change(self, body: EventBody, message: Message, former: Message, limits: &Limits) -> Decision {
        let (messages, former) = (vec![message.clone()], limits.keep_versions.then_some(former));
        let thread = message.thread.filter(|_| message.is_reply());
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
