//! Where a hub puts what its connections are to be told.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Notify;

use super::EndReason;

/// Why a connection is closed from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// More waited for it than its queue holds. It comes back and recovers from the log.
    Slow,
    /// This node stops.
    Shutdown,
    /// Its session was ended.
    SessionEnded,
    /// It was for one room, and its subscription has ended.
    Ended(EndReason),
}

/// Where an outlet finds a connection: the index that the outlet gave it, and which of those it is that had the same
/// index one after the other, since something may still be on its way to one that has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    /// The outlet's own number for it.
    pub index: u32,
    pub(super) life: u32,
}

/// Takes frames to connections: an [`Outbox`](super::Outbox) to one, or a thread's own to the many that it serves.
///
/// What is put into one outlet reaches each connection in the order in which it was put. No method may wait, or call
/// into the hub.
pub trait Outlet: Send + Sync + 'static {
    /// Takes a frame to these connections, each named once. Those that have gone are passed over.
    fn put(&self, frame: Bytes, to: Vec<Address>);

    /// Closes a connection, behind what was put before.
    fn close(&self, at: Address, reason: CloseReason);

    /// Whether so much waits in it that signals, which may be lost, are better left out.
    fn is_crowded(&self) -> bool {
        false
    }
}

/// Lets the fan-out wait for outlets that have too much to do. One for each hub.
#[derive(Default)]
pub struct Backpressure {
    crowded: AtomicUsize,
    eased: Notify,
}

impl Backpressure {
    /// An outlet has more than it should hold. Each is counted, and has to [`ease`](Self::ease) again.
    pub fn press(&self) {
        self.crowded.fetch_add(1, Ordering::SeqCst);
    }

    /// An outlet has room again.
    pub fn ease(&self) {
        if self.crowded.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.eased.notify_waiters();
        }
    }

    /// Waits until every outlet has room. Cancel safe.
    pub async fn eased(&self) {
        loop {
            // Listens first, looks second.
            let eased = self.eased.notified();
            if self.crowded.load(Ordering::SeqCst) == 0 {
                return;
            }
            eased.await;
        }
    }
}
