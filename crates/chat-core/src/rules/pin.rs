//! Pins: messages that a room keeps in sight.

use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Limits, Outcome};

impl Deed<'_> {
    /// Pins a message; one that is pinned stays so. A deletion ends the pin without an event of its own.
    pub(super) fn pin(self, limits: &Limits) -> Result<Decision, ChatError> {
        self.may(Permission::Pin)?;
        let message = self.message().ok_or(ChatError::MessageNotFound)?;
        if self.is_gone(message) {
            return Err(ChatError::MessageDeleted);
        }
        let (offset, limit) = (message.offset, limits.pins_per_room);
        if self.facts.pinned {
            return Ok(self.decision(vec![], |_| Outcome::Pin { changed: false }));
        }
        if self.facts.pins >= limit {
            return Err(ChatError::LimitReached { what: "pinned messages", limit });
        }
        let body = EventBody::MessagePinned(offset);
        Ok(self.decision(vec![body], |_| Outcome::Pin { changed: true }))
    }

    /// Ends a pin; a message that has none stays so, whatever became of it.
    pub(super) fn unpin(self) -> Result<Decision, ChatError> {
        self.may(Permission::Pin)?;
        let offset = self.facts.message.ok_or(ChatError::MessageNotFound)?.offset;
        let changed = self.facts.pinned;
        let bodies = if changed { vec![EventBody::MessageUnpinned(offset)] } else { vec![] };
        Ok(self.decision(bodies, |_| Outcome::Pin { changed }))
    }
}
