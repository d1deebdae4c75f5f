//! What all connections together have seen.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::sync::Notify;

/// Over how many histograms the connections are spread, so that they seldom wait for one another.
const SHARDS: usize = 16;

/// Three digits are exact.
const DIGITS: u8 = 3;

/// What all connections together have seen.
pub(crate) struct Tally {
    begun: Instant,
    pub rooms: Vec<Room>,
    latencies: Vec<Mutex<Histogram<u64>>>,
    acknowledged: Mutex<Histogram<u64>>,
    pub missing: AtomicU64,
    pub doubled: AtomicU64,
    pub disordered: AtomicU64,
}

/// One room.
#[derive(Default)]
pub(crate) struct Room {
    pub sent: AtomicU64,
    delivered: AtomicU64,
    /// Told each time when all members may have a message.
    pub whole: Notify,
}

impl Tally {
    pub fn new(rooms: usize) -> Tally {
        let histogram = || Mutex::new(new_histogram());
        Tally {
            begun: Instant::now(),
            rooms: (0..rooms).map(|_| Room::default()).collect(),
            latencies: (0..SHARDS).map(|_| histogram()).collect(),
            acknowledged: histogram(),
            missing: AtomicU64::new(0),
            doubled: AtomicU64::new(0),
            disordered: AtomicU64::new(0),
        }
    }

    /// What a message sent now begins with: microseconds.
    pub fn stamp(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Counts a delivery to a member of a room that has `members`.
    pub fn delivered(&self, member: usize, room: usize, members: u64, stamp: Option<u64>) {
        if let Some(stamp) = stamp {
            let latency = self.stamp().saturating_sub(stamp);
            let mut shard = lock(&self.latencies[member % SHARDS]);
            shard.saturating_record(latency);
        }
        let room = &self.rooms[room];
        let count = room.delivered.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_multiple_of(members) {
            room.whole.notify_one();
        }
    }

    /// Counts an acknowledgement of what was sent at this time.
    pub fn acknowledged(&self, sent: u64) {
        lock(&self.acknowledged).saturating_record(self.stamp().saturating_sub(sent));
    }

    /// How many messages were sent.
    pub fn sent(&self) -> u64 {
        self.rooms.iter().map(|room| room.sent.load(Ordering::Relaxed)).sum()
    }

    /// How many deliveries there were.
    pub fn deliveries(&self) -> u64 {
        self.rooms.iter().map(Room::delivered).sum()
    }

    /// From the sending to a member.
    pub fn latencies(&self) -> Latencies {
        let mut all = new_histogram();
        for shard in &self.latencies {
            // All have the same bounds.
            let _ = all.add(&*lock(shard));
        }
        Latencies::of(&all)
    }

    /// From the sending to the acknowledgement.
    pub fn acknowledgements(&self) -> Latencies {
        Latencies::of(&lock(&self.acknowledged))
    }
}

impl Room {
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }
}

/// How long something took, in milliseconds.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(crate) struct Latencies {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Latencies {
    fn of(histogram: &Histogram<u64>) -> Latencies {
        let at = |quantile| milliseconds(histogram.value_at_quantile(quantile));
        Latencies {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: milliseconds(histogram.max()),
        }
    }
}

fn milliseconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1000.0
}

fn new_histogram() -> Histogram<u64> {
    // Up to an hour; only bounds that are none are refused.
    Histogram::new_with_bounds(1, 3_600_000_000, DIGITS)
        .unwrap_or_else(|_| unreachable!("the bounds are fixed"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
