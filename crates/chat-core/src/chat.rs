//! The use cases: what a signed-in user can do, whatever the wire.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{self, BoxFuture, FutureExt};

use crate::rate::KeyedLimiter;
use crate::rules::may_read;
use crate::{
    Access, Action, AuthError, Channel, ChatError, Command, Connection, Directory, Epoch, Event, FanOut, Hub,
    Limits, LocalBackplane, Log, Member, MemoryStore, Message, NewMessage, NewRoom, Offset, Outcome,
    Position, Presence, Problem, Profile, Range, Role, Room, RoomChanges, RoomFilter, RoomId, RoomStore,
    SessionId, UserId,
};

/// The use cases of a chat, over a store, a hub and whoever knows the users.
///
/// Every method takes the caller as whoever authenticated them says; rooms that a caller may not know of are
/// [`ChatError::RoomNotFound`].
pub struct Chat {
    store: Arc<dyn RoomStore>,
    directory: Arc<dyn Directory>,
    hub: Arc<Hub>,
    limits: Limits,
    messages: Option<KeyedLimiter<UserId>>,
}

/// Where a client stands that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The last event it has.
    pub offset: Offset,
    /// The log it has it from; none if it does not say.
    pub epoch: Option<Epoch>,
}

/// What a new subscription to a room begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// The log's end; what comes next on the subscription follows it.
    pub position: Position,
    /// What was missed.
    pub recovery: Recovery,
}

/// What became of a client's wish to recover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// It had none.
    NotAsked,
    /// All it missed, in order; may be empty. Together with its past this is the whole log.
    Recovered(Vec<Arc<Event>>),
    /// Its position is not in this log, or it missed more than [`Limits::recovery_events`]: it reads the
    /// log in pages.
    Impossible,
}

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
        Chat { store, directory, hub, limits, messages }
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
        let found = self.directory.find(user).await.map_err(|error| match error {
            AuthError::Unavailable | AuthError::Expired | AuthError::Invalid => ChatError::Unavailable,
        })?;
        let user = found.ok_or_else(|| ChatError::invalid("user", Problem::Unknown { what: "user" }))?;
        into_member(self.submit(caller, room, Action::Invite { user, role }).await?)
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

    /// Sends a message. It is on disk when the future answers; whether it was there before, under the same
    /// `client_id`, stands beside it.
    ///
    /// The message takes its place in the order when this is called, not when the future is polled.
    ///
    /// # Errors
    /// As [`rules::decide`](crate::rules::decide) refuses it; [`ChatError::TooManyRequests`];
    /// [`ChatError::Unavailable`], after which it may be repeated with the same `client_id`.
    pub fn send(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: NewMessage,
    ) -> BoxFuture<'static, Result<(Message, bool), ChatError>> {
        if let Some(Err(retry_after)) = self.messages.as_ref().map(|limiter| limiter.check(&caller.id)) {
            return future::ready(Err(ChatError::TooManyRequests { retry_after })).boxed();
        }
        let sent = self.submit(caller, room, Action::Send(message));
        async move { into_message(sent.await?) }.boxed()
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

    /// Messages in ascending order, at most `limit`, and one more than [`Limits::page`], which shows that
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
        self.store.messages(room, range, self.page(limit)).await
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
        self.store.message(room, offset).await?.ok_or(ChatError::MessageNotFound)
    }

    /// Part of a room's log, at most `limit` events, and no more than a recovery or a page has.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
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
        Ok(log)
    }

    /// Subscribes a connection to a room. `reply` turns what it begins with into the frame that is written
    /// before anything else of the room; no event falls between the two, and none comes twice. Its error takes
    /// the subscription back.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::AlreadySubscribed`], [`ChatError::LimitReached`],
    /// [`ChatError::Unavailable`], and those of `reply`; the connection is then as it was.
    pub async fn subscribe(
        &self,
        connection: &Arc<Connection>,
        room: &RoomId,
        since: Option<Since>,
        join_leave: bool,
        reply: impl FnOnce(&Subscribed) -> Result<Bytes, ChatError> + Send,
    ) -> Result<(), ChatError> {
        // First the subscription, then the look into the log: what is committed between the two is held.
        let pending = self.hub.subscribe(connection, room, join_leave)?;
        let caller = connection.user();
        let position = self.room(caller, room).await?.room.position();
        let recovery = match since {
            None => Recovery::NotAsked,
            Some(since) => self.recover(room, &since, &position).await?,
        };
        let subscribed = Subscribed { position, recovery };
        let offset = subscribed.position.offset;
        pending.activate(offset, reply(&subscribed)?)
    }

    fn page(&self, limit: usize) -> usize {
        limit.min(self.limits.page + 1)
    }

    /// The events between the two: from memory where they are, since after an outage many miss the same ones.
    async fn recover(&self, room: &RoomId, since: &Since, end: &Position) -> Result<Recovery, ChatError> {
        let same_log = since.epoch.as_ref().is_none_or(|epoch| *epoch == end.epoch);
        let missed =
            end.offset.get().checked_sub(since.offset.get()).and_then(|missed| usize::try_from(missed).ok());
        let missed = match missed {
            Some(0) if same_log => return Ok(Recovery::Recovered(Vec::new())),
            Some(missed) if same_log && missed <= self.limits.recovery_events => missed,
            Some(_) | None => return Ok(Recovery::Impossible),
        };
        if let Some(events) = self.hub.recent_events(room, since.offset, end.offset) {
            return Ok(Recovery::Recovered(events));
        }
        // Who may read it was asked already; what was committed since comes by the subscription.
        let log = self.store.log(room, None, Range::After(since.offset), missed).await?;
        let events = log.ok_or(ChatError::RoomNotFound)?.events;
        Ok(if events.len() == missed { Recovery::Recovered(events) } else { Recovery::Impossible })
    }

    /// Who is in a room now, on this node, in no order.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
    pub async fn presence(&self, caller: &Profile, room: &RoomId) -> Result<Vec<Presence>, ChatError> {
        self.room(caller, room).await?;
        Ok(self.hub.presence(&Channel::Room(room.clone())))
    }

    /// Tells a user that a log-in of theirs has ended, and closes its connections.
    pub fn end_session(&self, user: UserId, session: &SessionId) {
        self.hub.end_session(user, session);
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

/// Knows nobody.
struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn find(&self, _: UserId) -> Result<Option<Profile>, AuthError> {
        Ok(None)
    }
}

/// A store that answers a command with another's outcome is broken; the caller learns that it did not work.
fn mismatch() -> ChatError {
    log::error!("the store answered a command with another one's outcome");
    ChatError::Unavailable
}

fn into_room(outcome: Outcome) -> Result<Room, ChatError> {
    match outcome {
        Outcome::Room(room) => Ok(room),
        Outcome::Member { .. } | Outcome::Message { .. } => Err(mismatch()),
    }
}

fn into_member(outcome: Outcome) -> Result<(Member, bool), ChatError> {
    match outcome {
        Outcome::Member { member, changed } => Ok((member, changed)),
        Outcome::Room(_) | Outcome::Message { .. } => Err(mismatch()),
    }
}

fn into_message(outcome: Outcome) -> Result<(Message, bool), ChatError> {
    match outcome {
        Outcome::Message { message, repeated } => Ok((message, repeated)),
        Outcome::Room(_) | Outcome::Member { .. } => Err(mismatch()),
    }
}
