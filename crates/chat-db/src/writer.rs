//! A thread that writes: whatever has arrived shares one commit.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::connection::Purpose;
use crate::latency::Latencies;
use crate::link::Link;
use crate::{Connection, DbError, DbSettings};

/// How often a connection that is cut is tried again while nobody asks.
const RETRY: Duration = Duration::from_millis(500);

/// One write, its type forgotten.
pub(crate) trait WriteJob: Send {
    /// When it is too late to begin; none for a job that waits through outages.
    fn deadline(&self) -> Option<Instant>;

    /// Whether it comes behind the others of its commit.
    fn is_behind(&self) -> bool;

    /// Runs it. [`Step::Undo`] takes back what it did, and only that.
    fn run(&mut self, connection: &mut Connection) -> Step;

    /// Answers it: with its own result after a commit, with the error when nothing was kept.
    fn finish(self: Box<Self>, committed: Result<(), DbError>);
}

/// A write in the queue.
pub(crate) type BoxedWrite = Box<dyn WriteJob>;

/// What is to become of a job's changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Keep,
    Undo,
}

/// Starts the thread.
pub(crate) fn start(
    index: usize,
    link: Link,
    settings: &DbSettings,
    latencies: Arc<Latencies>,
) -> io::Result<(SyncSender<BoxedWrite>, JoinHandle<()>)> {
    let (sender, receiver) = sync_channel(settings.queue.max(1));
    let mut writer = Writer { link, batch: settings.batch.max(1), patient: Vec::new(), latencies };
    let thread = thread::Builder::new().name(format!("db-write-{index}")).spawn(move || {
        while writer.turn(&receiver) {}
        writer.leave();
    })?;
    Ok((sender, thread))
}

struct Writer {
    link: Link,
    batch: usize,
    /// Jobs without a deadline that wait for the database to come back.
    patient: Vec<BoxedWrite>,
    latencies: Arc<Latencies>,
}

impl Writer {
    /// Waits for jobs and does them; false when there will be no more.
    fn turn(&mut self, jobs: &Receiver<BoxedWrite>) -> bool {
        let first = if self.patient.is_empty() && !self.link.is_cut() {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(RETRY)
        };
        if matches!(first, Err(RecvTimeoutError::Disconnected)) {
            return false;
        }
        // No waiting for more: while one batch is on its way to the disk, the next gathers by itself.
        let arrived = first.into_iter().chain(jobs.try_iter()).take(self.batch);
        let batch = std::mem::take(&mut self.patient).into_iter().chain(arrived).collect();
        self.commit(batch);
        true
    }

    fn commit(&mut self, batch: Vec<BoxedWrite>) {
        let now = Instant::now();
        let in_time = |job: &BoxedWrite| job.deadline().is_none_or(|deadline| deadline > now);
        let (mut jobs, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(in_time);
        for job in late {
            answer(job, Err(DbError::Timeout));
        }
        jobs.sort_by_key(|job| job.is_behind());
        let connection = match self.link.begin(Purpose::Write) {
            Ok(connection) => connection,
            Err(error) => {
                for job in jobs {
                    if job.deadline().is_none() {
                        self.patient.push(job);
                    } else {
                        answer(job, Err(error.clone()));
                    }
                }
                return;
            }
        };
        let result = run_all(connection, &mut jobs);
        let result = match result {
            Ok(step) => {
                let ended = self.link.end(step == Step::Keep);
                if step == Step::Keep && ended.is_ok() {
                    let kept = Instant::now();
                    self.latencies.count(kept - now, kept);
                }
                ended
            }
            Err(error) => {
                self.link.failed(&error);
                Err(error)
            }
        };
        for job in jobs {
            answer(job, result.clone());
        }
    }

    /// Does what is left to do when the database is closed.
    fn leave(&mut self) {
        for job in std::mem::take(&mut self.patient) {
            answer(job, Err(DbError::Closed));
        }
        // Everything is in the file then, and the file can be copied alone.
        if let Some(connection @ Connection::Sqlite(_)) = self.link.connection()
            && let Err(error) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            log::warn!("the write-ahead log stays beside the database: {error}");
        }
    }
}

/// Runs the jobs, each so that it can be taken back alone. An error means that none can be kept.
fn run_all(connection: &mut Connection, jobs: &mut [BoxedWrite]) -> Result<Step, DbError> {
    let Some((first, others)) = jobs.split_first_mut() else { return Ok(Step::Undo) };
    // The transaction is the savepoint of the first one. A savepoint of its own would have SQLite keep a copy of each page that it
    // changes.
    let step = run(connection, first.as_mut());
    stands(connection)?;
    if step == Step::Undo {
        if others.is_empty() {
            return Ok(Step::Undo);
        }
        connection.roll_back()?;
        connection.begin(Purpose::Write)?;
    }
    for job in others {
        let kept = connection.savepoint(|connection| match run(connection, job.as_mut()) {
            Step::Keep => Ok(()),
            Step::Undo => Err(diesel::result::Error::RollbackTransaction),
        });
        match kept {
            Ok(()) | Err(diesel::result::Error::RollbackTransaction) => {}
            Err(error) => return Err(error.into()),
        }
        stands(connection)?;
    }
    Ok(Step::Keep)
}

/// Checks that a job has left the transaction as it was: SQLite ends one by itself when the disk is full, and a panic leaves
/// savepoints behind. What comes then would be kept alone, or not at all.
fn stands(connection: &mut Connection) -> Result<(), DbError> {
    match connection.depth() {
        Some(1) => Ok(()),
        _ => Err(DbError::Lost { detail: "a write has ended the transaction".to_owned() }),
    }
}

fn run(connection: &mut Connection, job: &mut dyn WriteJob) -> Step {
    catch_unwind(AssertUnwindSafe(|| job.run(connection))).unwrap_or_else(|_| {
        log::error!("a write to the database panicked");
        Step::Undo
    })
}

fn answer(job: BoxedWrite, committed: Result<(), DbError>) {
    if catch_unwind(AssertUnwindSafe(|| job.finish(committed))).is_err() {
        log::error!("the answer to a write panicked");
    }
}
