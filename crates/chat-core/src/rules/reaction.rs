//! Reactions: put on messages, and taken back.

use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Limits, Message, Outcome, Reacting, Reaction, ReactionCount};

impl Deed<'_> {
    pub(super) fn react(self, reaction: &Reaction, limits: &Limits) -> Result<Decision, ChatError> {
        let mut message = self.message_to_react_to()?;
        let different = message.reactions.len();
        let known = message.reactions.iter_mut().find(|known| known.reaction == *reaction);
        if self.facts.reacted {
            let count = known.map_or(0, |known| known.count);
            return Ok(self.counted(vec![], reaction, count, true, None));
        }
        let count = match known {
            Some(known) => {
                known.count += 1;
                known.count
            }
            None if different >= limits.reactions_per_message => {
                let limit = limits.reactions_per_message as u64;
                return Err(ChatError::LimitReached { what: "different reactions to a message", limit });
            }
            None => {
                message.reactions.push(ReactionCount { reaction: reaction.clone(), count: 1, mine: false });
                1
            }
        };
        let body =
            EventBody::ReactionAdded(Reacting { message: message.offset, reaction: reaction.clone(), count });
        Ok(self.counted(vec![body], reaction, count, true, Some(message)))
    }

    pub(super) fn unreact(self, reaction: &Reaction) -> Result<Decision, ChatError> {
        let mut message = self.message_to_react_to()?;
        let known = message.reactions.iter_mut().find(|known| known.reaction == *reaction);
        let mut count = known.as_ref().map_or(0, |known| known.count);
        if !self.facts.reacted {
            return Ok(self.counted(vec![], reaction, count, false, None));
        }
        count = count.saturating_sub(1);
        if let Some(known) = known {
            known.count = count;
        }
        message.reactions.retain(|known| known.count > 0);
        let body = EventBody::ReactionRemoved(Reacting {
            message: message.offset,
            reaction: reaction.clone(),
            count,
        });
        Ok(self.counted(vec![body], reaction, count, false, Some(message)))
    }

    fn message_to_react_to(&self) -> Result<Message, ChatError> {
        self.may(Permission::React)?;
        self.is_not_muted()?;
        let message = self.message().cloned().ok_or(ChatError::MessageNotFound)?;
        if self.is_gone(&message) {
            return Err(ChatError::MessageDeleted);
        }
        Ok(message)
    }

    fn counted(
        self,
        bodies: Vec<EventBody>,
        reaction: &Reaction,
        count: u64,
        mine: bool,
        changed: Option<Message>,
    ) -> Decision {
        let reaction = ReactionCount { reaction: reaction.clone(), count, mine };
        let outcome = Outcome::Reaction { reaction, changed: changed.is_some() };
        Decision { messages: changed.into_iter().collect(), ..self.decision(bodies, |_| outcome) }
    }
}
