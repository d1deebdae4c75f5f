//! How committed events find their way to the hubs.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, mpsc};

use crate::{Event, RoomId};

/// Carries committed events to the hub of each node.
///
/// It is a hint and never the truth: what it loses, the hub's [`FanOut`](crate::FanOut) finds in the log.
pub trait Backplane: Send + Sync + 'static {
    /// Takes events that are committed, a room's in the order of their offsets. Called by the store's writer
    /// after each commit; never blocks.
    fn publish(&self, events: &[Arc<Event>]);

    /// Takes rooms whose logs may have more than was published: a commit was made whose answer never came.
    fn behind(&self, rooms: &[RoomId]);
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
