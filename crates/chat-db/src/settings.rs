//! How the database is opened and used.

use std::path::PathBuf;
use std::time::Duration;

/// Where the database is, and how much of everything it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbSettings {
    /// The SQLite file; made when it is missing, its directory is not.
    pub path: PathBuf,
    /// How many threads read, each with a connection of its own; at least 1. Default 4.
    pub readers: usize,
    /// How many jobs may wait for the writer, and as many for the readers; what comes beyond is refused as
    /// [`DbError::Busy`](crate::DbError::Busy). At least 1. Default 4,096.
    pub queue: usize,
    /// How many writes share a commit at the most; at least 1. Default 512.
    pub batch: usize,
    /// How long a job may wait before it is begun; past that it is not run and answered as
    /// [`DbError::Timeout`](crate::DbError::Timeout). It is also how long SQLite waits for another process
    /// that holds the file. Default 5 s.
    pub timeout: Duration,
}

impl DbSettings {
    /// The documented defaults for this file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> DbSettings {
        DbSettings { path: path.into(), readers: 4, queue: 4096, batch: 512, timeout: Duration::from_secs(5) }
    }
}
