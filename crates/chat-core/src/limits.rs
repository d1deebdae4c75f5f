//! How much of everything a chat takes.

use std::sync::Arc;
use std::time::Duration;

use crate::WordFilter;

/// The limits of rooms and messages. [`Limits::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest text of a message, in bytes of UTF-8. Default 16 KiB.
    pub text_bytes: usize,
    /// The longest `data` of a message, in bytes of JSON. Default 8 KiB.
    pub data_bytes: usize,
    /// The longest room name, in characters. Default 100.
    pub room_name_chars: usize,
    /// The longest topic, in characters. Default 1,000.
    pub topic_chars: usize,
    /// How many rooms one user may own. Default 1,000.
    pub rooms_per_user: u64,
    /// How many members a room may have. Default 100,000.
    pub members_per_room: u64,
    /// How many people a direct room may have. Default 10.
    pub people_per_direct_room: usize,
    /// How many others a user may block. Default 1,000.
    pub blocks_per_user: u64,
    /// How many reports of one user may wait to be settled. Default 50.
    pub reports_per_user: u64,
    /// How many words a room's filter may have. Default 1,000.
    pub filter_words: usize,
    /// What filters the messages of all rooms, direct ones and moderators' too. Default nothing.
    pub filter: Option<Arc<WordFilter>>,
    /// In rooms of more members than this nobody is told who writes or reads: each reader is told to all others. Default 50.
    pub signal_members: u64,
    /// After how long without a command a connection is away. Default 5 minutes.
    pub away_after: Duration,
    /// How long a user's status may be, in characters. Default 100.
    pub status_chars: usize,
    /// How many items a page of a list holds at the most. Default 200.
    pub page: usize,
    /// How many missed events a subscription recovers by itself; past that the client pages through the
    /// history. Default 1,000.
    pub recovery_events: usize,
    /// How many subscriptions one connection may have. Default 128.
    pub subscriptions_per_connection: usize,
    /// How many connections one user may have on this node. Default 128.
    pub connections_per_user: usize,
    /// How many connections this node takes. Default 20,000.
    pub connections: usize,
    /// How many bytes may wait for one connection before it is closed as too slow. Default 1 MiB.
    pub queue_bytes: usize,
    /// How many committed events may wait for the fan-out; what comes beyond is read from the log instead.
    /// Default 4,096.
    pub fan_out_queue: usize,
    /// How many bytes of the last events this node keeps in memory, about, for those who come back. Default 32 MiB.
    pub recent_bytes: usize,
    /// For how long authors may edit and delete their messages. Default a day.
    pub edit_for: Duration,
    /// Whether what edited and deleted messages said before is kept for moderators. Default yes.
    pub keep_versions: bool,
    /// For how long rooms keep their logs at the most. Default for ever, which is none.
    pub retention: Option<Duration>,
    /// How many different reactions a message may have. Default 20.
    pub reactions_per_message: usize,
    /// How many messages of a room may be pinned. Default 100.
    pub pins_per_room: u64,
    /// Whether messages can be searched. Default yes.
    pub search: bool,
    /// How many of the newest messages that fit a search are ranked. Default 1,000.
    pub search_candidates: usize,
    /// How many events a store takes up into its index in one transaction, between others' writes. Default 200.
    pub search_portion: usize,
    /// How many messages a user may bookmark. Default 1,000.
    pub bookmarks_per_user: u64,
    /// How long the note of a bookmark may be, in characters. Default 500.
    pub bookmark_note_chars: usize,
    /// How many messages of a user may wait to be sent later. Default 100.
    pub scheduled_per_user: u64,
    /// How many files a message may bring, at most [`NewMessage::ATTACHMENTS`](crate::NewMessage::ATTACHMENTS). Default 10.
    pub attachments_per_message: usize,
    /// How often a user may send, edit, delete, react and pin; and as often again mark as read, follow and search. None switches the limit off. Default 600 a minute, 60 at once.
    pub messages: Option<Rate>,
}

/// So many a minute, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many a minute, over time; at least 1.
    pub per_minute: u32,
    /// How many at once after a pause; at least 1.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text_bytes: 16 * 1024,
            data_bytes: 8 * 1024,
            room_name_chars: 100,
            topic_chars: 1000,
            rooms_per_user: 1000,
            members_per_room: 100_000,
            people_per_direct_room: 10,
            blocks_per_user: 1000,
            reports_per_user: 50,
            filter_words: 1000,
            filter: None,
            signal_members: 50,
            away_after: Duration::from_secs(300),
            status_chars: 100,
            page: 200,
            recovery_events: 1000,
            subscriptions_per_connection: 128,
            connections_per_user: 128,
            connections: 20_000,
            queue_bytes: 1024 * 1024,
            fan_out_queue: 4096,
            recent_bytes: 32 * 1024 * 1024,
            edit_for: Duration::from_secs(24 * 60 * 60),
            keep_versions: true,
            retention: None,
            reactions_per_message: 20,
            pins_per_room: 100,
            search: true,
            search_candidates: 1000,
            search_portion: 200,
            bookmarks_per_user: 1000,
            bookmark_note_chars: 500,
            scheduled_per_user: 100,
            attachments_per_message: 10,
            messages: Some(Rate { per_minute: 600, burst: 60 }),
        }
    }
}
