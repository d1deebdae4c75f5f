//! What moderators do to members, and what keeps members from writing.

use std::time::Duration;

use super::check::{check, wrong_reason};
use super::{Decision, Deed, Permission};
use crate::{Ban, ChatError, EventBody, Outcome, Problem, Profile, Role, Timestamp, Violation};

/// The longest term, in seconds: ten years.
const LONGEST: u64 = 10 * 365 * 24 * 60 * 60;

fn check_term(seconds: Option<u64>) -> Option<Violation> {
    let wrong = seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds));
    let expected = "1 to 315360000, which is ten years";
    wrong.then_some(Violation { field: "seconds", problem: Problem::Malformed { expected } })
}

impl Deed<'_> {
    /// Has a member of a lesser role write nothing for so many seconds; none lets them write again.
    pub(super) fn mute(self, seconds: Option<u64>) -> Result<Decision, ChatError> {
        let own = self.may(Permission::Mute)?;
        let mut member = self.facts.target.cloned().ok_or(ChatError::MemberNotFound)?;
        if own <= member.role {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        check(vec![check_term(seconds)])?;
        let until = self.end_of(seconds);
        if member.muted_until == until {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        member.muted_until = until;
        let body = EventBody::MemberChanged(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }

    /// Keeps a user of a lesser role out; one who is a member no longer is.
    pub(super) fn ban(
        mut self,
        user: &Profile,
        seconds: Option<u64>,
        reason: &str,
    ) -> Result<Decision, ChatError> {
        let own = self.may(Permission::Ban)?;
        let member = self.facts.target.cloned();
        if user.id == self.actor.id || member.as_ref().is_some_and(|member| own <= member.role) {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        check(vec![check_term(seconds), wrong_reason("reason", reason)])?;
        let ban = Ban { user: user.clone(), until: self.end_of(seconds), reason: reason.to_owned() };
        if self.facts.sanction.and_then(|sanction| sanction.ban.as_ref()) == Some(&ban) {
            return Ok(self.decision(vec![], |_| Outcome::Ban { ban, changed: false }));
        }
        let left = member.map(|member| {
            self.room.member_count = self.room.member_count.saturating_sub(1);
            EventBody::MemberLeft(member)
        });
        let bodies = left.into_iter().chain([EventBody::MemberBanned(ban.clone())]).collect();
        Ok(self.decision(bodies, |_| Outcome::Ban { ban, changed: true }))
    }

    /// Lets a user come again.
    pub(super) fn unban(self) -> Result<Decision, ChatError> {
        self.may(Permission::Ban)?;
        let ban = self.facts.sanction.and_then(|sanction| sanction.ban.clone());
        let ban = ban.filter(|ban| ban.holds(self.facts.now)).ok_or(ChatError::BanNotFound)?;
        let body = EventBody::MemberUnbanned(ban.user.clone());
        Ok(self.decision(vec![body], |_| Outcome::Ban { ban, changed: true }))
    }

    /// Refuses a user who is banned.
    pub(super) fn is_not_banned(&self) -> Result<(), ChatError> {
        let ban = self.facts.sanction.and_then(|sanction| sanction.ban.as_ref());
        match ban.filter(|ban| ban.holds(self.facts.now)) {
            Some(ban) => Err(ChatError::Banned { until: ban.until }),
            None => Ok(()),
        }
    }

    fn end_of(&self, seconds: Option<u64>) -> Option<Timestamp> {
        seconds.map(|seconds| self.facts.now.after(Duration::from_secs(seconds)))
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
