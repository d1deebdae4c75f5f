//! Messages that are sent later: written, listed, changed, and sent when their time has come.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::Chat;
use crate::rules::decide;
use crate::{
    Action, ChatError, Command, Due, Facts, Failure, NewMessage, OwnChange, Problem, Profile, RoomId,
    Scheduled, ScheduledChanges, ScheduledCursor, ScheduledId, Settled, Timestamp,
};

/// For how long a node has what it has taken for itself. If it dies meanwhile, another goes on after that.
const TERM: Duration = Duration::from_secs(20);

/// How many are taken at once.
const PORTION: usize = 100;

/// How long the sending sleeps at the most: for what other nodes have left behind.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// How long it waits after the store could not be asked.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// How long it is before one is tried again, at the least and at the most.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

impl Chat {
    /// Keeps a message to be sent to a room later; whether it is new stands beside it: one with the `client_id` of another that
    /// waits for the same room is that one. What would be refused now is refused at once, and the rules decide again when its
    /// time has come.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) would refuse to send it now; [`ChatError::Invalid`] for a time that has passed
    /// or is further ahead than [`Scheduled::LONGEST`]; [`ChatError::LimitReached`], [`ChatError::TooManyRequests`],
    /// [`ChatError::Unavailable`].
    pub async fn schedule(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: NewMessage,
        send_at: Timestamp,
    ) -> Result<(Scheduled, bool), ChatError> {
        let now = Timestamp::now();
        check_send_at(send_at, now)?;
        self.would_be_sent(caller, room, &message, now).await?;
        self.count_private(caller)?;
        let (id, room) = (ScheduledId::generate(), room.clone());
        let new = Scheduled { id, user: caller.id, room, message, send_at, created_at: now, failed: None };
        let (scheduled, is_new) = self.store.schedule(new).await?;
        if is_new {
            self.tell_own(caller.id, OwnChange::ScheduledChanged(scheduled.id.clone()));
            self.scheduled.notify_one();
        }
        Ok((scheduled, is_new))
    }

    /// One of the caller's messages that wait.
    ///
    /// # Errors
    /// [`ChatError::ScheduledNotFound`], [`ChatError::Unavailable`].
    pub async fn scheduled(&self, caller: &Profile, id: &ScheduledId) -> Result<Scheduled, ChatError> {
        self.store.scheduled(caller.id, id).await?.ok_or(ChatError::ScheduledNotFound)
    }

    /// The caller's messages that wait or were refused, of one room or all, by the time at which they are to be sent, after
    /// `after`, at most `limit`, and one more than [`Limits::page`](crate::Limits::page), which shows that there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn all_scheduled(
        &self,
        caller: &Profile,
        room: Option<RoomId>,
        after: Option<ScheduledCursor>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ChatError> {
        self.store.all_scheduled(caller.id, room, after, self.page(limit)).await
    }

    /// Changes one of the caller's messages that wait. One that was refused waits again, and is sent at once if its time has
    /// passed.
    ///
    /// # Errors
    /// As [`Chat::schedule`]; [`ChatError::ScheduledNotFound`]; [`ChatError::BeingSent`].
    pub async fn reschedule(
        &self,
        caller: &Profile,
        id: &ScheduledId,
        changes: ScheduledChanges,
    ) -> Result<Scheduled, ChatError> {
        let now = Timestamp::now();
        if let Some(send_at) = changes.send_at {
            check_send_at(send_at, now)?;
        }
        let Scheduled { room, message, .. } = self.scheduled(caller, id).await?;
        let message = NewMessage {
            text: changes.text.clone().unwrap_or(message.text),
            data: changes.data.clone().or(message.data),
            ..message
        };
        self.would_be_sent(caller, &room, &message, now).await?;
        self.count_private(caller)?;
        let scheduled = self.store.reschedule(caller.id, id, changes, now).await?;
        self.tell_own(caller.id, OwnChange::ScheduledChanged(id.clone()));
        self.scheduled.notify_one();
        Ok(scheduled)
    }

    /// Removes one of the caller's messages that wait: it is not sent.
    ///
    /// # Errors
    /// [`ChatError::ScheduledNotFound`], [`ChatError::BeingSent`], [`ChatError::TooManyRequests`],
    /// [`ChatError::Unavailable`].
    pub async fn unschedule(&self, caller: &Profile, id: &ScheduledId) -> Result<(), ChatError> {
        self.count_private(caller)?;
        self.store.unschedule(caller.id, id, Timestamp::now()).await?;
        self.tell_own(caller.id, OwnChange::ScheduledChanged(id.clone()));
        Ok(())
    }

