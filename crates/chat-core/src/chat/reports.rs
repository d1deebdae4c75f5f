//! Reports: messages that were brought before the moderators of their room.

use super::Chat;
use crate::rules::{check_reason, may};
use crate::{
    ChatError, Offset, Permission, Profile, Report, ReportCursor, Reported, RoomId, Timestamp, Verdict,
};

impl Chat {
    /// Brings a message before the moderators of its room, or of a direct room before the administrators of the server. They are
    /// shown what it says now, whatever becomes of it; nobody else learns of it. One that the caller has reported, and that waits,
    /// stays as it is; whether it does stands beside it.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::MessageNotFound`], [`ChatError::MessageDeleted`],
    /// [`ChatError::Invalid`], [`ChatError::LimitReached`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn report(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        reason: String,
    ) -> Result<(Report, bool), ChatError> {
        may(&self.room(caller, room).await?, Permission::Report)?;
        check_reason("reason", &reason)?;
        let message = self.message_in(caller, room, message).await?;
        if message.withheld {
            // What the caller is not shown, they have nothing to say about.
            return Err(ChatError::MessageNotFound);
        }
        if message.deleted_at.is_some() {
            return Err(ChatError::MessageDeleted);
        }
        self.count_private(caller)?;
        let report = Report {
            room: room.clone(),
            message: message.offset,
            reporter: Some(caller.clone()),
            reason,
            text: message.text,
            at: Timestamp::now(),
            settled: None,
        };
        self.store.report(report).await
    }

    /// The reports of a room: those that wait, the oldest first, or those that are settled, the latest first; after `after`, at
    /// most `limit`, and one more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::Forbidden`], [`ChatError::DirectRoom`],
    /// [`ChatError::Unavailable`].
    pub async fn reports(
        &self,
        caller: &Profile,
        room: &RoomId,
        settled: bool,
        after: Option<ReportCursor>,
        limit: usize,
    ) -> Result<Vec<Reported>, ChatError> {
        may(&self.room(caller, room).await?, Permission::SettleReports)?;
        self.store.reports(room, caller.id, settled, after, self.page(limit)).await
    }

    /// Settles all reports of a message that wait; how many that were.
    ///
    /// # Errors
    /// As [`Chat::reports`]; [`ChatError::ReportNotFound`] where none waits; [`ChatError::Invalid`].
    pub async fn settle_reports(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        verdict: Verdict,
        note: String,
    ) -> Result<u64, ChatError> {
        may(&self.room(caller, room).await?, Permission::SettleReports)?;
        self.settle_any(caller, room, message, verdict, note).await
    }
}
