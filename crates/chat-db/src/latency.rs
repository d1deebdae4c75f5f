//! How long commits take: a histogram of the last minute that costs two additions a commit.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What is counted together, in seconds. A minute has six of them.
const TURN: u64 = 10;

/// One more than a minute has, so that a whole minute is there while the newest one fills.
const SLOTS: usize = 7;

/// Each doubling is cut into so many steps: what is told is wrong by a quarter at the most.
const STEPS: u32 = 4;

/// From 16 microseconds, in doublings, to 17 seconds.
const BUCKETS: usize = 20 * STEPS as usize;

/// The logarithm of the least time that is told from less, in microseconds.
const LEAST: u32 = 4;

/// The latencies of the last minute. Nothing is locked: what two count at the turn of a slot may get lost.
pub(crate) struct Latencies {
    begun: Instant,
    slots: [Slot; SLOTS],
}

struct Slot {
    /// Which ten seconds since the beginning these are, counted from 1.
    turn: AtomicU64,
    counts: [AtomicU32; BUCKETS],
}

/// How long the commits of the last minute took, from the begin of their transactions until the disk had them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitLatency {
    /// How many there were; many writes may have shared one.
    pub commits: u64,
    /// Half of them took no longer; none where there were none.
    pub p50: Option<Duration>,
    /// 99 of 100 took no longer.
    pub p99: Option<Duration>,
}

impl Latencies {
    pub fn new() -> Latencies {
        let slot = |_| Slot { turn: AtomicU64::new(0), counts: std::array::from_fn(|_| AtomicU32::new(0)) };
        Latencies { begun: Instant::now(), slots: std::array::from_fn(slot) }
    }

    /// Counts a commit that was kept at this moment.
    pub fn count(&self, took: Duration, now: Instant) {
        let turn = self.turn(now);
        let slot = &self.slots[usize::try_from(turn % SLOTS as u64).unwrap_or(0)];
        if slot.turn.swap(turn, Ordering::Relaxed) != turn {
            slot.counts.iter().for_each(|count| count.store(0, Ordering::Relaxed));
        }
        slot.counts[bucket(took)].fetch_add(1, Ordering::Relaxed);
    }

    /// What the minute before this moment was like.
    pub fn told(&self, now: Instant) -> CommitLatency {
        let turn = self.turn(now);
        let mut counts = [0_u64; BUCKETS];
        for slot in &self.slots {
            let of = slot.turn.load(Ordering::Relaxed);
            if of > 0 && of + SLOTS as u64 > turn {
                for (sum, count) in counts.iter_mut().zip(&slot.counts) {
                    *sum += u64::from(count.load(Ordering::Relaxed));
                }
            }
        }
        let commits: u64 = counts.iter().sum();
        let quantile = |part: u64| {
            let rank = (commits * part).div_ceil(100);
            let mut seen = 0;
            let reaches = |count: &u64| {
                seen += count;
                seen >= rank
            };
            (commits > 0).then(|| counts.iter().position(reaches).map(ceiling)).flatten()
        };
        CommitLatency { commits, p50: quantile(50), p99: quantile(99) }
    }

    fn turn(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.begun).as_secs() / TURN + 1
    }
}

/// Where a time is counted.
fn bucket(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1 << LEAST);
    let doubling = micros.ilog2();
    // The two bits below the first one.
    let step = (micros >> (doubling - 2)) & u64::from(STEPS - 1);
    let bucket = u64::from((doubling - LEAST) * STEPS) + step;
    usize::try_from(bucket).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest time that is counted there.
fn ceiling(bucket: usize) -> Duration {
    let bucket = bucket as u64 + 1;
    let (doubling, step) = (bucket / u64::from(STEPS) + u64::from(LEAST), bucket % u64::from(STEPS));
    Duration::from_micros((u64::from(STEPS) + step) << (doubling - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_counted_where_it_is_told_by_at_most_a_quarter_more() {
        for micros in [16, 17, 31, 32, 100, 999, 1000, 4096, 65_537, 1_000_000, 15_000_000] {
            let took = Duration::from_micros(micros);
            let told = ceiling(bucket(took));
            assert!(told > took && told <= took * 5 / 4 + Duration::from_micros(1), "{micros}: {told:?}");
        }
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_of_the_last_minute() {
        let latencies = Latencies::new();
        let at = |seconds| latencies.begun + Duration::from_secs(seconds);
        assert_eq!(latencies.told(at(0)), CommitLatency::default());
        for _ in 0..98 {
            latencies.count(Duration::from_micros(1000), at(1));
        }
        for _ in 0..2 {
            latencies.count(Duration::from_micros(100_000), at(1));
        }
        let told = latencies.told(at(59));
        assert_eq!(told.commits, 100);
        assert_eq!(told.p50, Some(Duration::from_micros(1024)));
        assert_eq!(told.p99, Some(ceiling(bucket(Duration::from_micros(100_000)))));
        assert_eq!(latencies.told(at(71)).commits, 0);
        latencies.count(Duration::from_micros(1000), at(71));
        assert_eq!(latencies.told(at(72)).commits, 1);
    }
}
