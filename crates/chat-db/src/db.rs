//! The door to the database.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use tokio::sync::oneshot;

use crate::latency::Latencies;
use crate::link::{Health, Link};
use crate::migrate::migrate;
use crate::reader::{self, ReadJob, refused};
use crate::writer::{self, BoxedWrite, Step, WriteJob};
use crate::{CommitLatency, Connection, DbError, DbSettings, DbUrl, on_backend};

diesel::table! {
    installation (id) {
        id -> Text,
    }
}

/// A database and its threads. Cheap to clone; the threads end with [`Db::close`] or the last clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` once closed.
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    settings: Arc<DbSettings>,
    lanes: usize,
    writing: Arc<Health>,
    latencies: Arc<Latencies>,
}

#[derive(Clone)]
struct Queues {
    writes: Arc<[SyncSender<BoxedWrite>]>,
    reads: SyncSender<ReadJob>,
}

/// The writes that keep their order among one another: those of one room, those of the accounts. Each belongs to
/// one of the threads that write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane(usize);

/// How a write waits for its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// In the order of the queue, and no longer than the time-out.
    InOrder,
    /// Likewise, but in a commit that it shares it is run and answered behind the others: for what follows from them.
    Behind,
    /// In the order of the queue, and for what nobody waits for: it is begun when the database can be written, however long that
    /// takes, and refused only when the database is closed or the queue full.
    Patient,
}

impl Lane {
    /// Which of the threads, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

impl Db {
    /// Opens the database, brings its schema up to date and starts the threads.
    ///
    /// # Errors
    /// [`DbError`] says in one line what is wrong with it.
    pub fn open(settings: &DbSettings) -> Result<Db, DbError> {
        let (first, applied) = migrate(settings)?;
        for name in applied {
            log::info!("database: applied {name}");
        }
        let settings = Arc::new(settings.clone());
        let lanes = match settings.url {
            DbUrl::Sqlite(_) => 1,
            DbUrl::Postgres(_) => settings.writers.max(1),
        };
        let link = |connection, health: &Arc<Health>| Link::new(connection, settings.clone(), health.clone());
        let no_thread =
            |error: io::Error| DbError::Failed { detail: format!("cannot start a thread: {error}") };

        let health = Health::new("read");
        let reading = (0..settings.readers.max(1)).map(|_| Ok(link(Connection::open(&settings)?, &health)));
        let reading = reading.collect::<Result<Vec<_>, DbError>>()?;
        let (reads, mut threads) = reader::start(reading, settings.queue.max(1)).map_err(no_thread)?;

        let writing = Health::new("written");
        let latencies = Arc::new(Latencies::new());
        let mut writes = Vec::new();
        let further = (1..lanes).map(|_| Connection::open(&settings));
        for (index, connection) in std::iter::once(Ok(first)).chain(further).enumerate() {
            let link = link(connection?, &writing);
            let (queue, thread) =
                writer::start(index, link, &settings, latencies.clone()).map_err(no_thread)?;
            writes.push(queue);
            threads.push(thread);
        }
        let queues = Queues { writes: writes.into(), reads };
        let (queues, threads) = (Mutex::new(Some(queues)), Mutex::new(threads));
        Ok(Db { inner: Arc::new(Inner { queues, threads, settings, lanes, writing, latencies }) })
    }

    /// Brings the schema up to date and returns the names of what was applied, without starting anything.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn migrate(settings: &DbSettings) -> Result<Vec<String>, DbError> {
        Ok(migrate(settings)?.1)
    }

    /// The newest migration that this program knows: the name of its schema.
    ///
    /// # Errors
    /// [`DbError::Migration`] when they cannot be read, which were built in.
    pub fn schema() -> Result<String, DbError> {
        crate::migrate::newest()
    }

