//! How committed events find their way to the hubs.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::coop::consume_budget;

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
    /// Takes the events of a commit, a room's in the order of their offsets. Called by the store's writer after each commit that
    /// has some; never blocks.
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
pub struct LocalBackplane(Arc<Queue>);

/// The other end of a [`LocalBackplane`].
pub struct Arrivals(Arc<Queue>);

struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    capacity: usize,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Arc<Event>>,
    /// Rooms whose log has more than the queue could take.
    behind: HashSet<RoomId>,
    /// One of the two ends is gone.
    over: bool,
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
        let (waiting, changed) = Default::default();
        let queue = Arc::new(Queue { waiting, changed, capacity: capacity.max(1) });
        (LocalBackplane(queue.clone()), Arrivals(queue))
    }
}

impl Backplane for LocalBackplane {
    fn publish(&self, events: &[Arc<Event>]) {
        self.0.put(|waiting| {
            let (fit, others) = events.split_at(events.len().min(self.0.capacity - waiting.events.len()));
            waiting.events.extend(fit.iter().cloned());
            waiting.behind.extend(others.iter().map(|event| event.room.clone()));
        });
    }

    fn behind(&self, rooms: &[RoomId]) {
        self.0.put(|waiting| waiting.behind.extend(rooms.iter().cloned()));
    }
}

impl Arrivals {
    /// The next arrival; none when the backplane is gone and the queue is empty. Cancel safe.
    pub async fn next(&mut self) -> Option<Arrival> {
        // Who only takes what is there already would leave no turn to others.
        consume_budget().await;
        loop {
            if let Poll::Ready(arrival) = self.0.take() {
                return arrival;
            }
            self.0.changed.notified().await;
        }
    }
}

impl Queue {
    /// Puts in what came together, and wakes the other end once.
    fn put(&self, put: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.waiting();
        if !waiting.over {
            put(&mut waiting);
            drop(waiting);
            self.changed.notify_one();
        }
    }

    /// The next arrival, or that there will be none.
    fn take(&self) -> Poll<Option<Arrival>> {
        let mut waiting = self.waiting();
        if let Some(room) = waiting.behind.iter().next().cloned() {
            waiting.behind.remove(&room);
            return Poll::Ready(Some(Arrival::Behind(room)));
        }
        match waiting.events.pop_front() {
            None if !waiting.over => Poll::Pending,
            event => Poll::Ready(event.map(Arrival::Event)),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LocalBackplane {
    fn drop(&mut self) {
        self.0.waiting().over = true;
        self.0.changed.notify_one();
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        *self.0.waiting() = Waiting { over: true, ..Waiting::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventBody, Offset, Profile, Timestamp};

    fn event(room: &str, offset: u64) -> Arc<Event> {
        let actor = Profile { id: UserId::new(1).unwrap(), username: "a".into(), display_name: "A".into() };
        let (room, offset) = (room.parse().unwrap(), Offset::new(offset).unwrap());
        let at = Timestamp::from_micros(0);
        Arc::new(Event { room, offset, at, actor, body: EventBody::RoomDeleted })
    }

    async fn next(arrivals: &mut Arrivals) -> Option<(String, Option<u64>)> {
        Some(match arrivals.next().await? {
            Arrival::Event(event) => (event.room.to_string(), Some(event.offset.get())),
            Arrival::Behind(room) => (room.to_string(), None),
        })
    }

    #[tokio::test]
    async fn of_what_the_queue_does_not_take_the_rooms_are_told_and_then_its_end() {
        let (backplane, mut arrivals) = LocalBackplane::new(2);
        backplane.publish(&[event("a", 1), event("b", 1), event("c", 1), event("c", 2)]);
        backplane.publish(&[event("c", 3)]);
        assert_eq!(next(&mut arrivals).await, Some(("c".into(), None)));
        assert_eq!(next(&mut arrivals).await, Some(("a".into(), Some(1))));
        backplane.publish(&[event("a", 2), event("d", 1)]);
        backplane.behind(&["e".parse().unwrap()]);
        drop(backplane);
        let mut rest = Vec::new();
        while let Some(arrival) = next(&mut arrivals).await {
            rest.push(arrival);
        }
        rest[..2].sort();
        let expected = [("d", None), ("e", None), ("b", Some(1)), ("a", Some(2))];
        assert_eq!(rest, expected.map(|(room, offset)| (room.to_owned(), offset)));
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_an_event_and_by_the_end() {
        let (backplane, mut arrivals) = LocalBackplane::new(1);
        let waits = tokio::spawn(async move {
            let first = next(&mut arrivals).await;
            (first, next(&mut arrivals).await)
        });
        tokio::task::yield_now().await;
        backplane.publish(&[event("a", 1)]);
        tokio::task::yield_now().await;
        drop(backplane);
        assert_eq!(waits.await.unwrap(), (Some(("a".into(), Some(1))), None));
    }

    #[test]
    fn where_nobody_takes_nothing_is_kept() {
        let (backplane, arrivals) = LocalBackplane::new(8);
        backplane.publish(&[event("a", 1)]);
        drop(arrivals);
        backplane.publish(&[event("a", 2)]);
        backplane.behind(&["b".parse().unwrap()]);
        let waiting = backplane.0.waiting();
        assert!(waiting.events.is_empty() && waiting.behind.is_empty());
    }
}
