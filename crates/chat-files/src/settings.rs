//! How much of everything.

use std::time::Duration;

use crate::TypePattern;

/// The settings of files. [`FilesSettings::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesSettings {
    /// The largest file, in bytes. Default 25 MiB.
    pub max_bytes: u64,
    /// What is taken, if it is not denied; empty for all. Default all.
    pub allow: Vec<TypePattern>,
    /// What is not taken. Default nothing.
    pub deny: Vec<TypePattern>,
    /// How many uploads a user may have that no message has, complete or not, about. Default 50.
    pub user_uploads: u64,
    /// How many bytes these may have together, as announced, about. Default 250 MiB.
    pub user_bytes: u64,
    /// How long an upload lives that gets no more bytes and that no message has. Default a day.
    pub expire: Duration,
    /// The most pixels of a picture. Default 40 million.
    pub image_pixels: u64,
    /// The longer side of a small picture, in pixels. Default 400.
    pub thumbnail_pixels: u32,
    /// Threads that look at pictures; at least 1. Default 1.
    pub image_threads: usize,
    /// How many pictures may wait for them; at least 1. Default 64.
    pub image_queue: usize,
    /// How many bytes are gathered before they are kept; also the memory of one upload that is being received. At most
    /// a thousandth part of `max_bytes` is too few. Default 1 MiB.
    pub part_bytes: usize,
    /// How many uploads are received at once. Default 64.
    pub at_once: usize,
    /// How long one of them may bring nothing. Default 30 seconds.
    pub stall: Duration,
    /// How long a link is good. Default 5 minutes.
    pub link: Duration,
}

impl Default for FilesSettings {
    fn default() -> FilesSettings {
        FilesSettings {
            max_bytes: 25 * 1024 * 1024,
            allow: Vec::new(),
            deny: Vec::new(),
            user_uploads: 50,
            user_bytes: 250 * 1024 * 1024,
            expire: Duration::from_secs(24 * 3600),
            image_pixels: 40_000_000,
            thumbnail_pixels: 400,
            image_threads: 1,
            image_queue: 64,
            part_bytes: 1024 * 1024,
            at_once: 64,
            stall: Duration::from_secs(30),
            link: Duration::from_secs(300),
        }
    }
}