    /// Asks the rules whether a message would be sent now. Nothing comes of it.
    async fn would_be_sent(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: &NewMessage,
        now: Timestamp,
    ) -> Result<(), ChatError> {
        let access = self.room(caller, room).await?;
        let member = self.store.member(room, caller.id).await?;
        let answered = match message.reply_to {
            Some(offset) => self.store.message(room, caller.id, offset).await?,
            None => None,
        };
        let facts = Facts {
            room: Some(&access.room),
            actor: member.as_ref(),
            message: answered.as_ref(),
            ..Facts::at(now)
        };
        let action = Action::Send { message: message.clone(), present: Vec::new() };
        let command = Command { room: room.clone(), actor: caller.clone(), action };
        decide(&command, facts, &self.limits).map(drop)
    }

    /// Sends what is due, at this node or the others, for ever.
    pub async fn watch_scheduled(self: Arc<Self>) {
        loop {
            let wait = match self.send_due(Timestamp::now()).await {
                Ok(next) => {
                    next.map_or(LONGEST_SLEEP, |next| next.until(Timestamp::now()).min(LONGEST_SLEEP))
                }
                Err(error) => {
                    log::debug!("what is due is sent later: {error}");
                    AFTER_ERROR
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.scheduled.notified() => {}
            }
        }
    }

    /// Sends what is due at `now`, of one user to one room one after the other, by the time at which each was to be sent;
    /// when the next one is due. Other nodes may do the same at the same time.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] when the store could not be asked; what was taken then is due again after a while.
    pub async fn send_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ChatError> {
        // Most often there is nothing, and then nothing is written.
        let first = self.store.next_due(None).await?;
        if first.is_none_or(|first| first > now) {
            return Ok(first);
        }
        loop {
            // What was sent before took its time.
            let taken_until = now.max(Timestamp::now()).after(TERM);
            let due = self.store.take_due(now, taken_until, PORTION).await?;
            if due.is_empty() {
                return self.store.next_due(Some(now)).await;
            }
            join_all(due.into_iter().map(|due| self.send_one(due, now))).await;
        }
    }

    async fn send_one(&self, Due { scheduled, attempts, taken_until }: Due, now: Timestamp) {
        let settled = match self.send_as_author(&scheduled).await {
            Ok(()) => Settled::Sent,
            Err(error) => settle(&error, attempts, now.max(Timestamp::now())),
        };
        let changed = !matches!(settled, Settled::Later(_));
        match self.store.settle(&scheduled.id, taken_until, settled).await {
            Ok(()) if changed => self.tell_own(scheduled.user, OwnChange::ScheduledChanged(scheduled.id)),
            Ok(()) => {}
            // It is tried again, and answered as sent if it was.
            Err(error) => log::warn!("scheduled message {} is settled later: {error}", scheduled.id),
        }
    }

    async fn send_as_author(&self, scheduled: &Scheduled) -> Result<(), ChatError> {
        let author = self.find_user(scheduled.user).await?.ok_or(ChatError::UserNotFound)?;
        self.send(&author, &scheduled.room, scheduled.to_send()).await.map(drop)
    }
}

/// What comes of a message that was not sent.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else refuses it, refuses it for good")]
fn settle(error: &ChatError, attempts: u32, now: Timestamp) -> Settled {
    let (least, most) = BACK_OFF;
    match error {
        ChatError::Unavailable => {
            Settled::Later(now.after(least.saturating_mul(1 << attempts.min(16)).min(most)))
        }
        ChatError::TooManyRequests { retry_after } => {
            Settled::Later(now.after((*retry_after).clamp(least, most)))
        }
        refused => Settled::Failed(Failure { code: Failure::code_of(refused).to_owned(), at: now }),
    }
}

fn check_send_at(send_at: Timestamp, now: Timestamp) -> Result<(), ChatError> {
    if send_at > now && send_at <= now.after(Scheduled::LONGEST) {
        return Ok(());
    }
    let expected = "a time to come, at most 365 days ahead";
    Err(ChatError::invalid("send_at", Problem::Malformed { expected }))
}
