//! Logs that are kept for a term.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Chat;
use crate::{ChatError, Timestamp};

/// How often it is looked whether rooms that have a term of their own keep more than that.
const OWN: Duration = Duration::from_secs(60);

/// How often all rooms are looked at, where the server has a term, at the least.
const ALL: Duration = Duration::from_secs(3600);

impl Chat {
    /// Removes what is older at `now` than rooms keep it: those that have a term of their own, or with `all` all rooms. In
    /// portions, so that no sender waits for it.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`]; what is left then goes the next time.
    pub async fn trim(&self, now: Timestamp, all: bool) -> Result<(), ChatError> {
        self.store.trim(now, all).await
    }

    /// Removes what is older than rooms keep it, soon after it is, for ever. To be run at every node: one at a time does it.
    pub async fn watch_retention(self: Arc<Chat>) {
        // A twentieth of the term longer is near enough.
        let all_every = self.limits.retention.map(|term| (term / 20).clamp(OWN, ALL));
        let mut looked: Option<Instant> = None;
        loop {
            let due = |every| looked.is_none_or(|looked| looked.elapsed() >= every);
            let all = all_every.is_some_and(due);
            if all {
                looked = Some(Instant::now());
            }
            if let Err(error) = self.trim(Timestamp::now(), all).await {
                log::warn!("what is older than rooms keep it is removed later: {error}");
            }
            sleep(OWN).await;
        }
    }
}
