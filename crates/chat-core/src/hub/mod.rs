//! One node's connections and subscriptions, and the fan-out to them.
//!
//! Every event reaches every subscriber of its room in the order of the log, once: each subscription knows
//! the last offset it was given, takes only the next one, and drops what it has had. What is missing in
//! between is read from the log by the [`FanOut`](crate::FanOut).

mod connection;
mod outbox;
mod push;
mod subscribers;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

pub use self::connection::Connection;
pub use self::outbox::{CloseReason, Outbox};
pub use self::push::{Channel, EndReason, Presence, Push, Signal, WireFormat};
use self::subscribers::{Refused, Subscribers};
use crate::{ChatError, Event, Limits, Offset, Profile, RoomId, SessionId, UserId};

/// How many locks the channels are spread over. More than cores enough that two rooms seldom meet.
const SHARDS: usize = 64;

/// One node's connections and subscriptions.
///
/// All methods are short and never wait; locks are held for moments. Locks nest in one order only: a shard,
/// then a connection's channels.
pub struct Hub {
    shards: Vec<Mutex<HashMap<Channel, Subscribers>>>,
    hasher: RandomState,
    connections: Mutex<HashMap<UserId, Vec<Arc<Connection>>>>,
    next_key: AtomicU64,
    count: AtomicU64,
    limits: Limits,
}

/// A connection was refused: there are too many of this user, or on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many connections: at most {limit}")]
pub struct TooManyConnections {
    /// How many there may be.
    pub limit: usize,
}

impl Hub {
    /// A hub without connections.
    #[must_use]
    pub fn new(limits: Limits) -> Hub {
        Hub {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            connections: Mutex::default(),
            next_key: AtomicU64::new(0),
            count: AtomicU64::new(0),
            limits,
        }
    }

    /// Takes in a connection. It is told nothing until it subscribes.
    ///
    /// # Errors
    /// When the user, or the node, has as many as [`Limits`] allows.
    pub fn connect(
        &self,
        user: Profile,
        session: Option<SessionId>,
        format: Arc<dyn WireFormat>,
    ) -> Result<Arc<Connection>, TooManyConnections> {
        let id = user.id;
        let connection = Arc::new(Connection {
            key: self.next_key.fetch_add(1, Ordering::Relaxed),
            presence: Presence { client: uuid::Uuid::new_v4().to_string(), user },
            session,
            format,
            channels: Mutex::new(Some(HashSet::new())),
            outbox: Outbox::new(self.limits.queue_bytes),
        });
        let mut connections = self.connections();
        if self.count.load(Ordering::Relaxed) >= self.limits.connections as u64 {
            return Err(TooManyConnections { limit: self.limits.connections });
        }
        let of_user = connections.entry(id).or_default();
        if of_user.len() >= self.limits.connections_per_user {
            return Err(TooManyConnections { limit: self.limits.connections_per_user });
        }
        of_user.push(connection.clone());
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }

    /// Ends a connection and all its subscriptions. Once is enough; again does nothing.
    pub fn disconnect(&self, connection: &Arc<Connection>) {
        let channels = connection.channels.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(channels) = channels else { return };
        for channel in channels {
            self.with(&channel, |subscribers| subscribers.remove(&channel, connection.key));
        }
        let mut connections = self.connections();
        let id = connection.user().id;
        if let Some(of_user) = connections.get_mut(&id) {
            of_user.retain(|other| other.key != connection.key);
            if of_user.is_empty() {
                connections.remove(&id);
            }
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many connections there are.
    #[must_use]
    pub fn connection_count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Subscribes a connection to its user's own channel.
    pub fn subscribe_to_user(&self, connection: &Arc<Connection>) {
        let channel = Channel::User(connection.user().id);
        let mut shard = self.shard(&channel);
        if let Some(channels) = &mut *connection.channels.lock().unwrap_or_else(PoisonError::into_inner) {
            channels.insert(channel.clone());
            shard.entry(channel).or_default().add_active(connection.clone());
        }
    }

    /// Begins a subscription to a room: from now on its events are held for it, until
    /// [`PendingSubscription::activate`] says where in the log it stands.
    ///
    /// # Errors
    /// [`ChatError::AlreadySubscribed`], and [`ChatError::LimitReached`] for too many on one connection.
    pub fn subscribe<'a>(
        &'a self,
        connection: &'a Arc<Connection>,
        room: &RoomId,
        join_leave: bool,
    ) -> Result<PendingSubscription<'a>, ChatError> {
        let channel = Channel::Room(room.clone());
        let mut shard = self.shard(&channel);
        let mut channels = connection.channels.lock().unwrap_or_else(PoisonError::into_inner);
        // Disconnected meanwhile: nobody reads the answer.
        let channels = channels.as_mut().ok_or(ChatError::Unavailable)?;
        if channels.contains(&channel) {
            return Err(ChatError::AlreadySubscribed);
        }
        let limit = self.limits.subscriptions_per_connection;
        if channels.len() >= limit {
            return Err(ChatError::LimitReached { what: "subscriptions", limit: limit as u64 });
        }
        channels.insert(channel.clone());
        shard.entry(channel.clone()).or_default().add_pending(connection.clone(), join_leave);
        Ok(PendingSubscription { hub: self, connection, channel, active: false })
    }

