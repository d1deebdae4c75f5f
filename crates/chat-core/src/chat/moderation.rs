//! What moderators do to members, and what they have done.

use std::sync::Arc;

use super::{Chat, into_member};
use crate::rules::may;
use crate::{Action, ChatError, Event, Member, Offset, Permission, Profile, RoomId, UserId};

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
