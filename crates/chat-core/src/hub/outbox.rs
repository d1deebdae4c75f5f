//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{Address, CloseReason, Outlet};

/// The outlet of a single connection, bounded in bytes: the simplest there is.
///
/// A reader that is too slow is closed, so that it hurts itself alone.
pub struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
    limit: usize,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    closed: Option<CloseReason>,
}

impl Outbox {
    /// An empty outbox that holds at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Outbox {
        Outbox { queue: Mutex::default(), changed: Notify::new(), limit }
    }

    /// Waits for frames and moves all that wait into `batch`. For one task only. Cancel safe.
    ///
    /// # Errors
    /// The reason, once the outbox is closed and empty.
    pub async fn next(&self, batch: &mut Vec<Bytes>) -> Result<(), CloseReason> {
        loop {
            {
                let mut queue = self.queue();
                if !queue.frames.is_empty() {
                    queue.bytes = 0;
                    batch.extend(queue.frames.drain(..));
                    return Ok(());
                }
                if let Some(reason) = queue.closed {
                    return Err(reason);
                }
            }
            self.changed.notified().await;
        }
    }

    /// Why it was closed, if it was.
    #[must_use]
    pub fn closed(&self) -> Option<CloseReason> {
        self.queue().closed
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Outbox {
    /// Where the frame does not fit, the outbox is closed as [`CloseReason::Slow`] and what waits in it is dropped; in
    /// a closed one, nothing happens.
    fn put(&self, frame: Bytes, _: Vec<Address>) {
        let mut queue = self.queue();
        if queue.closed.is_some() {
            return;
        }
        // A single frame larger than the whole bound still passes when nothing else waits.
        if !queue.frames.is_empty() && queue.bytes + frame.len() > self.limit {
            *queue = Queue { closed: Some(CloseReason::Slow), ..Queue::default() };
        } else {
            queue.bytes += frame.len();
            queue.frames.push_back(frame);
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// What waits is still handed out. The first reason stays.
    fn close(&self, _: Address, reason: CloseReason) {
        self.queue().closed.get_or_insert(reason);
        self.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Address = Address { index: 0, life: 0 };

    fn put(outbox: &Outbox, frame: &'static str) {
        outbox.put(Bytes::from_static(frame.as_bytes()), vec![ME]);
    }

    #[tokio::test]
    async fn what_does_not_fit_closes_it_as_slow() {
        let outbox = Outbox::new(10);
        put(&outbox, "123456");
        put(&outbox, "1234");
        let mut batch = Vec::new();
        assert_eq!(outbox.next(&mut batch).await, Ok(()));
        assert_eq!(batch.len(), 2);
        put(&outbox, "123456");
        put(&outbox, "12345");
        assert_eq!(outbox.next(&mut batch).await, Err(CloseReason::Slow));
        assert_eq!(outbox.closed(), Some(CloseReason::Slow));
    }

    #[tokio::test]
    async fn what_waits_is_written_before_an_orderly_close() {
        let outbox = Outbox::new(10);
        put(&outbox, "last words");
        outbox.close(ME, CloseReason::Shutdown);
        put(&outbox, "too late");
        let mut batch = Vec::new();
        assert_eq!(outbox.next(&mut batch).await, Ok(()));
        assert_eq!(batch, [Bytes::from_static(b"last words")]);
        assert_eq!(outbox.next(&mut batch).await, Err(CloseReason::Shutdown));
    }
}
