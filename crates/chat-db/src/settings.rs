//! How the database is opened and used.

use std::time::Duration;

use crate::DbUrl;

/// Where the database is, and how much of everything it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbSettings {
    /// Which database.
    pub url: DbUrl,
    /// How many threads read, each with a connection of its own; at least 1. Default 4.
    pub readers: usize,
    /// How many threads write, each with a connection of its own; at least 1. SQLite has one writer at a time,
    /// and always one thread. Default 4.
    pub writers: usize,
    /// How many jobs may wait for each writer, and as many for the readers; what comes beyond is refused as
    /// [`DbError::Busy`](crate::DbError::Busy). At least 1. Default 4,096.
    pub queue: usize,
    /// How many writes share a commit at the most; at least 1. Default 512.
    pub batch: usize,
    /// How long a caller waits for an answer; what has not begun by then is not begun any more, and answered
    /// as [`DbError::Timeout`](crate::DbError::Timeout). It is also how long a connection may take to be
    /// made, and a statement to run or to wait for a lock. Default 5 s.
    pub timeout: Duration,
}

impl DbSettings {
    /// The documented defaults for this database.
    #[must_use]
    pub fn new(url: DbUrl) -> DbSettings {
        DbSettings { url, readers: 4, writers: 4, queue: 4096, batch: 512, timeout: Duration::from_secs(5) }
    }
}
