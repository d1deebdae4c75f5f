//! The promise as properties: whatever joins, leaves, is cut or too slow, every client sees the log in order,
//! each event once and none missing.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use chat_core::*;
use proptest::prelude::*;

use crate::support::*;

const CLIENTS: usize = 4;

#[derive(Debug, Clone)]
enum Step {
    /// Send so many messages.
    Send(u8),
    /// The client subscribes, with its past if it has one.
    Subscribe(usize),
    /// The client unsubscribes in an orderly way.
    Unsubscribe(usize),
    /// The client reads what waits for it.
    Read(usize),
    /// The client is cut off with what waits for it, and comes back on a new connection.
    Cut(usize),
    /// Let the fan-out and whatever else is under way have so many turns.
    Turns(u8),
    /// From now on the store steps aside so often before and after each read.
    Slow(u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS;
    prop_oneof![
        4 => (1..5_u8).prop_map(Step::Send),
        4 => client.clone().prop_map(Step::Subscribe),
        1 => client.clone().prop_map(Step::Unsubscribe),
        3 => client.clone().prop_map(Step::Read),
        2 => client.prop_map(Step::Cut),
        4 => (0..6_u8).prop_map(Step::Turns),
        1 => (0..4_u8, 0..4_u8).prop_map(|(before, after)| Step::Slow(before, after)),
    ]
}

/// A client that believes nothing: it checks each offset against the last it saw.
struct Doubter {
    user: i64,
    connection: Mutex<Client>,
    seen: Cell<Option<u64>>,
}

impl Doubter {
    /// Takes one frame: `at N` (a fresh start), `from N` (recovered after N), `eN`, or news of others.
    fn take(&self, frame: &str) {
        if let Some(at) = frame.strip_prefix("at ") {
            self.seen.set(Some(at.parse().unwrap()));
        } else if let Some(after) = frame.strip_prefix("from ") {
            assert_eq!(
                self.seen.get(),
                Some(after.parse().unwrap()),
                "recovered after another offset than asked"
            );
        } else if let Some(offset) = frame.strip_prefix('e').and_then(|rest| rest.parse::<u64>().ok()) {
            let next = self.seen.get().expect("an event before the reply") + 1;
            assert_eq!(offset, next, "user {} missed, doubled or disordered an event", self.user);
            self.seen.set(Some(offset));
        }
    }

    /// Reads what waits; a connection closed as too slow is cut.
    async fn read(&self, world: &World) {
        let connection = self.connection.lock().unwrap().clone();
        let mut batch = Vec::new();
        let waiting = tokio::select! {
            biased;
            result = connection.outbox.next(&mut batch) => result,
            () = std::future::ready(()) => Ok(()),
        };
        for frame in &batch {
            for line in String::from_utf8_lossy(frame).lines() {
                self.take(line);
            }
        }
        if waiting.is_err() {
            self.cut(world);
        }
    }

    fn cut(&self, world: &World) {
        let mut connection = self.connection.lock().unwrap();
        world.chat.hub().disconnect(&connection);
        *connection = world.connect(self.user);
    }

    async fn subscribe(&self, world: &World, room: &RoomId) {
        let connection = self.connection.lock().unwrap().clone();
        let since = self.seen.get().map(|offset| Since { offset: Offset::new(offset).unwrap(), epoch: None });
        let asked = self.seen.get();
        let reply = |subscribed: &Subscribed| match (&subscribed.recovery, asked) {
            (Recovery::Recovered(events), Some(asked)) => {
                let lines = events.iter().map(|event| format!("\ne{}", event.offset));
                Ok(Bytes::from(format!("from {asked}{}", lines.collect::<String>())))
            }
            _ => Ok(Bytes::from(format!("at {}", subscribed.position.offset))),
        };
        // What the client has not read yet would be recovered as well: it reads first, as a real one does,
        // whose position is what it has seen.
        match world.chat.subscribe(&connection, room, since, false, reply).await {
            Ok(()) | Err(ChatError::AlreadySubscribed | ChatError::Unavailable) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Loses every event for which a step says so.
struct Lossy {
    inner: LocalBackplane,
    losing: Arc<Mutex<Vec<bool>>>,
}

impl Backplane for Lossy {
    fn publish(&self, events: &[Arc<Event>]) {
        for event in events {
            let lost = self.losing.lock().unwrap().pop().unwrap_or(false);
            if !lost {
                self.inner.publish(std::slice::from_ref(event));
            }
        }
    }

    fn behind(&self, rooms: &[RoomId]) {
        self.inner.behind(rooms);
    }
}

async fn run(steps: Vec<Step>, losses: Vec<bool>, limits: Limits) {
    let losing = Arc::new(Mutex::new(losses));
    let lossy = losing.clone();
    let mut world = World::over(limits, |inner| Arc::new(Lossy { inner, losing: lossy }));
    world.run_fan_out();
    let room = room_id("r");
    world.chat.create_room(&profile(1), Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    let clients: Vec<Doubter> = (0..CLIENTS)
        .map(|n| {
            let user = n as i64 + 1;
            Doubter { user, connection: Mutex::new(world.connect(user)), seen: Cell::new(None) }
        })
        .collect();
    let send = async |count: u8| {
        for _ in 0..count {
            world.chat.send(&profile(1), &room, text("m")).await.unwrap();
        }
    };
    for step in steps {
        match step {
            Step::Send(count) => send(count).await,
            Step::Subscribe(client) => {
                clients[client].read(&world).await;
                // Others act while the subscription looks into the log.
                tokio::join!(clients[client].subscribe(&world, &room), send(2));
            }
            Step::Unsubscribe(client) => {
                let connection = clients[client].connection.lock().unwrap().clone();
                world.chat.hub().unsubscribe(&connection, &room);
            }
            Step::Read(client) => clients[client].read(&world).await,
            Step::Cut(client) => clients[client].cut(&world),
            Step::Turns(turns) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            }
            Step::Slow(before, after) => {
                world.store.before.store(before.into(), Ordering::Relaxed);
                world.store.after.store(after.into(), Ordering::Relaxed);
            }
        }
    }
    // One last event that is not lost shows every gap; then all come back and read to the end.
    losing.lock().unwrap().clear();
    send(1).await;
    let end = world.chat.room(&profile(1), &room).await.unwrap().room.offset.get();
    for client in &clients {
        for _ in 0..10_000 {
            client.read(&world).await;
            if client.seen.get() == Some(end) {
                break;
            }
            client.subscribe(&world, &room).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(client.seen.get(), Some(end), "user {} never saw the end of the log", client.user);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_client_sees_the_log_in_order_once_and_whole(
        steps in prop::collection::vec(step(), 1..60),
        losses in prop::collection::vec(prop::bool::weighted(0.2), 0..40),
        queue_bytes in prop_oneof![Just(24_usize), Just(100_000)],
        fan_out_queue in prop_oneof![Just(1_usize), Just(4), Just(1000)],
        recent_bytes in prop_oneof![Just(0_usize), Just(3000), Just(1_000_000)],
    ) {
        let limits = Limits { queue_bytes, fan_out_queue, recent_bytes, messages: None, ..Limits::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(steps, losses, limits));
    }
}
