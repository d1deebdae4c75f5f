//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Why a connection is closed from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// More waited for it than its queue holds. It comes back and recovers from the log.
    Slow,
    /// This node stops.
    Shutdown,
    /// Its session was ended.
    SessionEnded,
}

/// Frames on their way to one connection, bounded in bytes.
///
/// Pushing never waits: a reader that is too slow is closed instead, so that it hurts itself alone.
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

    /// Puts a frame behind the others. Where it does not fit, the outbox is closed as [`CloseReason::Slow`]
    /// and what waits in it is dropped; in a closed one, nothing happens.
    pub fn push(&self, frame: Bytes) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Closes the outbox: what waits is still written, then the connection ends. The first reason stays.
    pub fn close(&self, reason: CloseReason) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).closed.get_or_insert(reason);
        self.changed.notify_one();
    }

    /// Waits for frames and moves all that wait into `batch`. For one task only. Cancel safe.
    ///
    /// # Errors
    /// The reason, once the outbox is closed and empty.
    pub async fn next(&self, batch: &mut Vec<Bytes>) -> Result<(), CloseReason> {
        loop {
            {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Waits until the reader has become too slow. Cancel safe. A task that is writing watches this, so that
    /// a socket that takes nothing does not keep it.
    pub async fn closed(&self) -> CloseReason {
        loop {
            let closed = self.queue.lock().unwrap_or_else(PoisonError::into_inner).closed;
            if let Some(reason) = closed {
                return reason;
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_closes_it_as_slow() {
        let outbox = Outbox::new(10);
        outbox.push(Bytes::from_static(b"123456"));
        outbox.push(Bytes::from_static(b"1234"));
        let mut batch = Vec::new();
        assert_eq!(outbox.next(&mut batch).await, Ok(()));
        assert_eq!(batch.len(), 2);
        outbox.push(Bytes::from_static(b"123456"));
        outbox.push(Bytes::from_static(b"12345"));
        assert_eq!(outbox.next(&mut batch).await, Err(CloseReason::Slow));
        assert_eq!(outbox.closed().await, CloseReason::Slow);
    }

    #[tokio::test]
    async fn what_waits_is_written_before_an_orderly_close() {
        let outbox = Outbox::new(10);
        outbox.push(Bytes::from_static(b"last words"));
        outbox.close(CloseReason::Shutdown);
        outbox.push(Bytes::from_static(b"too late"));
        let mut batch = Vec::new();
        assert_eq!(outbox.next(&mut batch).await, Ok(()));
        assert_eq!(batch, [Bytes::from_static(b"last words")]);
        assert_eq!(outbox.next(&mut batch).await, Err(CloseReason::Shutdown));
    }
}
