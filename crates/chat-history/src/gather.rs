//! Commands on their way to the database: they gather by lane, and whatever is there when the lane's thread comes
//! to it is one batch.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chat_core::{Backplane, ChatError, Command, RoomId};
use chat_db::{Connection, Db, DbError, Lane, Manner};
use futures_util::future::{BoxFuture, FutureExt};

use crate::answers::{Answer, Answers, Asker};
use crate::batch::{self, Batch, Given};
use crate::error::HistoryError;
use crate::search::Indexer;
use crate::work::Remembered;
use crate::{dialect, purge};

/// Gathers commands and has them carried out.
pub(crate) struct Gather {
    db: Db,
    given: Given,
    backplane: Arc<dyn Backplane>,
    indexer: Option<Arc<Indexer>>,
    lanes: Vec<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    commands: VecDeque<Pending>,
    /// A job that will take them is in the database's queue, or runs.
    called: bool,
    /// For how many batches nothing is trusted: after one that was wrong, more may follow, as when many
    /// senders repeat at once, or another node is at work in the same rooms.
    careful: u32,
    /// None while a job has it.
    remembered: Option<Remembered>,
}

/// What a job has taken from the queue.
#[derive(Default)]
struct Taken {
    pending: Vec<Pending>,
    trusting: bool,
}

/// How many careful batches follow one that trusted wrongly.
const CAREFUL: u32 = 16;

struct Pending {
    command: Command,
    deadline: Instant,
    asker: Asker,
}

impl Gather {
    pub fn new(
        db: Db,
        given: Given,
        backplane: Arc<dyn Backplane>,
        indexer: Option<Arc<Indexer>>,
    ) -> Arc<Gather> {
        let lanes = db.lanes().map(|_| Mutex::default()).collect();
        Arc::new(Gather { db, given, backplane, indexer, lanes })
    }

