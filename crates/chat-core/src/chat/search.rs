//! Messages, found by what they say.

use super::Chat;
use crate::{ChatError, Profile, Search, SearchPage};

impl Chat {
    /// A page of the messages that fit a search, in the rooms that the caller may read, at most `limit`, and no more than
    /// [`Limits::page`](crate::Limits::page).
    ///
    /// # Errors
    /// [`ChatError::SearchDisabled`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`]; for a room that is not the
    /// caller's to read [`ChatError::RoomNotFound`] or [`ChatError::Banned`].
    pub async fn search(
        &self,
        caller: &Profile,
        search: &Search,
        limit: usize,
    ) -> Result<SearchPage, ChatError> {
        if !self.limits.search {
            return Err(ChatError::SearchDisabled);
        }
        self.count_private(caller)?;
        if let Some(room) = &search.room {
            self.room(caller, room).await?;
        }
        self.store.search(caller.id, search, limit.min(self.limits.page)).await
    }
}
