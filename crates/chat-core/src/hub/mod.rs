//! One node's connections and subscriptions, and the fan-out to them.
//!
//! Every event reaches every subscriber of its room in the order of the log, once: each subscription knows
//! the last offset it was given, takes only the next one, and drops what it has had. What is missing in
//! between is read from the log by the [`FanOut`](crate::FanOut).

mod connection;
mod outbox;
mod outlet;
mod pending;
mod presence;
mod push;
mod recent;
mod subscribers;
mod subscription;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use self::connection::Connection;
pub use self::outbox::Outbox;
pub use self::outlet::{Address, Backpressure, CloseReason, Outlet};
pub use self::pending::PendingSubscription;
pub use self::push::{Channel, EndReason, Notice, OwnChange, Presence, Push, RoomSignal, Signal, WireFormat};
use self::recent::Recent;
use self::subscribers::{Encoded, Place, Subscribers};
use crate::{Backplane, ChatError, Event, Limits, Offset, Profile, RoomId, SessionId, Timestamp, UserId};

/// How many locks the rooms are spread over. More than cores enough that two rooms seldom meet.
const SHARDS: usize = 64;

/// One node's connections and subscriptions.
///
/// All methods are short and never wait; locks are held for moments. Locks nest in one order only: a shard,
/// then a connection's rooms.
pub struct Hub {
    shards: Vec<Mutex<HashMap<RoomId, Subscribers>>>,
    hasher: RandomState,
    connections: Mutex<HashMap<UserId, Vec<Arc<Connection>>>>,
    lives: AtomicU32,
    count: AtomicU64,
    delivered: AtomicU64,
    backpressure: Arc<Backpressure>,
    recent: Mutex<Recent>,
    backplane: Arc<dyn Backplane>,
    limits: Limits,
    /// Who has come or gone of late, and when.
    moves: Mutex<HashMap<UserId, Timestamp>>,
    /// Those whose connections here did nothing for a while when it was looked last.
    away: Mutex<HashSet<UserId>>,
}

/// The backplane of a hub that is alone.
struct Alone;

impl Backplane for Alone {
    fn publish(&self, _: &[Arc<Event>]) {}

    fn behind(&self, _: &[RoomId]) {}
}

/// A connection was refused: there are too many of this user, or on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many connections: at most {limit}")]
pub struct TooManyConnections {
    /// How many there may be.
    pub limit: usize,
}

impl Hub {
    /// A hub without connections, the only one of its chat.
    #[must_use]
    pub fn new(limits: Limits) -> Hub {
        Hub::of_several(limits, Arc::new(Alone))
    }

    /// A hub without connections, one of several that tell one another by `backplane`.
    #[must_use]
    pub fn of_several(limits: Limits, backplane: Arc<dyn Backplane>) -> Hub {
        Hub {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            connections: Mutex::default(),
            lives: AtomicU32::new(0),
            count: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            backpressure: Arc::default(),
            recent: Mutex::new(Recent::new(limits.recent_bytes)),
            backplane,
            limits,
            moves: Mutex::default(),
            away: Mutex::default(),
        }
    }

    /// Takes in a connection, which `outlet` knows by `index`. From now on it is told what concerns its user, and
    /// nothing of any room until it subscribes.
    ///
    /// # Errors
    /// When the user, or the node, has as many as [`Limits`] allows. Those that the user has at other nodes are counted as
    /// they were last heard of.
    pub fn connect(
        &self,
        user: Profile,
        session: Option<SessionId>,
        format: Arc<dyn WireFormat>,
        outlet: Arc<dyn Outlet>,
        index: u32,
    ) -> Result<Arc<Connection>, TooManyConnections> {
        let id = user.id;
        let connection = Arc::new(Connection {
            client: uuid::Uuid::new_v4().to_string(),
            user,
            begun: Instant::now(),
            active: AtomicU32::new(0),
            shown: AtomicU8::new(connection::UNKNOWN),
            session,
            format,
            outlet,
            address: Address { index, life: self.lives.fetch_add(1, Ordering::Relaxed) },
            rooms: Mutex::new(Some(HashSet::new())),
        });
        let mut connections = self.connections();
        if self.count.load(Ordering::Relaxed) >= self.limits.connections as u64 {
            return Err(TooManyConnections { limit: self.limits.connections });
        }
        let of_user = connections.entry(id).or_default();
        if of_user.len() + self.backplane.connections_elsewhere(id) >= self.limits.connections_per_user {
            return Err(TooManyConnections { limit: self.limits.connections_per_user });
        }
        if of_user.is_empty() {
            self.note_move(id);
        }
        of_user.push(connection.clone());
        self.count.fetch_add(1, Ordering::Relaxed);
        self.backplane.interest(&Channel::User(id));
        Ok(connection)
    }

