//! Blocks: whose direct messages a user wants to have no more.

use super::Chat;
use crate::{Block, ChatError, Problem, Profile, Timestamp, UserId};

impl Chat {
    /// Blocks another user: what they send to the direct room of the two from now on, the caller is not shown, and they are not
    /// told. One who is blocked stays so; whether they were stands beside it.
    ///
    /// # Errors
    /// [`ChatError::Invalid`] when there is no such user, or it is the caller; [`ChatError::LimitReached`],
    /// [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn block(&self, caller: &Profile, user: UserId) -> Result<(Block, bool), ChatError> {
        if user == caller.id {
            return Err(ChatError::invalid("user", Problem::Malformed { expected: "another user" }));
        }
        self.count_private(caller)?;
        let block = Block { user: self.user("user", user).await?, at: Timestamp::now() };
        self.store.block(caller.id, block).await
    }

    /// Ends a block; one that is not there is no error. What was sent meanwhile stays unseen.
    ///
    /// # Errors
    /// [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn unblock(&self, caller: &Profile, user: UserId) -> Result<(), ChatError> {
        self.count_private(caller)?;
        self.store.unblock(caller.id, user).await
    }

    /// Whom the caller has blocked, in the order of their ids, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn blocks(
        &self,
        caller: &Profile,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Block>, ChatError> {
        self.store.blocks(caller.id, after, self.page(limit)).await
    }
}
