//! Where the time comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::Timestamp;

/// What a store takes for now: the system's clock, or one that stands still until it is set, for tests. Copies are the same
/// clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Clock {
        Clock(None)
    }

    /// A clock that stands at this moment.
    #[must_use]
    pub fn standing_at(now: Timestamp) -> Clock {
        Clock(Some(Arc::new(AtomicI64::new(now.as_micros()))))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(at) => Timestamp::from_micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Sets a clock that stands still; the system's is not ours to set.
    pub fn set(&self, now: Timestamp) {
        if let Some(at) = &self.0 {
            at.store(now.as_micros(), Ordering::SeqCst);
        }
    }
}