    /// Ends a connection and all its subscriptions. Once is enough; again does nothing.
    pub fn disconnect(&self, connection: &Arc<Connection>) {
        let Some(rooms) = connection.rooms().take() else { return };
        for room in rooms {
            self.with(&room, |subscribers| subscribers.remove(&self.place(&room), connection));
        }
        let mut connections = self.connections();
        let id = connection.user().id;
        if let Some(of_user) = connections.get_mut(&id) {
            if let Some(place) = of_user.iter().position(|other| Arc::ptr_eq(other, connection)) {
                of_user.swap_remove(place);
            }
            if of_user.is_empty() {
                self.note_move(id);
                connections.remove(&id);
            }
            self.backplane.interest(&Channel::User(id));
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many connections there are.
    #[must_use]
    pub fn connection_count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How many users they are of.
    #[must_use]
    pub fn user_count(&self) -> u64 {
        self.connections().len() as u64
    }

    /// How many rooms somebody here is subscribed to, or about to be, and how many such subscriptions there are.
    #[must_use]
    pub fn subscription_count(&self) -> (u64, u64) {
        let shards = self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner));
        shards.fold((0, 0), |(rooms, subscriptions), shard| {
            let here: usize = shard.values().map(Subscribers::len).sum();
            (rooms + shard.len() as u64, subscriptions + here as u64)
        })
    }