    /// Ends a subscription at its client's wish. One that is not there is no error.
    pub fn unsubscribe(&self, connection: &Arc<Connection>, channel: &Channel) {
        self.with(channel, |subscribers| {
            subscribers.remove(channel, connection.key);
            connection.forget(channel);
        });
    }

    /// Whether the connection is subscribed to the channel.
    #[must_use]
    pub fn is_subscribed(&self, connection: &Connection, channel: &Channel) -> bool {
        let channels = connection.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.as_ref().is_some_and(|channels| channels.contains(channel))
    }

    /// Hands an event to every subscription that it is next for.
    ///
    /// Returns the least offset of the subscriptions that miss something before it: deliver what follows that
    /// offset, and this event once more.
    #[must_use]
    pub fn deliver(&self, event: &Event) -> Option<Offset> {
        let channel = Channel::Room(event.room.clone());
        self.with(&channel, |subscribers| subscribers.deliver(&channel, event, self.limits.queue_bytes))?
    }

    /// How far the subscription has come that is furthest behind in the room; none when there is none.
    #[must_use]
    pub fn least_position(&self, room: &RoomId) -> Option<Offset> {
        self.with(&Channel::Room(room.clone()), Subscribers::least_position)?
    }

    /// Tells a signal to a channel's subscribers.
    pub fn signal(&self, channel: &Channel, signal: &Signal) {
        self.with(channel, |subscribers| subscribers.tell(channel, Push::Signal(signal), false));
    }

    /// Whether anyone is subscribed to the channel on this node.
    #[must_use]
    pub fn has_subscribers(&self, channel: &Channel) -> bool {
        self.with(channel, |_| ()).is_some()
    }

    /// Who is subscribed to the channel on this node, in no order.
    #[must_use]
    pub fn presence(&self, channel: &Channel) -> Vec<Presence> {
        self.with(channel, |subscribers| subscribers.presence()).unwrap_or_default()
    }

    /// Ends subscriptions to a room from this side: those of the users that `ends` names, begun before the
    /// event at `at` that ends them.
    pub fn end_subscriptions(
        &self,
        room: &RoomId,
        at: Offset,
        reason: EndReason,
        ends: impl Fn(UserId) -> bool,
    ) {
        let channel = Channel::Room(room.clone());
        self.with(&channel, |subscribers| {
            subscribers.end(&channel, at, reason, |presence| ends(presence.user.id))
        });
    }

    /// Ends a log-in: tells the user, and closes its connections.
    pub fn end_session(&self, user: UserId, session: &SessionId) {
        self.signal(&Channel::User(user), &Signal::SessionEnded(session.clone()));
        let connections = self.connections();
        for connection in connections.get(&user).into_iter().flatten() {
            if connection.session.as_ref() == Some(session) {
                connection.outbox.close(CloseReason::SessionEnded);
            }
        }
    }

    /// Closes every connection; each ends when its task has written what waits for it.
    pub fn close_all(&self, reason: CloseReason) {
        for connection in self.connections().values().flatten() {
            connection.outbox.close(reason);
        }
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Arc<Connection>>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, channel: &Channel) -> MutexGuard<'_, HashMap<Channel, Subscribers>> {
        let hash = self.hasher.hash_one(channel);
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on a channel's subscribers under the shard's lock; none when there are none. The channel
    /// goes with its last subscriber.
    fn with<T>(&self, channel: &Channel, act: impl FnOnce(&mut Subscribers) -> T) -> Option<T> {
        let mut shard = self.shard(channel);
        let subscribers = shard.get_mut(channel)?;
        let result = act(subscribers);
        if subscribers.is_empty() {
            shard.remove(channel);
        }
        Some(result)
    }
}

impl Connection {
    /// Strikes a channel off the connection's list.
    fn forget(&self, channel: &Channel) {
        if let Some(channels) = &mut *self.channels.lock().unwrap_or_else(PoisonError::into_inner) {
            channels.remove(channel);
        }
    }
}

/// A subscription whose place in the log is being looked up. Dropped, it is taken back.
pub struct PendingSubscription<'a> {
    hub: &'a Hub,
    connection: &'a Arc<Connection>,
    channel: Channel,
    active: bool,
}

impl PendingSubscription<'_> {
    /// Begins it at `position`, the log's end as the caller read it: `reply` is written, and after it every
    /// later event.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`] when its user was removed meanwhile; [`ChatError::Unavailable`] when more
    /// events came meanwhile than could be held.
    pub fn activate(mut self, position: Offset, reply: Bytes) -> Result<(), ChatError> {
        let key = self.connection.key;
        let result = self
            .hub
            .with(&self.channel, |subscribers| subscribers.activate(&self.channel, key, position, reply));
        match result {
            Some(Ok(())) => {
                self.active = true;
                Ok(())
            }
            Some(Err(Refused::Torn)) => Err(ChatError::Unavailable),
            Some(Err(Refused::Removed)) | None => Err(ChatError::RoomNotFound),
        }
    }
}

impl Drop for PendingSubscription<'_> {
    fn drop(&mut self) {
        if !self.active {
            self.hub.unsubscribe(self.connection, &self.channel);
        }
    }
}
