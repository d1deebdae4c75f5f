//! The use cases: what a signed-in user can do, whatever the wire.

mod attachments;
mod blocks;
mod bookmarks;
mod direct;
mod expiry;
mod messages;
mod moderation;
mod operator;
mod pins;
mod presence;
mod previews;
mod reactions;
mod reads;
mod reports;
mod retention;
mod scheduled;
mod screen;
mod search;
mod threads;
mod typing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{self, BoxFuture, FutureExt};
use tokio::sync::Notify;

use self::expiry::Expiry;
use crate::rate::KeyedLimiter;
use crate::rules::may_read;
use crate::screen::Turns;
use crate::{
    Access, Action, AuthError, Channel, ChatError, Command, Directory, FanOut, FileLinks, Hub, Limits,
    LocalBackplane, Log, Member, MemoryStore, NewRoom, NoDirectory, NoFiles, Offset, Outcome, Presence,
    Previewer, Problem, Profile, Range, Rate, Role, Room, RoomChanges, RoomFilter, RoomId, RoomStore, Screen,
    SessionId, UserId,
};

/// The use cases of a chat, over a store, a hub and whoever knows the users.
///
/// Every method takes the caller as whoever authenticated them says; rooms that a caller may not know of are
/// [`ChatError::RoomNotFound`].
pub struct Chat {
    pub(crate) store: Arc<dyn RoomStore>,
    directory: Arc<dyn Directory>,
    files: Arc<dyn FileLinks>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) limits: Limits,
    messages: Option<KeyedLimiter<UserId>>,
    /// What a user changes for themselves alone, as often again.
    private: Option<KeyedLimiter<UserId>>,
    typing: KeyedLimiter<(UserId, RoomId)>,
    expiry: Arc<Expiry>,
    screen: Option<Arc<dyn Screen>>,
    turns: Arc<Turns>,
    previewer: Option<Arc<dyn Previewer>>,
    /// Says that something is due at another time than before.
    scheduled: Notify,
    /// How many messages were accepted, but for those that were there already.
    accepted: Arc<AtomicU64>,
}

/// How often those who have a room open are told that somebody writes there.
const TYPING: Rate = Rate { per_minute: 20, burst: 2 };

impl Chat {
    /// A chat over these parts.
    #[must_use]
    pub fn new(
        store: Arc<dyn RoomStore>,
        directory: Arc<dyn Directory>,
        hub: Arc<Hub>,
        limits: Limits,
    ) -> Chat {
        let messages = limits.messages.map(KeyedLimiter::new);
        let private = limits.messages.map(KeyedLimiter::new);
        let typing = KeyedLimiter::new(TYPING);
        let (expiry, turns, scheduled) = (Arc::default(), Arc::default(), Notify::new());
        Chat {
            store,
            directory,
            files: Arc::new(NoFiles),
            hub,
            limits,
            messages,
            private,
            typing,
            expiry,
            screen: None,
            turns,
            previewer: None,
            scheduled,
            accepted: Arc::default(),
        }
    }

    /// The same chat, in which everything that users say is judged before it is kept.
    #[must_use]
    pub fn with_screen(self, screen: Arc<dyn Screen>) -> Chat {
        Chat { screen: Some(screen), ..self }
    }

    /// The same chat with somebody who gives links to what was uploaded; without, nobody is given any.
    #[must_use]
    pub fn with_files(self, files: Arc<dyn FileLinks>) -> Chat {
        Chat { files, ..self }
    }

