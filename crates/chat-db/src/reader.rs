//! The threads that read.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::connection::Purpose;
use crate::link::Link;
use crate::{Connection, DbError};

/// One read: gets a connection in a transaction of its own, or why there is none, answers by itself, and
/// returns whether all went well.
pub(crate) type ReadJob = Box<dyn FnOnce(Result<&mut Connection, DbError>) -> bool + Send>;

/// Starts the threads, one for each connection.
pub(crate) fn start(
    links: Vec<Link>,
    queue: usize,
) -> io::Result<(SyncSender<ReadJob>, Vec<JoinHandle<()>>)> {
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let threads = links.into_iter().enumerate().map(|(index, mut link)| {
        let receiver = receiver.clone();
        thread::Builder::new().name(format!("db-read-{index}")).spawn(move || {
            while let Some(job) = next(&receiver) {
                read(&mut link, job);
            }
        })
    });
    Ok((sender, threads.collect::<io::Result<_>>()?))
}

fn next(receiver: &Mutex<Receiver<ReadJob>>) -> Option<ReadJob> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn read(link: &mut Link, job: ReadJob) {
    let done = match link.begin(Purpose::Read) {
        Ok(connection) => catch_unwind(AssertUnwindSafe(|| job(Ok(connection)))),
        Err(error) => {
            job(Err(error));
            return;
        }
    };
    match done {
        // It has answered already: an end that fails is seen by the next.
        Ok(well) => drop(link.end(well)),
        Err(_) => {
            log::error!("a read of the database panicked");
            link.abandon();
        }
    }
}

/// Why a job was not taken.
pub(crate) fn refused<T>(error: &TrySendError<T>) -> DbError {
    match error {
        TrySendError::Full(_) => DbError::Busy,
        TrySendError::Disconnected(_) => DbError::Closed,
    }
}
