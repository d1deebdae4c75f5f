//! What a node believes is compared with the store now and then, since hints may be lost.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{Authenticator, Backplane, ChatError, Hub, LocalBackplane, Offset, RoomId, RoomStore};

/// How many rooms, or log-ins, are asked about at once.
const PORTION: usize = 1000;

/// How long an event may be on its way before it is taken for lost.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// Compares what the rooms' subscribers at this node have been given with the ends of the logs; what they miss is
/// delivered from the log.
pub struct Comparison {
    hub: Arc<Hub>,
    store: Arc<dyn RoomStore>,
    fan_out: Arc<LocalBackplane>,
    due: Mutex<Due>,
    asked: Notify,
}

/// What is to be compared.
#[derive(Default)]
struct Due {
    all: bool,
    rooms: HashSet<RoomId>,
}

impl Comparison {
    /// A comparison of this hub with this store, which gives rooms that are behind to the fan-out.
    #[must_use]
    pub fn new(hub: Arc<Hub>, store: Arc<dyn RoomStore>, fan_out: Arc<LocalBackplane>) -> Comparison {
        Comparison { hub, store, fan_out, due: Mutex::default(), asked: Notify::new() }
    }

    /// Has these rooms compared soon.
    pub fn ask(&self, rooms: impl IntoIterator<Item = RoomId>) {
        self.due().rooms.extend(rooms);
        self.asked.notify_one();
    }

    /// Has all rooms that this node serves compared soon.
    pub fn ask_all(&self) {
        self.due().all = true;
        self.asked.notify_one();
    }

    /// Compares all rooms at this interval, and whatever is asked for in between. Runs for ever.
    pub async fn run(&self, every: Duration) {
        let mut next = Instant::now() + every;
        loop {
            // Whether it was asked or the time has come shows below: those who ask all the time must not keep it from the rest.
            let _ = timeout_at(next, self.asked.notified()).await;
            let due = std::mem::take(&mut *self.due());
            let all = due.all || Instant::now() >= next;
            if all {
                next = Instant::now() + every;
            }
            let rooms = if all { self.hub.rooms() } else { due.rooms.into_iter().collect() };
            if let Err(error) = self.compare(&rooms).await {
                log::debug!("rooms are not compared with their logs before the next time: {error}");
            }
        }
    }

    async fn compare(&self, rooms: &[RoomId]) -> Result<(), ChatError> {
        if rooms.is_empty() {
            return Ok(());
        }
        let mut heads: HashMap<&RoomId, Option<Offset>> = rooms.iter().map(|room| (room, None)).collect();
        for portion in rooms.chunks(PORTION) {
            for (room, head) in self.store.heads(portion).await? {
                if let Some(known) = heads.get_mut(&room) {
                    *known = Some(head);
                }
            }
        }
        // What was on its way arrives, and subscriptions that were about to begin have begun.
        sleep(ON_ITS_WAY).await;
        let behind = heads.into_iter().filter(|(room, head)| self.is_behind(room, *head));
        let behind: Vec<RoomId> = behind.map(|(room, _)| room.clone()).collect();
        if !behind.is_empty() {
            log::debug!("{} rooms are behind their logs", behind.len());
        }
        self.fan_out.behind(&behind);
        Ok(())
    }

    /// A room without a head has been deleted, which is for the fan-out to see.
    fn is_behind(&self, room: &RoomId, head: Option<Offset>) -> bool {
        self.hub.is_behind(room, head.unwrap_or(Offset::MAX))
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the connections of log-ins that have ended without this node being told. Looks at this interval, for ever.
pub async fn compare_sessions(hub: Arc<Hub>, authenticator: Arc<dyn Authenticator>, every: Duration) {
    loop {
        sleep(every).await;
        for portion in hub.sessions().chunks(PORTION) {
            match authenticator.ended(portion).await {
                Ok(ended) => ended.iter().for_each(|(user, session)| hub.end_session(*user, session)),
                Err(error) => log::warn!("log-ins are not compared: {error}"),
            }
        }
    }
}
