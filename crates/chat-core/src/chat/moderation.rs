//! What moderators do to members, and what they have done.

use std::sync::Arc;

use super::{Chat, into_member, into_room, mismatch};
use crate::rules::may;
use crate::{
    Action, Ban, ChatError, Event, Member, NewFilter, Offset, Outcome, Permission, Profile, Room, RoomId,
    UserId, WordFilter,
};

impl Chat {
    /// Has a member write nothing for so many seconds, at most ten years; none lets them write again.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn mute(
        &self,
        caller: &Profile,
        room: &RoomId,
        user: UserId,
        seconds: Option<u64>,
    ) -> Result<Member, ChatError> {
        into_member(self.submit(caller, room, Action::Mute { user, seconds }).await?)
            .map(|(member, _)| member)
    }

    /// Keeps a user out of a room for so many seconds, at most ten years, or for ever: they neither read nor join it, and are a
    /// member no longer.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::Invalid`] when there is no such user;
    /// [`ChatError::Unavailable`].
    pub async fn ban(
        &self,
        caller: &Profile,
        room: &RoomId,
        user: UserId,
        seconds: Option<u64>,
        reason: String,
    ) -> Result<Ban, ChatError> {
        // Before the user is looked up: a room that is not the caller's says nothing about users.
        may(&self.room(caller, room).await?, Permission::Ban)?;
        let user = self.user("user", user).await?;
        into_ban(self.submit(caller, room, Action::Ban { user, seconds, reason }).await?)
    }

    /// Lets a user come again.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn unban(&self, caller: &Profile, room: &RoomId, user: UserId) -> Result<(), ChatError> {
        into_ban(self.submit(caller, room, Action::Unban { user }).await?).map(drop)
    }

    /// Who is banned from a room, in the order of their ids, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// As [`Chat::audit`].
    pub async fn bans(
        &self,
        caller: &Profile,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Ban>, ChatError> {
        may(&self.room(caller, room).await?, Permission::Ban)?;
        self.store.bans(room, after, self.page(limit)).await
    }

    /// Has messages of a room filtered by their words; none, no more.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn set_filter(
        &self,
        caller: &Profile,
        room: &RoomId,
        filter: Option<NewFilter>,
    ) -> Result<Room, ChatError> {
        into_room(self.submit(caller, room, Action::SetFilter(filter)).await?)
    }

    /// What filters the messages of a room, if anything does.
    ///
    /// # Errors
    /// As [`Chat::audit`].
    pub async fn filter(
        &self,
        caller: &Profile,
        room: &RoomId,
    ) -> Result<Option<Arc<WordFilter>>, ChatError> {
        let access = self.room(caller, room).await?;
        may(&access, Permission::Filter)?;
        Ok(access.room.filter)
    }

    /// What moderators have done in a room, the latest first, before `before`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more. It is part of the log, which nobody can change.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::Forbidden`], [`ChatError::Unavailable`].
    pub async fn audit(
        &self,
        caller: &Profile,
        room: &RoomId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Arc<Event>>, ChatError> {
        may(&self.room(caller, room).await?, Permission::ReadAudit)?;
        self.store.audit(room, before, self.page(limit)).await
    }
}

fn into_ban(outcome: Outcome) -> Result<Ban, ChatError> {
    let Outcome::Ban { ban, .. } = outcome else { return Err(mismatch()) };
    Ok(ban)
}
