//! How much is asked of others, and kept.

use std::time::Duration;

/// The settings of previews. [`Settings::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long one preview may take, with everything it leads on to and the wait for its turn. Default 5 seconds.
    pub timeout: Duration,
    /// How much of a page is read, in bytes, unpacked. Default 512 KiB.
    pub max_bytes: usize,
    /// How many previews are kept, those that failed too; each takes 10 KiB at the most. Default 1,000.
    pub cache_entries: usize,
    /// For how long a preview is kept. Default an hour.
    pub cache_term: Duration,
    /// For how long it is kept that there was none. Default 5 minutes.
    pub failure_term: Duration,
    /// How many pages are asked for at once. Default 8.
    pub concurrency: usize,
    /// How many more may wait for their turn; a further one has no preview this time. Default 128.
    pub queue: usize,
    /// How this server calls itself to others.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            timeout: Duration::from_secs(5),
            max_bytes: 512 * 1024,
            cache_entries: 1000,
            cache_term: Duration::from_secs(3600),
            failure_term: Duration::from_secs(300),
            concurrency: 8,
            queue: 128,
            user_agent: concat!("chat-server/", env!("CARGO_PKG_VERSION"), " (link previews)").to_owned(),
        }
    }
}