    /// Which installation this database is: a random text that it was given when it was made, of digits and lower-case
    /// letters.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn installation(&self) -> Result<String, DbError> {
        self.read(|connection| {
            Ok(on_backend!(connection, c => installation::table.select(installation::id).first(c))?)
        })
        .await
    }

    /// All lanes: one for each thread that writes.
    pub fn lanes(&self) -> impl ExactSizeIterator<Item = Lane> + use<> {
        (0..self.inner.lanes).map(Lane)
    }

    /// The lane of whatever has this key.
    #[must_use]
    pub fn lane(&self, key: impl Hash) -> Lane {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        Lane(usize::try_from(hash % self.inner.lanes as u64).unwrap_or(0))
    }

    /// How the database was opened.
    #[must_use]
    pub fn settings(&self) -> &DbSettings {
        &self.inner.settings
    }

    /// How long commits took in the last minute.
    #[must_use]
    pub fn commit_latency(&self) -> CommitLatency {
        self.inner.latencies.told(Instant::now())
    }

    /// Runs a read on one of the reader threads, in a transaction of its own: everything it reads is of one
    /// moment. Dropping the future before it has begun takes it back.
    ///
    /// # Errors
    /// The job's own; [`DbError::Busy`], [`DbError::Timeout`] or [`DbError::Closed`] when it was not run, and
    /// what keeps the database from being read.
    pub async fn read<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let deadline = Instant::now() + self.inner.settings.timeout;
        let job: ReadJob = Box::new(move |connection| {
            if answer.is_closed() {
                return true;
            }
            let result = match connection {
                Ok(_) if Instant::now() >= deadline => Err(DbError::Timeout.into()),
                Ok(connection) => job(connection),
                Err(error) => Err(error.into()),
            };
            let well = result.is_ok();
            // Whoever asked may have gone meanwhile.
            let _ = answer.send(result);
            well
        });
        self.inner.queues()?.reads.try_send(job).map_err(|error| refused(&error))?;
        within(deadline, result).await
    }

    /// Queues a write. It takes its place in the lane's order when this is called; it shares its commit with
    /// whatever else waits, so that an error of its own undoes it alone. `done` gets the result after the
    /// commit, on the thread that writes, in the order of the queue; it must be quick and not block.
    ///
    /// When the job is not taken, `done` is called at once with [`DbError::Busy`] or [`DbError::Closed`]; when
    /// its commit fails, with the reason: nothing of it was kept, unless the connection was cut just then.
    pub fn submit<T, E>(
        &self,
        lane: Lane,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        self.submit_as(Manner::InOrder, lane, job, done);
    }

    /// As [`Db::submit`], for a write that waits in another manner.
    pub fn submit_as<T, E>(
        &self,
        manner: Manner,
        Lane(lane): Lane,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let deadline = (manner != Manner::Patient).then(|| Instant::now() + self.inner.settings.timeout);
        let behind = manner == Manner::Behind;
        let write = Box::new(Write { job: Some(job), result: None, done, deadline, behind });
        let queues = match self.inner.queues() {
            Ok(queues) => queues,
            Err(closed) => return write.finish(Err(closed)),
        };
        let Some(queue) = queues.writes.get(lane) else { return write.finish(Err(DbError::Closed)) };
        if let Err(error) = queue.try_send(write) {
            let reason = refused(&error);
            let (TrySendError::Full(write) | TrySendError::Disconnected(write)) = error;
            write.finish(Err(reason));
        }
    }

    /// As [`Db::submit`], with the result as the answer. Dropping the future does not take the write back.
    ///
    /// # Errors
    /// As [`Db::submit`] tells `done`; [`DbError::Timeout`] also when the write had begun: then it may still be
    /// kept.
    pub async fn write<T, E>(
        &self,
        lane: Lane,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let deadline = Instant::now() + self.inner.settings.timeout;
        self.submit(lane, job, move |result| {
            let _ = answer.send(result);
        });
        within(deadline, result).await
    }

    /// Tells the log that the database cannot be written, once until a write is kept: for the error that a job met
    /// and returned as its own, which else nobody would hear of.
    pub fn note_failure(&self, error: &DbError) {
        self.inner.writing.failed(error);
    }

    /// Closes the database: takes nothing more, does all that waits, and moves SQLite's write-ahead log into
    /// the file. Blocks until then; call it from a thread that may.
    pub fn close(&self) {
        self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads: Vec<_> =
            self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for thread in threads {
            if thread.join().is_err() {
                log::error!("a thread of the database panicked");
            }
        }
    }
}

/// What comes of a job, if it comes in time.
async fn within<T, E: From<DbError>>(
    deadline: Instant,
    result: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout_at(deadline.into(), result).await {
        Ok(result) => result.unwrap_or_else(|_| Err(lost().into())),
        Err(_) => Err(DbError::Timeout.into()),
    }
}

impl Inner {
    fn queues(&self) -> Result<Queues, DbError> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(DbError::Closed)
    }
}

/// The job panicked, and with it went the answer.
fn lost() -> DbError {
    DbError::Failed { detail: "the job was lost".to_owned() }
}

struct Write<J, D, T, E> {
    job: Option<J>,
    result: Option<Result<T, E>>,
    done: D,
    deadline: Option<Instant>,
    behind: bool,
}

impl<J, D, T, E> WriteJob for Write<J, D, T, E>
where
    J: FnOnce(&mut Connection) -> Result<T, E> + Send,
    D: FnOnce(Result<T, E>) + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_behind(&self) -> bool {
        self.behind
    }

    fn run(&mut self, connection: &mut Connection) -> Step {
        let Some(job) = self.job.take() else { return Step::Undo };
        let result = job(connection);
        let step = if result.is_ok() { Step::Keep } else { Step::Undo };
        self.result = Some(result);
        step
    }

    fn finish(self: Box<Self>, committed: Result<(), DbError>) {
        let result = match (committed, self.result) {
            // Refused by the job itself: that holds whether or not the others were kept.
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(lost().into()),
        };
        (self.done)(result);
    }
}
