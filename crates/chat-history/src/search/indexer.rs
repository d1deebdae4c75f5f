//! Which rooms the index is behind in, and the job that takes them up, behind the writes of senders.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat_db::{Connection, Db, DbError, Lane, Manner};
use tokio::sync::{Notify, oneshot};

use super::index::{self, Portion};
use crate::error::HistoryError;

/// How long what was committed waits for more: a commit for each message would be a second one for each sender to wait for, and
/// a room's events share the pages that they change.
const LINGER: Duration = Duration::from_millis(250);

/// After how long it is tried again when it did not work, such as in an outage.
const RETRY: Duration = Duration::from_secs(1);

/// How often all rooms are looked at, for what a node that has ended did not take up.
const LOOK: Duration = Duration::from_secs(3600);

/// How many events a search waits for that were committed before it, about: those of a round, where 20,000 come in a second.
const CATCH_UP: usize = 5000;

/// How many rooms one portion takes from the marks.
const ROOMS: usize = 64;

/// Takes up what the logs have and the index has not.
pub(crate) struct Indexer {
    db: Db,
    lane: Lane,
    /// How many events a portion takes.
    portion: usize,
    marks: Mutex<Marks>,
    marked: Notify,
    /// How many times searches have begun to catch up.
    begun: AtomicU64,
    /// The last of them that was finished; who has it has the next one.
    finished: tokio::sync::Mutex<u64>,
}

#[derive(Default)]
struct Marks {
    /// The keys of the rooms that may be behind.
    rooms: BTreeSet<i64>,
    /// Those of them whose turn it is.
    round: BTreeSet<i64>,
    /// Some were not taken up whole when they had their turn.
    full: bool,
    /// How many portions are under way.
    under_way: usize,
}

impl Indexer {
    pub fn new(db: Db, portion: usize) -> Arc<Indexer> {
        let lane = db.lane("search");
        let (marks, marked, begun, finished) = Default::default();
        Arc::new(Indexer { db, lane, portion: portion.max(1), marks, marked, begun, finished })
    }

    /// Notes rooms whose logs have been moved.
    pub fn mark(&self, rooms: impl IntoIterator<Item = i64>) {
        let mut marks = self.marks();
        let idle = marks.rooms.is_empty();
        marks.rooms.extend(rooms);
        let call = idle && !marks.rooms.is_empty();
        drop(marks);
        if call {
            self.marked.notify_one();
        }
    }

    /// Waits until what is marked now is taken up, unless it is much. Of many searches one does it for those that came meanwhile.
    pub async fn catch_up(self: &Arc<Indexer>) {
        if !self.is_behind() {
            return;
        }
        let begun = self.begun.load(Ordering::SeqCst);
        let mut finished = self.finished.lock().await;
        if *finished > begun {
            return;
        }
        let mine = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let mut events = 0;
        while self.is_behind() && events < CATCH_UP {
            match self.portion().await {
                Ok(portion) if portion.busy.is_empty() || portion.events > 0 => {
                    events += portion.events.max(1)
                }
                // Another node is at it; or there are greater troubles than this one, of which the search will tell.
                Ok(_) | Err(_) => break,
            }
        }
        *finished = mine;
    }

    /// Gives all that are marked now their turn. What is marked meanwhile waits for the next round: of a busy room there is much
    /// then, which costs little more than one message of it.
    async fn turn(self: &Arc<Indexer>) -> Result<(), HistoryError> {
        self.marks().begin();
        while !self.marks().round.is_empty() {
            self.portion().await?;
        }
        Ok(())
    }

    /// Takes up all that there is.
    pub async fn drain(self: &Arc<Indexer>) -> Result<(), HistoryError> {
        self.look().await?;
        while self.is_behind() {
            let portion = self.portion().await?;
            if portion.events == 0 && !portion.busy.is_empty() {
                tokio::time::sleep(LINGER).await;
            }
        }
        Ok(())
    }

    /// Looks at all rooms, and gives those that are behind their turn.
    async fn look(self: &Arc<Indexer>) -> Result<(), HistoryError> {
        let mut after = i64::MIN;
        while let Some((last, behind)) = self.db.read(move |c| index::behind(c, after)).await? {
            self.mark(behind);
            self.turn().await?;
            after = last;
        }
        Ok(())
    }

    /// Does so until the database is closed.
    pub async fn run(self: Arc<Indexer>) {
        let mut next = tokio::time::Instant::now();
        loop {
            let done = if tokio::time::timeout_at(next, self.marked.notified()).await.is_ok() {
                if !std::mem::take(&mut self.marks().full) {
                    tokio::time::sleep(LINGER).await;
                }
                self.turn().await
            } else {
                next = tokio::time::Instant::now() + LOOK;
                self.look().await
            };
            match done {
                Ok(()) => {}
                Err(HistoryError::Db(DbError::Closed)) => return,
                Err(error) => {
                    log::debug!("the index of messages is behind: {error}");
                    tokio::time::sleep(RETRY).await;
                    next = tokio::time::Instant::now();
                }
            }
        }
    }

    fn is_behind(&self) -> bool {
        let marks = self.marks();
        !marks.is_empty() || marks.under_way > 0
    }

    /// Takes up a portion. It comes after all that were begun before, so that these are committed then too.
    async fn portion(self: &Arc<Indexer>) -> Result<Portion, HistoryError> {
        let (answer, answered) = oneshot::channel();
        let taken: Arc<Mutex<BTreeSet<i64>>> = Arc::default();
        self.marks().under_way += 1;
        let (indexer, mine) = (self.clone(), taken.clone());
        let job = move |connection: &mut Connection| {
            let mut taken = mine.lock().unwrap_or_else(PoisonError::into_inner);
            *taken = indexer.take();
            index::portion(connection, &taken, indexer.portion)
        };
        let indexer = self.clone();
        self.db.submit_as(Manner::Behind, self.lane, job, move |done: Result<Portion, HistoryError>| {
            let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
            let mut marks = indexer.marks();
            marks.under_way -= 1;
            match &done {
                Ok(Portion { more, left, busy, .. }) => {
                    marks.round.extend(left);
                    marks.rooms.extend(more.iter().chain(busy));
                    marks.full |= !more.is_empty();
                }
                Err(_) => marks.rooms.extend(taken),
            }
            let call = !marks.is_empty();
            drop(marks);
            // A search that began it may not go on.
            if call {
                indexer.marked.notify_one();
            }
            // Whoever asked may have gone.
            let _ = answer.send(done);
        });
        match answered.await {
            Ok(done) => done,
            Err(_) => Err(HistoryError::Db(DbError::Closed)),
        }
    }

    /// The rooms of a portion: of the round, or of a new one where that is over.
    fn take(&self) -> BTreeSet<i64> {
        let mut marks = self.marks();
        if marks.round.is_empty() {
            marks.begin();
        }
        let rest = marks.round.iter().nth(ROOMS).copied().map(|first| marks.round.split_off(&first));
        std::mem::replace(&mut marks.round, rest.unwrap_or_default())
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.round.is_empty()
    }

    /// It is the turn of all.
    fn begin(&mut self) {
        self.round.append(&mut self.rooms);
    }
}