    /// How many events were handed to subscriptions that were next for them, one for each.
    #[must_use]
    pub fn delivery_count(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// What lets the fan-out wait for outlets.
    #[must_use]
    pub fn backpressure(&self) -> &Arc<Backpressure> {
        &self.backpressure
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
        let mut shard = self.shard(room);
        let mut rooms = connection.rooms();
        // Disconnected meanwhile: nobody reads the answer.
        let rooms = rooms.as_mut().ok_or(ChatError::Unavailable)?;
        if rooms.contains(room) {
            return Err(ChatError::AlreadySubscribed);
        }
        let limit = self.limits.subscriptions_per_connection;
        if rooms.len() >= limit {
            return Err(ChatError::LimitReached { what: "subscriptions", limit: limit as u64 });
        }
        rooms.insert(room.clone());
        shard
            .entry(room.clone())
            .or_insert_with(|| {
                self.backplane.interest(&Channel::Room(room.clone()));
                Subscribers::default()
            })
            .add_pending(connection, join_leave);
        Ok(PendingSubscription { hub: self, connection, room: room.clone(), active: false })
    }

    /// Ends a subscription at its client's wish. One that is not there is no error.
    pub fn unsubscribe(&self, connection: &Arc<Connection>, room: &RoomId) {
        self.with(room, |subscribers| {
            subscribers.remove(&self.place(room), connection);
            connection.forget(room);
        });
    }

    /// Whether the connection is subscribed to the room.
    #[must_use]
    pub fn is_subscribed(&self, connection: &Connection, room: &RoomId) -> bool {
        connection.rooms().as_ref().is_some_and(|rooms| rooms.contains(room))
    }

    /// Hands an event to every subscription that it is next for, and keeps it for those who come back.
    ///
    /// Returns the least offset of the subscriptions that miss something before it: deliver what follows that
    /// offset, and this event once more.
    #[must_use]
    pub fn deliver(&self, event: &Arc<Event>) -> Option<Offset> {
        let late;
        let event = match event.message().is_some_and(|message| message.expires_at.is_some()) {
            // It may have been on its way for longer than it lives.
            true => {
                late = event.at(Timestamp::now());
                &late
            }
            false => event,
        };
        self.recent().push(event);
        self.with(&event.room, |subscribers| {
            let channel = Channel::Room(event.room.clone());
            subscribers.deliver(&channel, event, self.limits.queue_bytes, &self.delivered)
        })?
    }

    /// A room's events after `after` up to `end`, if this node has seen all of them not long ago.
    #[must_use]
    pub fn recent_events(&self, room: &RoomId, after: Offset, end: Offset) -> Option<Vec<Arc<Event>>> {
        self.recent().between(room, after, end)
    }

    /// How far the subscription has come that is furthest behind in the room; none when there is none.
    #[must_use]
    pub fn least_position(&self, room: &RoomId) -> Option<Offset> {
        self.with(room, Subscribers::least_position)?
    }

    /// Tells a user's connections something.
    pub fn signal(&self, user: UserId, signal: &Signal) {
        let channel = Channel::User(user);
        let mut encoded = Encoded::new(&channel, Push::Signal(signal));
        for connection in self.connections().get(&user).into_iter().flatten() {
            if !connection.outlet.is_crowded()
                && let Some(frame) = encoded.to(&connection.format)
            {
                connection.tell(frame);
            }
        }
    }

    /// Who is on a channel on this node, in no order; of a room's subscribers, those who do not hide.
    #[must_use]
    pub fn presence(&self, channel: &Channel) -> Vec<Presence> {
        match channel {
            Channel::Room(room) => self.with(room, |subscribers| subscribers.presence()).unwrap_or_default(),
            Channel::User(user) => {
                let connections = self.connections();
                connections.get(user).into_iter().flatten().map(|one| one.presence()).collect()
            }
        }
    }

    /// How many connections the user has on this node.
    #[must_use]
    pub fn connections_of(&self, user: UserId) -> usize {
        self.connections().get(&user).map_or(0, Vec::len)
    }

    /// The users who have connections on this node.
    #[must_use]
    pub fn users(&self) -> Vec<UserId> {
        self.connections().keys().copied().collect()
    }

    /// Tells a room's subscribers here of one at another node.
    pub fn notice(&self, room: &RoomId, notice: Notice, who: &Presence) {
        self.with(room, |subscribers| subscribers.tell(&Channel::Room(room.clone()), notice, who));
    }

    /// Tells a room's subscribers here something of a user, but the user's own connections.
    pub fn signal_room(&self, room: &RoomId, signal: &RoomSignal) {
        self.with(room, |subscribers| subscribers.signal(&Channel::Room(room.clone()), signal));
    }

    /// The users who have a room open here, each once, also those who hide.
    pub(crate) fn users_in(&self, room: &RoomId) -> HashSet<UserId> {
        self.with(room, |subscribers| subscribers.users()).unwrap_or_default()
    }

    /// The rooms that somebody here is subscribed to, or about to be.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomId> {
        let shards = self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner));
        shards.flat_map(|shard| shard.keys().cloned().collect::<Vec<_>>()).collect()
    }

    /// Whether somebody here is subscribed to the room, or about to be.
    #[must_use]
    pub fn serves(&self, room: &RoomId) -> bool {
        self.shard(room).contains_key(room)
    }

    /// Whether a subscription to the room has not been given the event at `head`.
    #[must_use]
    pub fn is_behind(&self, room: &RoomId, head: Offset) -> bool {
        self.with(room, |subscribers| subscribers.is_behind(head)).unwrap_or(false)
    }

    /// The log-ins that connections here came from, each once.
    #[must_use]
    pub fn sessions(&self) -> Vec<(UserId, SessionId)> {
        let connections = self.connections();
        let of_all = connections.iter().flat_map(|(user, of_user)| {
            let named: HashSet<_> = of_user.iter().filter_map(|one| one.session.clone()).collect();
            named.into_iter().map(|session| (*user, session))
        });
        of_all.collect()
    }

    /// How this node and the others tell one another.
    pub(crate) fn backplane(&self) -> &dyn Backplane {
        &*self.backplane
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
        self.with(room, |subscribers| subscribers.end(&self.place(room), at, reason, ends));
    }

    /// Ends a log-in: tells the user, and closes its connections.
    pub fn end_session(&self, user: UserId, session: &SessionId) {
        self.signal(user, &Signal::SessionEnded(session.clone()));
        let connections = self.connections();
        for connection in connections.get(&user).into_iter().flatten() {
            if connection.session.as_ref() == Some(session) {
                connection.close(CloseReason::SessionEnded);
            }
        }
    }

    /// All connections, in no order.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Connection>> {
        self.connections().values().flatten().cloned().collect()
    }

    fn place<'a>(&'a self, room: &'a RoomId) -> Place<'a> {
        Place { room, channel: Channel::Room(room.clone()), backplane: &*self.backplane }
    }

    fn moves(&self) -> MutexGuard<'_, HashMap<UserId, Timestamp>> {
        self.moves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn away(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Arc<Connection>>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, room: &RoomId) -> MutexGuard<'_, HashMap<RoomId, Subscribers>> {
        let hash = self.hasher.hash_one(room);
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on a room's subscribers under the shard's lock; none when there are none. The room goes with its last
    /// subscriber.
    fn with<T>(&self, room: &RoomId, act: impl FnOnce(&mut Subscribers) -> T) -> Option<T> {
        let mut shard = self.shard(room);
        let subscribers = shard.get_mut(room)?;
        let result = act(subscribers);
        if subscribers.is_empty() {
            shard.remove(room);
            self.backplane.interest(&Channel::Room(room.clone()));
        }
        Some(result)
    }
}
