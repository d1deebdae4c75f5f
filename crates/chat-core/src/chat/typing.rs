//! Who writes now.

use super::Chat;
use crate::block::has_blocked;
use crate::rules::may;
use crate::{ChatError, Permission, Profile, Room, RoomId, RoomSignal};

impl Chat {
    /// Tells those who have a room open that the caller is writing, for [`RoomSignal::TYPING`], or that they no longer do. What
    /// is said more often than every three seconds, or in a room of more than
    /// [`Limits::signal_members`](crate::Limits::signal_members), is told nobody.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::Forbidden`],
    /// [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn typing(&self, caller: &Profile, room: &RoomId, typing: bool) -> Result<(), ChatError> {
        let access = self.room(caller, room).await?;
        may(&access, Permission::Send)?;
        self.count_private(caller)?;
        if self.typing.check(&(caller.id, room.clone())).is_err() {
            return Ok(());
        }
        let signal = if typing { RoomSignal::TypingStarted } else { RoomSignal::TypingStopped };
        self.signal_room(&access.room, signal(caller.clone())).await
    }

    /// Tells those who have a room open something of a user, at every node; not where there are too many, nor between two of
    /// whom one has blocked the other.
    pub(super) async fn signal_room(&self, room: &Room, signal: RoomSignal) -> Result<(), ChatError> {
        if room.member_count > self.limits.signal_members {
            return Ok(());
        }
        let user = signal.user().id;
        if let Some(other) = room.other(user) {
            let store = &*self.store;
            if has_blocked(store, other.id, user).await? || has_blocked(store, user, other.id).await? {
                return Ok(());
            }
        }
        self.hub.backplane().signal_room(&room.id, &signal);
        self.hub.signal_room(&room.id, &signal);
        Ok(())
    }
}
