//! Members: who comes, who goes, and who may what.

use super::{Decision, Deed, Permission};
use crate::{ChatError, EventBody, Limits, Member, Outcome, Problem, Profile, Role, UserId};

impl Deed<'_> {
    pub(super) fn join(self, limits: &Limits) -> Result<Decision, ChatError> {
        if let Some(member) = self.facts.actor.cloned() {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        let user = self.actor.clone();
        self.add(user, Role::Member, limits)
    }

    pub(super) fn invite(self, user: &Profile, role: Role, limits: &Limits) -> Result<Decision, ChatError> {
        let own = self.may(Permission::Invite)?;
        if role == Role::Owner {
            let expected = "moderator, member or reader: the owner is changed by giving a member that role";
            return Err(ChatError::invalid("role", Problem::Malformed { expected }));
        }
        if role > own {
            return Err(ChatError::Forbidden { needs: role });
        }
        if let Some(member) = self.facts.target.cloned() {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        self.add(user.clone(), role, limits)
    }

    pub(super) fn add(mut self, user: Profile, role: Role, limits: &Limits) -> Result<Decision, ChatError> {
        self.is_not_banned()?;
        if self.room.member_count >= limits.members_per_room {
            return Err(ChatError::LimitReached { what: "members", limit: limits.members_per_room });
        }
        self.room.member_count += 1;
        // Who was muted, and left and came again, still is.
        let muted_until = self.facts.sanction.and_then(|sanction| sanction.muted_until);
        let member = Member { user, role, joined_at: self.facts.now, muted_until };
        let body = EventBody::MemberJoined(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }

    pub(super) fn set_role(mut self, user: UserId, role: Role) -> Result<Decision, ChatError> {
        let own = self.may(Permission::SetRole)?;
        let mut member = self.facts.target.cloned().ok_or(ChatError::MemberNotFound)?;
        if member.role == role {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        // A moderator rules over members and readers; whom an owner touches, nobody else may.
        if own != Role::Owner && (role >= Role::Moderator || member.role >= Role::Moderator) {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        if member.role == Role::Owner {
            return Err(ChatError::OwnerRequired);
        }
        member.role = role;
        let mut bodies = vec![EventBody::MemberChanged(member.clone())];
        if role == Role::Owner {
            self.room.owner = user;
            let mut former = self.facts.actor.cloned().ok_or(ChatError::NotAMember)?;
            former.role = Role::Moderator;
            // The former owner steps down first, so that no reader of the log ever sees two.
            bodies.insert(0, EventBody::MemberChanged(former));
        }
        Ok(self.decision(bodies, |_| Outcome::Member { member, changed: true }))
    }

    pub(super) fn remove(mut self, user: UserId) -> Result<Decision, ChatError> {
        let member = self.facts.target.cloned();
        let leaves = user == self.actor.id;
        let own = self.may(if leaves { Permission::Leave } else { Permission::Remove })?;
        let member = member.ok_or(ChatError::MemberNotFound)?;
        if member.role == Role::Owner {
            return Err(ChatError::OwnerRequired);
        }
        if !leaves && own <= member.role {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        self.room.member_count = self.room.member_count.saturating_sub(1);
        let body = EventBody::MemberLeft(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }
}
