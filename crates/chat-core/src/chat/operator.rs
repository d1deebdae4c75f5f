//! What administrators of the server see and do, whatever rooms they are in. That the caller is one, is for whoever calls to know.

use std::sync::Arc;

use super::Chat;
use crate::rules::check_reason;
use crate::{
    Action, ChatError, Event, Message, Offset, OverseenCursor, OverseenReport, Profile, Room, RoomId,
    RoomKind, Settlement, Timestamp, Verdict,
};

impl Chat {
    /// All rooms whose ids begin so, in the order of these, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn all_rooms(
        &self,
        beginning: &str,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Room>, ChatError> {
        self.store.all_rooms(beginning, after, self.page(limit)).await
    }

    /// A room that an administrator may look into: one that is there and not direct, which is its people's alone.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::DirectRoom`], [`ChatError::Unavailable`].
    pub async fn any_room(&self, by: &Profile, room: &RoomId) -> Result<Room, ChatError> {
        let room = self.store.room(room, by.id).await?.ok_or(ChatError::RoomNotFound)?.room;
        if room.kind == RoomKind::Direct { Err(ChatError::DirectRoom) } else { Ok(room) }
    }

    /// Deletes a room with its log, as its owner would; the id stays taken.
    ///
    /// # Errors
    /// As [`Chat::any_room`].
    pub async fn close_room(&self, by: &Profile, room: &RoomId) -> Result<(), ChatError> {
        self.submit(by, room, Action::CloseRoom).await.map(drop)
    }

    /// As [`Chat::audit`], of any room.
    ///
    /// # Errors
    /// As [`Chat::any_room`].
    pub async fn any_audit(
        &self,
        by: &Profile,
        room: &RoomId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Arc<Event>>, ChatError> {
        self.any_room(by, room).await?;
        self.store.audit(room, before, self.page(limit)).await
    }

    /// The reports of all rooms that wait, the oldest first, after `after`, at most `limit`, and one more than
    /// [`Limits::page`](crate::Limits::page). Of a direct room only what the message itself says is shown.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn all_reports(
        &self,
        by: &Profile,
        after: Option<OverseenCursor>,
        limit: usize,
    ) -> Result<Vec<OverseenReport>, ChatError> {
        let mut reports = self.store.all_reports(by.id, after, self.page(limit)).await?;
        for one in reports.iter_mut().filter(|one| one.room.kind == RoomKind::Direct) {
            alone(&mut one.reported.message);
            one.room.people.clear();
        }
        Ok(reports)
    }

    /// As [`Chat::settle_reports`], in any room, also a direct one.
    ///
    /// # Errors
    /// [`ChatError::ReportNotFound`] where none waits; [`ChatError::Invalid`], [`ChatError::Unavailable`].
    pub async fn settle_any(
        &self,
        by: &Profile,
        room: &RoomId,
        message: Offset,
        verdict: Verdict,
        note: String,
    ) -> Result<u64, ChatError> {
        check_reason("note", &note)?;
        let settlement = Settlement { verdict, note, by: by.clone(), at: Timestamp::now() };
        match self.store.settle_reports(room, message, settlement).await? {
            0 => Err(ChatError::ReportNotFound),
            settled => Ok(settled),
        }
    }
}

/// Takes from a message what others have said and done in its room.
fn alone(message: &mut Message) {
    message.quote = None;
    message.thread = None;
    message.reactions.clear();
}
