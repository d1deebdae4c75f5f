//! Messages that are judged before they are kept.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::Chat;
use crate::{
    ChatError, Draft, Judgement, Message, MessageChanges, NewMessage, Offset, Profile, Report, RoomId,
    RoomStore, Screen, Timestamp,
};

impl Chat {
    /// Sends a message when it was judged, behind those that the caller sent to the room before.
    pub(super) fn send_screened(
        &self,
        screen: Arc<dyn Screen>,
        caller: &Profile,
        room: &RoomId,
        message: NewMessage,
    ) -> BoxFuture<'static, Result<(Arc<Message>, bool), ChatError>> {
        let sending = self.sending();
        let mut turn = self.turns.take(caller.id, room);
        let (sender, room) = (caller.clone(), room.clone());
        async move {
            let NewMessage { ref text, ref data, .. } = message;
            let draft = Draft { room: &room, message: None, sender: &sender, text, data: data.as_deref() };
            let judged = judge(&*screen, draft).await;
            turn.come().await;
            let (replaced, report) = judged?;
            let text = replaced.unwrap_or_else(|| message.text.clone());
            let sent = sending.send(sender, room, NewMessage { text, ..message });
            drop(turn);
            let (message, repeated) = sent.await?;
            if let Some(reason) = report {
                report_screened(&*sending.store, &message, reason).await?;
            }
            Ok((message, repeated))
        }
        .boxed()
    }

    /// What a message is to say from now on, where that is judged; and why it is to be brought before the moderators.
    pub(super) async fn screened_changes(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        mut changes: MessageChanges,
    ) -> Result<(MessageChanges, Option<String>), ChatError> {
        let Some(screen) = &self.screen else { return Ok((changes, None)) };
        let MessageChanges { ref text, ref data } = changes;
        let message = Some(message);
        let draft = Draft { room, message, sender: caller, text, data: data.as_deref() };
        let (replaced, report) = judge(&**screen, draft).await?;
        changes.text = replaced.unwrap_or(changes.text);
        Ok((changes, report))
    }
}

/// The text that replaces a draft's, and why it is to be brought before the moderators.
async fn judge(screen: &dyn Screen, draft: Draft<'_>) -> Result<(Option<String>, Option<String>), ChatError> {
    match screen.judge(draft).await? {
        Judgement::Pass => Ok((None, None)),
        Judgement::Refuse { reason } => Err(ChatError::Screened { reason }),
        Judgement::Replace { text } => Ok((Some(text), None)),
        Judgement::Report { reason } => Ok((None, Some(reason))),
    }
}

/// Brings a message before the moderators of its room.
pub(super) async fn report_screened(
    store: &dyn RoomStore,
    message: &Message,
    reason: String,
) -> Result<(), ChatError> {
    if message.room.is_direct() {
        return Ok(());
    }
    let report = Report::by_filter(message, &reason, Timestamp::now());
    store.report(report).await.map(drop)
}
