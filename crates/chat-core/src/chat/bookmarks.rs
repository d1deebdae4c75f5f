//! Bookmarks: messages that a user keeps for themselves, of all rooms.

use super::Chat;
use crate::rules::check_name;
use crate::{
    Bookmark, BookmarkCursor, ChatError, Message, Offset, OwnChange, Profile, RoomId, Signal, UserId,
};

impl Chat {
    /// Bookmarks a message that the caller may read. One that is bookmarked stays so, with another note where one is given; an
    /// empty one takes it away. Whether it is new stands beside it. The caller's connections are told, at every node.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Banned`], [`ChatError::MessageNotFound`], [`ChatError::MessageDeleted`],
    /// [`ChatError::Invalid`], [`ChatError::LimitReached`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn bookmark(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        note: Option<String>,
    ) -> Result<(Bookmark, bool), ChatError> {
        let wrong = note
            .as_deref()
            .filter(|note| !note.is_empty())
            .and_then(|note| check_name("note", note, self.limits.bookmark_note_chars));
        if let Some(wrong) = wrong {
            return Err(ChatError::Invalid(vec![wrong]));
        }
        let message: Message = self.message(caller, room, message).await?;
        if message.withheld {
            return Err(ChatError::MessageNotFound);
        }
        if message.deleted_at.is_some() {
            return Err(ChatError::MessageDeleted);
        }
        self.count_private(caller)?;
        let (note, at, new) = self.store.bookmark(caller.id, &message, note).await?;
        self.tell_own(caller.id, OwnChange::BookmarkAdded(room.clone(), message.offset));
        Ok((Bookmark { message, note, at }, new))
    }

    /// Ends a bookmark, of whatever message; one that is not there is no error.
    ///
    /// # Errors
    /// [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn unbookmark(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
    ) -> Result<(), ChatError> {
        self.count_private(caller)?;
        if self.store.unbookmark(caller.id, room, message).await? {
            self.tell_own(caller.id, OwnChange::BookmarkRemoved(room.clone(), message));
        }
        Ok(())
    }

    /// The caller's bookmarks, the latest first, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more. Those in rooms that they may not read now are left
    /// out, and are there again when they may.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn bookmarks(
        &self,
        caller: &Profile,
        after: Option<BookmarkCursor>,
        limit: usize,
    ) -> Result<Vec<Bookmark>, ChatError> {
        self.store.bookmarks(caller.id, after, self.page(limit)).await
    }

    /// Tells a user's connections, at every node, of a change of what is theirs alone.
    pub(super) fn tell_own(&self, user: UserId, change: OwnChange) {
        self.hub.backplane().own_changed(user, &change);
        self.hub.signal(user, &Signal::Own(change));
    }
}
