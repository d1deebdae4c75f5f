//! The threads that read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::{Connection, DbError};

/// One read: runs on a reader's connection and answers by itself.
pub(crate) type ReadJob = Box<dyn FnOnce(&mut Connection) + Send>;

/// Starts the threads, one for each connection.
pub(crate) fn start(
    connections: Vec<Connection>,
    queue: usize,
) -> std::io::Result<(SyncSender<ReadJob>, Vec<JoinHandle<()>>)> {
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let threads = connections.into_iter().enumerate().map(|(index, mut connection)| {
        let receiver = receiver.clone();
        thread::Builder::new().name(format!("db-read-{index}")).spawn(move || {
            while let Some(job) = next(&receiver) {
                if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
                    log::error!("a read of the database panicked");
                }
            }
        })
    });
    Ok((sender, threads.collect::<std::io::Result<_>>()?))
}

fn next(receiver: &Mutex<Receiver<ReadJob>>) -> Option<ReadJob> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Why a job was not taken.
pub(crate) fn refused<T>(error: &TrySendError<T>) -> DbError {
    match error {
        TrySendError::Full(_) => DbError::Busy,
        TrySendError::Disconnected(_) => DbError::Closed,
    }
}
