//! How far people have read: marked, counted, listed.

use super::Chat;
use crate::rules::may;
use crate::{
    ChatError, InboxCursor, InboxRoom, Offset, Permission, Problem, Profile, ReadMark, RoomId, RoomSignal,
    Signal, UserId,
};

impl Chat {
    /// Marks a room as read up to an event. A mark that is further already stays. The caller's connections are told, at every
    /// node, and in rooms of few those who have the room open.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`];
    /// [`ChatError::Invalid`] for an offset beyond the log's end.
    pub async fn mark_read(
        &self,
        caller: &Profile,
        room: &RoomId,
        offset: Offset,
    ) -> Result<ReadMark, ChatError> {
        self.mark(caller, room, offset, false).await
    }

    /// Marks a message and all that follows it as unread. A mark that is before it already stays.
    ///
    /// # Errors
    /// As [`Chat::mark_read`].
    pub async fn mark_unread(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
    ) -> Result<ReadMark, ChatError> {
        self.mark(caller, room, message, true).await
    }

    async fn mark(
        &self,
        caller: &Profile,
        room: &RoomId,
        offset: Offset,
        back: bool,
    ) -> Result<ReadMark, ChatError> {
        let access = self.room(caller, room).await?;
        may(&access, Permission::Mark)?;
        if offset == Offset::START || offset > access.room.offset {
            return Err(ChatError::invalid("offset", Problem::Unknown { what: "event" }));
        }
        self.count_private(caller)?;
        let marked = self.store.mark(room, caller.id, offset, back).await?;
        let (mark, changed) = marked.ok_or(ChatError::NotAMember)?;
        if changed {
            self.hub.backplane().read_marked(caller.id, &mark);
            self.hub.signal(caller.id, &Signal::ReadMarked(mark.clone()));
            if !back {
                self.signal_room(&access.room, RoomSignal::ReadMoved(caller.clone(), mark.offset)).await?;
            }
        }
        Ok(mark)
    }

    /// The members who have read up to a message or further, but its sender, in the order of their ids, after `after`, at
    /// most `limit`, and one more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::MessageNotFound`],
    /// [`ChatError::Unavailable`].
    pub async fn readers(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Profile>, ChatError> {
        may(&self.room(caller, room).await?, Permission::Mark)?;
        let message = self.message_in(caller, room, message).await?;
        self.store.readers(&message, after, self.page(limit)).await
    }

    /// The caller's rooms, those first where somebody wrote last, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn inbox(
        &self,
        caller: &Profile,
        after: Option<InboxCursor>,
        limit: usize,
    ) -> Result<Vec<InboxRoom>, ChatError> {
        self.store.inbox(caller.id, after, self.page(limit)).await
    }
}