    /// Puts a command behind those of its room; the future is its answer.
    pub fn submit(self: &Arc<Gather>, command: Command) -> BoxFuture<'static, Answer> {
        let (asker, answered) = Asker::new();
        let settings = self.db.settings();
        let deadline = Instant::now() + settings.timeout;
        let lane = self.db.lane(&command.room);
        let mut waiting = self.waiting(lane);
        if waiting.commands.len() < settings.queue {
            waiting.commands.push_back(Pending { command, deadline, asker });
        }
        let call = !std::mem::replace(&mut waiting.called, true);
        drop(waiting);
        if call {
            self.call(lane);
        }
        async move {
            let in_time = tokio::time::timeout_at(deadline.into(), answered).await;
            // Without an answer it was not kept, or it is not known: both are for the sender to repeat.
            in_time.ok().and_then(Result::ok).unwrap_or(Err(ChatError::Unavailable))
        }
        .boxed()
    }

    /// Has the lane's thread take what is gathered when it comes to it.
    fn call(self: &Arc<Gather>, lane: Lane) {
        let taken = Arc::new(Mutex::new(Taken::default()));
        let (gather, mine) = (self.clone(), taken.clone());
        let job = move |connection: &mut Connection| {
            let mut taken = mine.lock().unwrap_or_else(PoisonError::into_inner);
            *taken = gather.take(lane);
            let commands: Vec<&Command> = taken.pending.iter().map(|pending| &pending.command).collect();
            if commands.is_empty() {
                return Ok(Batch::default());
            }
            match gather.trusted(lane) {
                None => batch::execute(connection, &commands, &gather.given),
                Some(mut remembered) => {
                    let done = batch::execute_trusting(connection, &commands, &gather.given, &mut remembered);
                    gather.waiting(lane).remembered = Some(remembered);
                    taken.trusting = true;
                    done
                }
            }
        };
        let gather = self.clone();
        self.db.submit(lane, job, move |done: Result<Batch, HistoryError>| {
            let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
            match done {
                Ok(batch) => gather.kept(lane, batch, taken.pending),
                Err(error) if taken.trusting && error.is_of_commands() => gather.again(lane, taken.pending),
                Err(error) => gather.failed(lane, &error, taken.pending),
            }
            gather.go_on(lane);
        });
    }

    /// As many as share a commit, without those that nobody waits for any more.
    fn take(&self, lane: Lane) -> Taken {
        let now = Instant::now();
        let mut waiting = self.waiting(lane);
        let count = waiting.commands.len().min(self.db.settings().batch);
        let pending = waiting.commands.drain(..count).filter(|pending| pending.deadline > now).collect();
        Taken { pending, trusting: false }
    }

    /// What is remembered of rooms, unless nothing is to be trusted.
    fn trusted(&self, lane: Lane) -> Option<Remembered> {
        let mut waiting = self.waiting(lane);
        // What careful batches do is not remembered well enough to be trusted later.
        let remembered = waiting.remembered.take().unwrap_or_default();
        match waiting.careful.checked_sub(1) {
            None => Some(remembered),
            Some(left) => {
                waiting.careful = left;
                None
            }
        }
    }

    /// After a commit: tells the backplane, and answers.
    fn kept(&self, lane: Lane, batch: Batch, pending: Vec<Pending>) {
        if let Some(indexer) = &self.indexer {
            // Before the answers: who has one, finds what it is about.
            let moved = batch.rooms.iter().filter(|room| room.dirty.moved && room.dirty.deleted.is_none());
            indexer.mark(moved.filter_map(|room| room.key));
        }
        let mut events = Vec::with_capacity(pending.len());
        let mut answers = Answers::default();
        for (kept, pending) in batch.answers.into_iter().zip(pending) {
            let answer = match kept {
                Ok(kept) => {
                    events.extend(kept.events);
                    Ok(kept.outcome)
                }
                Err(error) => Err(error.told()),
            };
            answers.add(pending.asker, answer);
        }
        if !events.is_empty() {
            self.backplane.publish(&events);
        }
        answers.give();
        for room in &batch.rooms {
            if let (Some(key), Some(_)) = (room.key, &room.dirty.deleted) {
                purge::start(&self.db, lane, key);
            }
        }
        self.waiting(lane).remembered.get_or_insert_default().put(batch.rooms);
    }

    /// After a batch that trusted wrongly: the same once more, with care.
    fn again(&self, lane: Lane, pending: Vec<Pending>) {
        let mut waiting = self.waiting(lane);
        waiting.careful = CAREFUL;
        for pending in pending.into_iter().rev() {
            waiting.commands.push_front(pending);
        }
    }

    /// After a batch that was not kept, or of which that is not known: its senders are told by the drop of their
    /// answers, and repeat.
    fn failed(self: &Arc<Gather>, lane: Lane, error: &HistoryError, pending: Vec<Pending>) {
        if let HistoryError::Db(error) = error {
            self.db.note_failure(error);
        }
        let now = Instant::now();
        let mut waiting = self.waiting(lane);
        if matches!(error, HistoryError::Db(DbError::Timeout)) {
            waiting.commands.retain(|pending| pending.deadline > now);
        } else if pending.is_empty() {
            // The batch was not even begun, and neither can the next one be.
            waiting.commands.clear();
        }
        waiting.remembered = None;
        drop(waiting);
        if !pending.is_empty() {
            self.settle(lane, pending.into_iter().map(|pending| pending.command.room).collect());
        }
    }

    /// A commit whose answer was lost may have happened: as soon as the database is there again, what it may have
    /// added to these logs is looked for. Taking the locks waits for a transaction that still is under way.
    fn settle(self: &Arc<Gather>, lane: Lane, rooms: BTreeSet<RoomId>) {
        let gather = self.clone();
        let ids = rooms.clone();
        let lock = move |connection: &mut Connection| {
            let ids: Vec<&str> = ids.iter().map(RoomId::as_str).collect();
            let rows = dialect::lock_rooms(connection, &ids)?;
            Ok(rows.into_iter().map(|row| row.key).collect::<Vec<_>>())
        };
        self.db.submit_as(Manner::Patient, lane, lock, move |locked| match locked {
            Err(HistoryError::Db(DbError::Lost { .. })) => gather.settle(lane, rooms),
            locked => {
                if let Some(indexer) = &gather.indexer {
                    indexer.mark(locked.unwrap_or_default());
                }
                gather.backplane.behind(&rooms.into_iter().collect::<Vec<_>>());
            }
        });
    }

    /// Calls again for what has gathered meanwhile.
    fn go_on(self: &Arc<Gather>, lane: Lane) {
        let mut waiting = self.waiting(lane);
        waiting.called = !waiting.commands.is_empty();
        let more = waiting.called;
        drop(waiting);
        if more {
            self.call(lane);
        }
    }

    fn waiting(&self, lane: Lane) -> MutexGuard<'_, Waiting> {
        self.lanes[lane.index()].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
