//! Messages: sent, edited, deleted, read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{self, BoxFuture, FutureExt};

use super::expiry::Expiry;
use super::screen::report_screened;
use super::{Chat, mismatch, present};
use crate::mention::Calls;
use crate::rules::may;
use crate::{
    Action, Channel, ChatError, Command, Hub, Message, MessageChanges, NewMessage, Offset, Outcome,
    Permission, Profile, Range, RoomId, RoomStore, Timestamp, UserId, Version,
};

impl Chat {
    /// Sends a message. It is on disk when the future answers; whether it was there before, under the same
    /// `client_id`, stands beside it.
    ///
    /// The message takes its place in the order when this is called, not when the future is polled; but one that calls
    /// those who are there by `@here`, where there are other nodes, when they have said who that is. Where messages are judged
    /// first ([`Chat::with_screen`]), it takes its place when it was, behind those that the caller sent to the room before, and
    /// dropping the future may take it back.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`], after which it may be repeated with the same `client_id`.
    pub fn send(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: NewMessage,
    ) -> BoxFuture<'static, Result<(Arc<Message>, bool), ChatError>> {
        if let Err(error) = self.count(caller) {
            return future::ready(Err(error)).boxed();
        }
        match &self.screen {
            None => self.sending().send(caller.clone(), room.clone(), message),
            Some(screen) => self.send_screened(screen.clone(), caller, room, message),
        }
    }

    pub(super) fn sending(&self) -> Sending {
        Sending {
            store: self.store.clone(),
            hub: self.hub.clone(),
            expiry: self.expiry.clone(),
            accepted: self.accepted.clone(),
        }
    }

    /// Changes what a message says; whether it said so already stands beside it.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`].
    pub async fn edit(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        changes: MessageChanges,
    ) -> Result<(Arc<Message>, bool), ChatError> {
        self.count(caller)?;
        let (changes, report) = self.screened_changes(caller, room, message, changes).await?;
        let present = called_here(self.hub.clone(), room, &changes.text).await;
        let action = Action::Edit { message, changes, present };
        let edited = into_message(self.submit(caller, room, action).await?, caller.id)?;
        if let Some(reason) = report {
            report_screened(&*self.store, &edited.0, reason).await?;
        }
        Ok(edited)
    }

    /// Deletes a message: its place stays, empty. One that was deleted stays so.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`].
    pub async fn delete(&self, caller: &Profile, room: &RoomId, message: Offset) -> Result<(), ChatError> {
        self.submit_counted(caller, room, Action::Delete { message }).await.map(drop)
    }

    /// Messages in ascending order, at most `limit`, and one more than [`Limits::page`](crate::Limits::page), which shows that
    /// there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
    pub async fn messages(
        &self,
        caller: &Profile,
        room: &RoomId,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        self.room(caller, room).await?;
        self.store.messages(room, caller.id, range, self.page(limit)).await
    }

    /// One message.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::MessageNotFound`], [`ChatError::Unavailable`].
    pub async fn message(
        &self,
        caller: &Profile,
        room: &RoomId,
        offset: Offset,
    ) -> Result<Message, ChatError> {
        self.room(caller, room).await?;
        self.message_in(caller, room, offset).await
    }

    /// One message of a room that the caller is known to read.
    pub(super) async fn message_in(
        &self,
        caller: &Profile,
        room: &RoomId,
        offset: Offset,
    ) -> Result<Message, ChatError> {
        self.store.message(room, caller.id, offset).await?.ok_or(ChatError::MessageNotFound)
    }

    /// What a message said before, in the order in which it was replaced, after the event `after`, at most `limit`, and one
    /// more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::NotAMember`], [`ChatError::Forbidden`], [`ChatError::MessageNotFound`],
    /// [`ChatError::Unavailable`].
    pub async fn versions(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Version>, ChatError> {
        let access = self.room(caller, room).await?;
        may(&access, Permission::ReadVersions)?;
        self.message_in(caller, room, message).await?;
        self.store.versions(room, message, after, self.page(limit)).await
    }
}

/// What a message is sent with. It outlives the call.
pub(super) struct Sending {
    pub store: Arc<dyn RoomStore>,
    hub: Arc<Hub>,
    expiry: Arc<Expiry>,
    accepted: Arc<AtomicU64>,
}

impl Sending {
    /// Sends a message that was counted, and judged where messages are.
    pub fn send(
        &self,
        actor: Profile,
        room: RoomId,
        message: NewMessage,
    ) -> BoxFuture<'static, Result<(Arc<Message>, bool), ChatError>> {
        let (caller, store, expiry) = (actor.id, self.store.clone(), self.expiry.clone());
        let accepted = self.accepted.clone();
        let called = called_here(self.hub.clone(), &room, &message.text);
        let submit =
            move |present| store.submit(Command { room, actor, action: Action::Send { message, present } });
        // Who is alone knows at once who is there, and the message keeps its place. Else it has the place of the answer.
        let mut called = called.boxed();
        let sent = match (&mut called).now_or_never() {
            Some(present) => submit(present),
            None => called.then(submit).boxed(),
        };
        async move {
            let (message, repeated) = into_message(sent.await?, caller)?;
            if !repeated {
                accepted.fetch_add(1, Ordering::Relaxed);
            }
            expiry.expect(&message);
            Ok((message, repeated))
        }
        .boxed()
    }
}

/// Who is called by a text that says `@here`.
fn called_here(hub: Arc<Hub>, room: &RoomId, text: &str) -> impl Future<Output = Vec<UserId>> + use<> {
    let called = text.contains('@') && Calls::of(text).here;
    let channel = called.then(|| Channel::Room(room.clone()));
    async move {
        let Some(channel) = channel else { return Vec::new() };
        let mut present: Vec<_> = present(&hub, &channel).await.iter().map(|one| one.user.id).collect();
        present.sort_unstable();
        present.dedup();
        present
    }
}

fn into_message(outcome: Outcome, caller: UserId) -> Result<(Arc<Message>, bool), ChatError> {
    let Outcome::Message { message, repeated } = outcome else { return Err(mismatch()) };
    let now = Timestamp::now();
    let message = match message.may_look_otherwise(now) {
        true => Message::clone(&message).seen_by(caller, now).into(),
        false => message,
    };
    Ok((message, repeated))
}