    /// A chat that keeps everything in memory, with its fan-out running as a task of the current tokio
    /// runtime; users are whoever its caller says they are, so that nobody can be invited by id alone.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn in_memory(limits: Limits) -> Chat {
        let (backplane, arrivals) = LocalBackplane::new(limits.fan_out_queue);
        let store = Arc::new(MemoryStore::new(limits.clone(), Arc::new(backplane)));
        let hub = Arc::new(Hub::new(limits.clone()));
        tokio::spawn(FanOut::new(hub.clone(), store.clone()).run(arrivals));
        Chat::new(store, Arc::new(NoDirectory), hub, limits)
    }

    /// The hub of this node.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many messages this chat has taken since it was made, each once, however often it was repeated.
    #[must_use]
    pub fn accepted_count(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Whether the store answers; for a health check.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn ready(&self) -> Result<(), ChatError> {
        self.store.ready().await
    }

    /// Makes a room; without an id it gets a new one.
    ///
    /// # Errors
    /// [`ChatError::RoomExists`], [`ChatError::Invalid`], [`ChatError::LimitReached`],
    /// [`ChatError::Unavailable`].
    pub async fn create_room(
        &self,
        caller: &Profile,
        id: Option<RoomId>,
        new: NewRoom,
    ) -> Result<Room, ChatError> {
        let id = id.unwrap_or_else(RoomId::generate);
        into_room(self.submit(caller, &id, Action::CreateRoom(new)).await?)
    }

    /// Changes a room's name, topic or kind.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn change_room(
        &self,
        caller: &Profile,
        room: &RoomId,
        changes: RoomChanges,
    ) -> Result<Room, ChatError> {
        into_room(self.submit(caller, room, Action::ChangeRoom(changes)).await?)
    }

    /// Deletes a room with its log; the id stays taken.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn delete_room(&self, caller: &Profile, room: &RoomId) -> Result<(), ChatError> {
        self.submit(caller, room, Action::DeleteRoom).await.map(drop)
    }

    /// Makes the caller a member of a public room; one who is, stays as they are.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn join(&self, caller: &Profile, room: &RoomId) -> Result<(Member, bool), ChatError> {
        into_member(self.submit(caller, room, Action::Join).await?)
    }

    /// Makes another user a member, with a role; one who is, stays as they are.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::Invalid`] when there is no such
    /// user; [`ChatError::Unavailable`].
    pub async fn invite(
        &self,
        caller: &Profile,
        room: &RoomId,
        user: UserId,
        role: Role,
    ) -> Result<(Member, bool), ChatError> {
        // Before the user is looked up: a room that is not the caller's says nothing about users.
        self.room(caller, room).await?;
        let user = self.user("user", user).await?;
        into_member(self.submit(caller, room, Action::Invite { user, role }).await?)
    }

    /// The user whom a field names.
    async fn user(&self, field: &'static str, user: UserId) -> Result<Profile, ChatError> {
        self.find_user(user)
            .await?
            .ok_or_else(|| ChatError::invalid(field, Problem::Unknown { what: "user" }))
    }

    async fn find_user(&self, user: UserId) -> Result<Option<Profile>, ChatError> {
        self.directory.find(user).await.map_err(|error| match error {
            AuthError::Unavailable | AuthError::Expired | AuthError::Invalid => ChatError::Unavailable,
        })
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn set_role(
        &self,
        caller: &Profile,
        room: &RoomId,
        user: UserId,
        role: Role,
    ) -> Result<Member, ChatError> {
        into_member(self.submit(caller, room, Action::SetRole { user, role }).await?)
            .map(|(member, _)| member)
    }

    /// Ends a membership: the caller leaves, or removes another.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it, and [`ChatError::Unavailable`].
    pub async fn remove(&self, caller: &Profile, room: &RoomId, user: UserId) -> Result<(), ChatError> {
        self.submit(caller, room, Action::Remove { user }).await.map(drop)
    }

    /// A room, and the caller's role in it.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
    pub async fn room(&self, caller: &Profile, room: &RoomId) -> Result<Access, ChatError> {
        let access = self.store.room(room, caller.id).await?.ok_or(ChatError::RoomNotFound)?;
        may_read(&access)?;
        Ok(access)
    }

    /// Rooms in the order of their ids, after `after`, at most `limit`, and one more than [`Limits::page`], which shows that
    /// there is more.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn rooms(
        &self,
        caller: &Profile,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError> {
        self.store.rooms(caller.id, filter, after, self.page(limit)).await
    }

    /// A room's members in the order of their ids, after `after`, at most `limit`, and one more than [`Limits::page`], which shows that
    /// there is more.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
    pub async fn members(
        &self,
        caller: &Profile,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError> {
        self.room(caller, room).await?;
        self.store.members(room, after, self.page(limit)).await
    }

    /// Part of a room's log, at most `limit` events, and no more than a recovery or a page has. What follows
    /// [`Offset::START`](crate::Offset::START) is all that is kept.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`]; [`ChatError::EventsGone`] where some of what follows an event
    /// was removed.
    pub async fn log(
        &self,
        caller: &Profile,
        room: &RoomId,
        range: Range,
        limit: usize,
    ) -> Result<Log, ChatError> {
        let limit = limit.min(self.limits.recovery_events.max(self.limits.page + 1));
        let log =
            self.store.log(room, Some(caller.id), range, limit).await?.ok_or(ChatError::RoomNotFound)?;
        may_read(&log.access)?;
        let first = log.access.room.first;
        match range {
            Range::After(after) if after > Offset::START && after.next() < first => {
                Err(ChatError::EventsGone { first })
            }
            Range::After(_) | Range::Before(_) | Range::Latest => Ok(log),
        }
    }

    fn page(&self, limit: usize) -> usize {
        limit.min(self.limits.page + 1)
    }

    /// Tells a user that a log-in of theirs has ended, and closes its connections, at every node.
    pub fn end_session(&self, user: UserId, session: &SessionId) {
        self.hub.end_session(user, session);
        self.hub.backplane().end_session(user, session);
    }

    /// Counts messages that a user sent at other nodes against the rate here.
    pub fn count_elsewhere(&self, user: UserId, messages: u32) {
        if let Some(limiter) = &self.messages {
            // What is more than the rate leaves is as good as that: nothing is left.
            let _ = (0..messages).try_for_each(|_| limiter.check(&user));
        }
    }

    /// Counts what changes something for the caller alone, such as a mark.
    fn count_private(&self, caller: &Profile) -> Result<(), ChatError> {
        match self.private.as_ref().map(|limiter| limiter.check(&caller.id)) {
            Some(Err(retry_after)) => Err(ChatError::TooManyRequests { retry_after }),
            Some(Ok(())) | None => Ok(()),
        }
    }

    /// Submits what counts against the rate of messages.
    fn submit_counted(
        &self,
        caller: &Profile,
        room: &RoomId,
        action: Action,
    ) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        match self.count(caller) {
            Ok(()) => self.submit(caller, room, action),
            Err(error) => future::ready(Err(error)).boxed(),
        }
    }

    /// Counts a message against the rate.
    fn count(&self, caller: &Profile) -> Result<(), ChatError> {
        if let Some(Err(retry_after)) = self.messages.as_ref().map(|limiter| limiter.check(&caller.id)) {
            return Err(ChatError::TooManyRequests { retry_after });
        }
        self.hub.backplane().count(caller.id);
        Ok(())
    }

    fn submit(
        &self,
        caller: &Profile,
        room: &RoomId,
        action: Action,
    ) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        self.store.submit(Command { room: room.clone(), actor: caller.clone(), action })
    }
}

/// Who is on a channel, at whatever node.
async fn present(hub: &Hub, channel: &Channel) -> Vec<Presence> {
    let mut present = hub.backplane().presence(channel).await;
    present.extend(hub.presence(channel));
    present
}

/// A store that answers a command with another's outcome is broken; the caller learns that it did not work.
fn mismatch() -> ChatError {
    log::error!("the store answered a command with another one's outcome");
    ChatError::Unavailable
}

fn into_room(outcome: Outcome) -> Result<Room, ChatError> {
    let Outcome::Room(room) = outcome else { return Err(mismatch()) };
    Ok(room)
}

fn into_member(outcome: Outcome) -> Result<(Member, bool), ChatError> {
    let Outcome::Member { member, changed } = outcome else { return Err(mismatch()) };
    Ok((member, changed))
}
