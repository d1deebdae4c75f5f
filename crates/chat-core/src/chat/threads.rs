//! Threads: read and followed.

use super::Chat;
use crate::rules::may;
use crate::{
    ChatError, FollowedThread, Message, Offset, Permission, Profile, Range, RoomId, ThreadCursor, ThreadView,
};

impl Chat {
    /// The thread that a message is in or has begun.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::MessageNotFound`], [`ChatError::Unavailable`].
    pub async fn thread(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
    ) -> Result<ThreadView, ChatError> {
        let root = self.message(caller, room, message).await?.root();
        self.store.thread(room, caller.id, root).await?.ok_or(ChatError::MessageNotFound)
    }

    /// The replies of the thread that a message is in or has begun, in ascending order, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// As [`Chat::thread`].
    pub async fn replies(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        let root = self.message(caller, room, message).await?.root();
        self.store.replies(room, caller.id, root, range, self.page(limit)).await
    }

    /// The threads that the caller follows in their rooms, those first where somebody replied last, after `after`, at most
    /// `limit`, and one more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn followed(
        &self,
        caller: &Profile,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError> {
        self.store.followed(caller.id, after, self.page(limit)).await
    }

    /// Has the caller follow the thread that a message is in or would begin, or no longer.
    ///
    /// # Errors
    /// As [`Chat::thread`], and [`ChatError::NotAMember`], [`ChatError::TooManyRequests`].
    pub async fn follow(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        following: bool,
    ) -> Result<(), ChatError> {
        may(&self.room(caller, room).await?, Permission::Follow)?;
        self.count_private(caller)?;
        let root = self.message_in(caller, room, message).await?.root();
        if root != message {
            // It may have been removed.
            self.message_in(caller, room, root).await?;
        }
        self.store.follow(room, caller.id, root, following).await
    }
}
