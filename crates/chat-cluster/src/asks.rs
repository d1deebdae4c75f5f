//! Questions to the other nodes that are not answered yet.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chat_core::Presence;
use tokio::sync::mpsc;

/// How many answers may wait for whoever asked.
const ANSWERS: usize = 1024;

/// A part of one node's answer.
pub(crate) struct Answer {
    pub node: String,
    pub present: Vec<Presence>,
    /// There is more to come.
    pub more: bool,
}

/// Those who wait for answers.
#[derive(Default)]
pub(crate) struct Asks {
    last: AtomicU64,
    open: Mutex<HashMap<u64, mpsc::Sender<Answer>>>,
}

/// One who waits; gone, answers are no longer taken.
pub(crate) struct Ask<'a> {
    asks: &'a Asks,
    pub number: u64,
    pub answers: mpsc::Receiver<Answer>,
}

impl Asks {
    pub fn open(&self) -> Ask<'_> {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, answers) = mpsc::channel(ANSWERS);
        self.lock().insert(number, sender);
        Ask { asks: self, number, answers }
    }

    /// Gives an answer to whoever waits for it. What does not fit is lost, and its node taken for silent.
    pub fn answer(&self, number: u64, answer: Answer) {
        if let Some(asking) = self.lock().get(&number) {
            let _ = asking.try_send(answer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, mpsc::Sender<Answer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ask<'_> {
    fn drop(&mut self) {
        self.asks.lock().remove(&self.number);
    }
}
