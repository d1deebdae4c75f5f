//! What moderators do to members, and what keeps members from writing.

use std::time::Duration;

use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Outcome, Problem, Role};

/// The longest that a member can be muted, in seconds: ten years.
const LONGEST: u64 = 10 * 365 * 24 * 60 * 60;

impl Deed<'_> {
    /// Has a member of a lesser role write nothing for so many seconds; none lets them write again.
    pub(super) fn mute(self, seconds: Option<u64>) -> Result<Decision, ChatError> {
        let own = self.may(Permission::Mute)?;
        let mut member = self.facts.target.cloned().ok_or(ChatError::MemberNotFound)?;
        if own <= member.role {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        if seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
            let expected = "1 to 315360000, which is ten years";
            return Err(ChatError::invalid("seconds", Problem::Malformed { expected }));
        }
        let until = seconds.map(|seconds| self.facts.now.after(Duration::from_secs(seconds)));
        if member.muted_until == until {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        member.muted_until = until;
        let body = EventBody::MemberChanged(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }

    /// Refuses an actor who may not write now: their role, the room, or that they are muted.
    pub(super) fn may_write(&self) -> Result<Role, ChatError> {
        let role = self.may(Permission::Send)?;
        if role < Role::Moderator && self.room.read_only {
            return Err(ChatError::ReadOnly);
        }
        self.is_not_muted()?;
        Ok(role)
    }

    /// Refuses an actor who is muted.
    pub(super) fn is_not_muted(&self) -> Result<(), ChatError> {
        let muted = self.facts.actor.and_then(|member| member.muted_until);
        match muted.filter(|until| *until > self.facts.now) {
            Some(until) => Err(ChatError::Muted { until }),
            None => Ok(()),
        }
    }

    /// Refuses an actor whose last message is too fresh for a slow room.
    pub(super) fn is_not_too_fast(&self, role: Role) -> Result<(), ChatError> {
        let slow = Duration::from_secs(self.room.slow_seconds.into());
        let Some(last) = self.facts.last_sent.filter(|_| role < Role::Moderator && !slow.is_zero()) else {
            return Ok(());
        };
        match last.after(slow).until(self.facts.now) {
            Duration::ZERO => Ok(()),
            retry_after => Err(ChatError::TooManyRequests { retry_after }),
        }
    }
}
