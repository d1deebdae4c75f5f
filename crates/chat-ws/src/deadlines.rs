//! When something is due for one of a worker's connections: one sleep for all of them.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The next deadline of each connection, by its index.
///
/// An entry that is no longer wanted is not looked for, but passed over when it comes up: the connection then says when
/// it is really due.
pub(crate) struct Deadlines {
    entries: RefCell<BinaryHeap<Reverse<(Instant, u32)>>>,
    /// What the sleep sleeps for.
    awaited: Cell<Option<Instant>>,
    sooner: Notify,
    /// How much too early one may be told: many that are nearly due share a wake-up.
    slack: Duration,
}

impl Deadlines {
    pub fn new(slack: Duration) -> Deadlines {
        Deadlines { entries: RefCell::default(), awaited: Cell::new(None), sooner: Notify::new(), slack }
    }

    pub fn add(&self, at: Instant, index: u32) {
        self.entries.borrow_mut().push(Reverse((at, index)));
        if self.awaited.get().is_none_or(|awaited| at < awaited) {
            self.sooner.notify_one();
        }
    }

    /// Waits until something is due. For one task only. Cancel safe.
    pub async fn wait(&self) {
        loop {
            let next = self.entries.borrow().peek().map(|Reverse((at, _))| *at);
            self.awaited.set(next);
            match next {
                None => self.sooner.notified().await,
                Some(at) => tokio::select! {
                    () = sleep_until(at) => return,
                    () = self.sooner.notified() => {}
                },
            }
        }
    }

    /// Until when things count as due now.
    pub fn horizon(&self) -> Instant {
        Instant::now() + self.slack
    }

    /// The next that is due by then, with the time it was entered for.
    pub fn pop(&self, by: Instant) -> Option<(Instant, u32)> {
        let mut entries = self.entries.borrow_mut();
        let Reverse((at, _)) = entries.peek()?;
        if *at > by {
            return None;
        }
        entries.pop().map(|Reverse(entry)| entry)
    }
}
