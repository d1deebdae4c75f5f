//! Reactions: put on messages, taken back, listed.

use super::{Chat, mismatch};
use crate::{Action, ChatError, Offset, Outcome, Profile, Reacted, Reaction, ReactionCount, RoomId};

impl Chat {
    /// Puts a reaction on a message; whether it was not there yet stands beside it.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`].
    pub async fn react(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        reaction: Reaction,
    ) -> Result<(ReactionCount, bool), ChatError> {
        into_reaction(self.submit_counted(caller, room, Action::React { message, reaction }).await?)
    }

    /// Takes a reaction back; one that is not there is no error.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`].
    pub async fn unreact(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        reaction: Reaction,
    ) -> Result<(ReactionCount, bool), ChatError> {
        into_reaction(self.submit_counted(caller, room, Action::Unreact { message, reaction }).await?)
    }

    /// Who has put a reaction on a message, in the order in which they did, after the event `after`, at most `limit`, and one
    /// more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::MessageNotFound`], [`ChatError::Unavailable`].
    pub async fn reacted(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        reaction: &Reaction,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Reacted>, ChatError> {
        self.message(caller, room, message).await?;
        self.store.reacted(room, message, reaction, after, self.page(limit)).await
    }
}

fn into_reaction(outcome: Outcome) -> Result<(ReactionCount, bool), ChatError> {
    let Outcome::Reaction { reaction, changed } = outcome else { return Err(mismatch()) };
    Ok((reaction, changed))
}
