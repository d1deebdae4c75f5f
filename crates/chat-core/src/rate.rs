//! How often somebody may do something.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::Rate;

/// From this many keys on, those that have been quiet long enough to have their full burst again are
/// forgotten.
const KEYS_BEFORE_SWEEP: usize = 10_000;

/// A rate for each key: a user, an address.
pub struct KeyedLimiter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> KeyedLimiter<K> {
    /// A limiter with this rate for every key; zeros in it count as 1.
    #[must_use]
    pub fn new(rate: Rate) -> KeyedLimiter<K> {
        let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(rate.per_minute)).allow_burst(at_least_one(rate.burst));
        KeyedLimiter { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Counts one act of `key`.
    ///
    /// # Errors
    /// How long to wait, when it is one too many; then it was not counted.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        if self.limiter.len() >= KEYS_BEFORE_SWEEP {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|early| early.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_burst() {
        let limiter = KeyedLimiter::new(Rate { per_minute: 1, burst: 2 });
        assert!(limiter.check(&1).is_ok());
        assert!(limiter.check(&1).is_ok());
        assert!(limiter.check(&1).unwrap_err() <= Duration::from_secs(60));
        assert!(limiter.check(&2).is_ok());
    }
}
