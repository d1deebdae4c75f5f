//! The door to the database.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::result::Error as DieselError;
use tokio::sync::oneshot;

use crate::reader::{self, ReadJob, refused};
use crate::writer::{self, BoxedWrite, Step, WriteJob};
use crate::{Connection, DbError, DbSettings, open};

/// A database and its threads. Cheap to clone; the threads end with [`Db::close`] or the last clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` once closed.
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    timeout: Duration,
}

#[derive(Clone)]
struct Queues {
    writes: SyncSender<BoxedWrite>,
    reads: SyncSender<ReadJob>,
}

impl Db {
    /// Opens the database, brings its schema up to date and starts the threads.
    ///
    /// # Errors
    /// [`DbError`] says in one line what is wrong with the file.
    pub fn open(settings: &DbSettings) -> Result<Db, DbError> {
        let mut writing = open::connect(settings)?;
        let applied = open::migrate(&mut writing)?;
        for name in applied {
            log::info!("database: applied {name}");
        }
        let reading = (0..settings.readers.max(1)).map(|_| open::connect(settings));
        let reading = reading.collect::<Result<Vec<_>, _>>()?;
        let no_thread =
            |error: io::Error| DbError::Failed { detail: format!("cannot start a thread: {error}") };
        let (reads, mut threads) = reader::start(reading, settings.queue.max(1)).map_err(no_thread)?;
        let (writes, thread) = writer::start(writing, settings.clone()).map_err(no_thread)?;
        threads.push(thread);
        Ok(Db {
            inner: Arc::new(Inner {
                queues: Mutex::new(Some(Queues { writes, reads })),
                threads: Mutex::new(threads),
                timeout: settings.timeout,
            }),
        })
    }

    /// Brings the schema up to date and returns the names of what was applied, without starting anything.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn migrate(settings: &DbSettings) -> Result<Vec<String>, DbError> {
        open::migrate(&mut open::connect(settings)?)
    }

    /// Runs a read on one of the reader threads, in a transaction of its own: everything it reads is of one
    /// moment. Dropping the future before it has begun takes it back.
    ///
    /// # Errors
    /// The job's own; [`DbError::Busy`], [`DbError::Timeout`] or [`DbError::Closed`] when it was not run.
    pub async fn read<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let deadline = Instant::now() + self.inner.timeout;
        let job: ReadJob = Box::new(move |connection| {
            if answer.is_closed() {
                return;
            }
            let result = if Instant::now() < deadline {
                connection.transaction(job)
            } else {
                Err(DbError::Timeout.into())
            };
            // Whoever asked may have gone meanwhile.
            let _ = answer.send(result);
        });
        self.inner.queues()?.reads.try_send(job).map_err(|error| refused(&error))?;
        result.await.unwrap_or_else(|_| Err(lost().into()))
    }

    /// Queues a write. It takes its place in the order when this is called; it shares its commit with whatever
    /// else waits, in a savepoint of its own, so that an error of its own undoes it alone. `done` gets the
    /// result after the commit, on the writer thread, in the order of the queue; it must be quick and not
    /// block.
    ///
    /// When the job is not taken, `done` is called at once with [`DbError::Busy`] or [`DbError::Closed`]; when
    /// its commit fails, with the reason, and nothing of it was kept.
    pub fn submit<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let deadline = Instant::now() + self.inner.timeout;
        let write = Box::new(Write { job: Some(job), result: None, done, deadline });
        match self.inner.queues() {
            Err(closed) => write.finish(Err(closed)),
            Ok(queues) => {
                if let Err(error) = queues.writes.try_send(write) {
                    let reason = refused(&error);
                    let (TrySendError::Full(write) | TrySendError::Disconnected(write)) = error;
                    write.finish(Err(reason));
                }
            }
        }
    }

    /// As [`Db::submit`], with the result as the answer. Dropping the future does not take the write back.
    ///
    /// # Errors
    /// As [`Db::submit`] tells `done`.
    pub async fn write<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<DieselError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        self.submit(job, move |result| {
            let _ = answer.send(result);
        });
        result.await.unwrap_or_else(|_| Err(lost().into()))
    }

    /// Closes the database: takes nothing more, does all that waits, and moves the write-ahead log into the
    /// file. Blocks until then; call it from a thread that may.
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
    deadline: Instant,
}

impl<J, D, T, E> WriteJob for Write<J, D, T, E>
where
    J: FnOnce(&mut Connection) -> Result<T, E> + Send,
    D: FnOnce(Result<T, E>) + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn deadline(&self) -> Instant {
        self.deadline
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
