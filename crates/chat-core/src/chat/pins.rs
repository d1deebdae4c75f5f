//! Pins: messages that a room keeps in sight.

use super::{Chat, mismatch};
use crate::{Action, ChatError, Offset, Outcome, Pin, Profile, RoomId};

impl Chat {
    /// Pins a message, and says whether it was not pinned yet.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`].
    pub async fn pin(&self, caller: &Profile, room: &RoomId, message: Offset) -> Result<bool, ChatError> {
        into_changed(self.submit_counted(caller, room, Action::Pin { message }).await?)
    }

    /// Ends a pin, and says whether there was one; one that is not there is no error.
    ///
    /// # Errors
    /// As [`Chat::pin`].
    pub async fn unpin(&self, caller: &Profile, room: &RoomId, message: Offset) -> Result<bool, ChatError> {
        into_changed(self.submit_counted(caller, room, Action::Unpin { message }).await?)
    }

    /// The pinned messages of a room, the one pinned last first, before the event `before`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Banned`], [`ChatError::Unavailable`].
    pub async fn pins(
        &self,
        caller: &Profile,
        room: &RoomId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Pin>, ChatError> {
        self.room(caller, room).await?;
        self.store.pins(room, caller.id, before, self.page(limit)).await
    }
}

fn into_changed(outcome: Outcome) -> Result<bool, ChatError> {
    let Outcome::Pin { changed } = outcome else { return Err(mismatch()) };
    Ok(changed)
}
