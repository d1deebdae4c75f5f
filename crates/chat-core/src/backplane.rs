//! How committed events find their way to the hubs.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc};

use crate::{
    Channel, Event, Notice, OwnChange, Presence, ReadMark, RoomId, RoomSignal, SessionId, UserId,
    UserPresence,
};

/// How nodes tell one another: carries committed events to the hub of each, and what is known of the others to this one.
///
/// It is a hint and never the truth: what it loses, the hub's [`FanOut`](crate::FanOut) finds in the log. One node alone
/// needs the first two methods only. None but [`presence`](Backplane::presence) may wait, or call into the hub.
#[async_trait]
pub trait Backplane: Send + Sync + 'static {
    /// Takes events that are committed, a room's in the order of their offsets. Called by the store's writer
    /// after each commit; never blocks.
    fn publish(&self, events: &[Arc<Event>]);

    /// Takes rooms whose logs may have more than was published: a commit was made whose answer never came.
    fn behind(&self, rooms: &[RoomId]);

    /// Notes that who is on a channel at this node has changed: the first came, the last went, or a user has more or
    /// fewer connections.
    fn interest(&self, _channel: &Channel) {}

    /// Tells a room's subscribers at the other nodes of one at this node.
    fn notice(&self, _room: &RoomId, _notice: Notice, _who: &Presence) {}

    /// Tells a room's subscribers at the other nodes something of a user.
    fn signal_room(&self, _room: &RoomId, _signal: &RoomSignal) {}

    /// Tells the other nodes that a user's presence has changed.
    fn presence_changed(&self, _presence: &UserPresence) {}

    /// Ends a user's log-in at the other nodes.
    fn end_session(&self, _user: UserId, _session: &SessionId) {}

    /// Tells a user's connections at the other nodes how far they have read.
    fn read_marked(&self, _user: UserId, _mark: &ReadMark) {}

    /// Tells a user's connections at the other nodes what has changed of what is theirs alone.
    fn own_changed(&self, _user: UserId, _change: &OwnChange) {}

    /// Counts a message that the user sent here, for the rates of the other nodes.
    fn count(&self, _user: UserId) {}

    /// How many connections the user has at the other nodes, as was last heard.
    fn connections_elsewhere(&self, _user: UserId) -> usize {
        0
    }

    /// Who is on a channel at the other nodes, in no order.
    async fn presence(&self, _channel: &Channel) -> Vec<Presence> {
        Vec::new()
    }
}

/// The backplane of a single node: a bounded queue to this node's hub. When it is full, the room is
/// remembered instead of the event, and read from the log.
pub struct LocalBackplane {
    queue: mpsc::Sender<Arc<Event>>,
    behind: Arc<Behind>,
}

/// The other end of a [`LocalBackplane`].
pub struct Arrivals {
    queue: mpsc::Receiver<Arc<Event>>,
    behind: Arc<Behind>,
}

/// Rooms whose log has more than the queue could take.
#[derive(Default)]
struct Behind {
    rooms: Mutex<HashSet<RoomId>>,
    changed: Notify,
}

/// What the backplane brings.
#[derive(Debug)]
pub enum Arrival {
    /// An event, committed.
    Event(Arc<Event>),
    /// There is more in this room's log.
    Behind(RoomId),
}

impl LocalBackplane {
    /// A queue for `capacity` events (at least 1) and its receiving end.
    #[must_use]
    pub fn new(capacity: usize) -> (LocalBackplane, Arrivals) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let behind = Arc::new(Behind::default());
        (LocalBackplane { queue: sender, behind: behind.clone() }, Arrivals { queue: receiver, behind })
    }
}

impl Backplane for LocalBackplane {
    fn publish(&self, events: &[Arc<Event>]) {
        for event in events {
            if self.queue.try_send(event.clone()).is_err() {
                self.behind.put(&event.room);
            }
        }
    }

    fn behind(&self, rooms: &[RoomId]) {
        for room in rooms {
            self.behind.put(room);
        }
    }
}

impl Arrivals {
    /// The next arrival; none when the backplane is gone and the queue is empty. Cancel safe.
    pub async fn next(&mut self) -> Option<Arrival> {
        loop {
            if let Some(room) = self.behind.take() {
                return Some(Arrival::Behind(room));
            }
            tokio::select! {
                event = self.queue.recv() => return event.map(Arrival::Event).or_else(|| self.behind.take().map(Arrival::Behind)),
                () = self.behind.changed.notified() => {}
            }
        }
    }
}

impl Behind {
    fn put(&self, room: &RoomId) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if rooms.insert(room.clone()) {
            self.changed.notify_one();
        }
    }

    fn take(&self) -> Option<RoomId> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.iter().next().cloned()?;
        rooms.remove(&room);
        Some(room)
    }
}
