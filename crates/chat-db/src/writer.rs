//! The thread that writes: whatever has arrived shares one commit.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use diesel::Connection as _;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::Error as DieselError;

use crate::{Connection, DbError, DbSettings, open};

/// One write, its type forgotten.
pub(crate) trait WriteJob: Send {
    /// When it is too late to begin.
    fn deadline(&self) -> Instant;

    /// Runs it inside a savepoint. [`Step::Undo`] takes back what it did, and only that.
    fn run(&mut self, connection: &mut Connection) -> Step;

    /// Answers it: with its own result after a commit, with the error when nothing was kept.
    fn finish(self: Box<Self>, committed: Result<(), DbError>);
}

/// A write in the queue.
pub(crate) type BoxedWrite = Box<dyn WriteJob>;

/// What is to become of a job's changes.
pub(crate) enum Step {
    Keep,
    Undo,
}

/// Starts the thread.
pub(crate) fn start(
    connection: Connection,
    settings: DbSettings,
) -> io::Result<(SyncSender<BoxedWrite>, JoinHandle<()>)> {
    let (sender, receiver) = sync_channel(settings.queue.max(1));
    let thread = thread::Builder::new()
        .name("db-write".to_owned())
        .spawn(move || Writer { connection, settings }.run(&receiver))?;
    Ok((sender, thread))
}

struct Writer {
    connection: Connection,
    settings: DbSettings,
}

impl Writer {
    fn run(mut self, jobs: &Receiver<BoxedWrite>) {
        // No waiting for more: while one batch is on its way to the disk, the next gathers by itself.
        while let Ok(first) = jobs.recv() {
            let batch: Vec<_> =
                std::iter::once(first).chain(jobs.try_iter()).take(self.settings.batch.max(1)).collect();
            self.commit(batch);
        }
        // Everything is in the file then, and the file can be copied alone.
        if let Err(error) = self.connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)") {
            log::warn!("the write-ahead log stays beside the database: {error}");
        }
    }

    fn commit(&mut self, batch: Vec<BoxedWrite>) {
        let now = Instant::now();
        let (mut jobs, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(|job| job.deadline() > now);
        for job in late {
            answer(job, Err(DbError::Timeout));
        }
        if jobs.is_empty() {
            return;
        }
        let connection = &mut self.connection;
        let result = connection.immediate_transaction(|connection| {
            jobs.iter_mut().try_for_each(|job| run(connection, job.as_mut()))
        });
        let result = result.map_err(DbError::from);
        if let Err(error) = &result {
            log::error!("{} writes were not kept: {error}", jobs.len());
        }
        self.mend();
        for job in jobs {
            answer(job, result.clone());
        }
    }

    /// Replaces a connection whose transaction could not be ended in an orderly way: SQLite rolls everything
    /// back by itself when the disk is full, savepoints and all, and Diesel then trusts it no longer.
    fn mend(&mut self) {
        if AnsiTransactionManager::is_broken_transaction_manager(&mut self.connection) {
            match open::connect(&self.settings) {
                Ok(connection) => self.connection = connection,
                Err(error) => log::error!("cannot open the database again: {error}"),
            }
        }
    }
}

/// Runs a job in a savepoint. An error means that the whole batch cannot go on.
fn run(connection: &mut Connection, job: &mut dyn WriteJob) -> Result<(), DieselError> {
    let result =
        connection.transaction(|connection| match catch_unwind(AssertUnwindSafe(|| job.run(connection))) {
            Ok(Step::Keep) => Ok(()),
            Ok(Step::Undo) => Err(DieselError::RollbackTransaction),
            Err(_) => {
                log::error!("a write to the database panicked");
                Err(DieselError::RollbackTransaction)
            }
        });
    match result {
        Ok(()) | Err(DieselError::RollbackTransaction) => Ok(()),
        Err(error) => Err(error),
    }
}

fn answer(job: BoxedWrite, committed: Result<(), DbError>) {
    if catch_unwind(AssertUnwindSafe(|| job.finish(committed))).is_err() {
        log::error!("the answer to a write panicked");
    }
}
