//! Messages that expire: when the next one does, and that it is ended then.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::Chat;
use crate::{Message, Timestamp};

/// The longest wait before it is looked again what is due: another node may have ended with what it knew.
const LOOK: Duration = Duration::from_secs(60);

/// How long it waits when the store cannot be used.
const AGAIN: Duration = Duration::from_secs(5);

/// By how much nodes differ at the most in when they end what others were told of, so that mostly one does.
const APART: u64 = 1_000_000;

/// What this node knows of what expires next.
#[derive(Default)]
pub(super) struct Expiry {
    /// When the first of those expires that were sent here since it was looked last.
    sent: Mutex<Option<Timestamp>>,
    changed: Notify,
}

impl Expiry {
    /// Notes when a message expires that was sent here. Plain ones cost nothing.
    pub fn expect(&self, message: &Message) {
        let Some(at) = message.expires_at else { return };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.is_none_or(|known| at < known) {
            *sent = Some(at);
            self.changed.notify_one();
        }
    }

    fn take(&self) -> Option<Timestamp> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn first(&self) -> Option<Timestamp> {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// Ends messages whose time is over, soon after it is, for ever. To be run at every node: each message is ended once. It
    /// only makes the end known; nobody is shown what they say from their time on.
    pub async fn watch_expiry(self: Arc<Chat>) {
        let apart = Duration::from_micros(RandomState::new().hash_one(()) % APART);
        loop {
            let now = Timestamp::now();
            self.expiry.take();
            let next = match self.store.expire(now).await {
                Ok(next) => next.map(|next| next.after(apart)),
                Err(error) => {
                    log::warn!("messages expire later: {error}");
                    Some(now.after(AGAIN))
                }
            };
            self.wait_until(next).await;
        }
    }

    /// Waits for this moment, or for one that comes to be known meanwhile, but not for ever.
    async fn wait_until(&self, next: Option<Timestamp>) {
        let looked = tokio::time::Instant::now();
        loop {
            let first = next.into_iter().chain(self.expiry.first()).min();
            let rest = LOOK.saturating_sub(looked.elapsed());
            let wait = first.map_or(rest, |first| first.until(Timestamp::now()).min(rest));
            if wait.is_zero() || timeout(wait, self.expiry.changed.notified()).await.is_err() {
                return;
            }
        }
    }
}
