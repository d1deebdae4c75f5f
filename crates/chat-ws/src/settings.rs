//! How connections behave.

use std::time::Duration;

/// The settings of connections. [`SocketSettings::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketSettings {
    /// The largest message of a client, in bytes, put together from its fragments; a larger one closes the
    /// connection with 1009. Default 64 KiB.
    pub frame_bytes: usize,
    /// How many commands of one connection are worked on at once; further ones wait unread. Default 64.
    pub in_flight: usize,
    /// How often a connection is pinged. Default 25 s.
    pub ping: Duration,
    /// How long the answer may take before it is closed with 3012; less than `ping`. Default 8 s.
    pub pong: Duration,
    /// How long a connection may take to say who it is before it is closed with 3502. Default 15 s.
    pub stale: Duration,
    /// How long it may go on after its token has expired before it is closed with 3005. Default 25 s.
    pub expiry_grace: Duration,
    /// How long one write may wait for a peer that does not read, before it is cut off. Default 10 s.
    pub write_timeout: Duration,
    /// How long after the beginning of a round of writing to the connections of a large room the next one begins, at the
    /// earliest: what comes meanwhile shares their writes. Default 16 ms, as long as a screen shows a picture; zero: nothing waits.
    pub sweep: Duration,
    /// How long the peer's close is waited for. Default 5 s.
    pub close_timeout: Duration,
    /// How many bytes of frames may be on their way to one worker before the fan-out waits for it. Default 16 MiB.
    pub mailbox_bytes: usize,
    /// How many bytes may wait for all connections of a node together, because their peers do not read; those that
    /// would need more are closed with 3008. Default 256 MiB.
    pub waiting_bytes: usize,
    /// Web origins besides the server's own that may open sockets, such as `https://chat.example.org`.
    pub origins: Vec<String>,
    /// What the connect reply calls the server.
    pub version: String,
    /// The classic room socket.
    pub classic: ClassicSettings,
}

/// The settings of the classic room socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicSettings {
    /// Whether it is served. Default yes.
    pub enabled: bool,
    /// Whether `userId` and `username` in the address are believed, as the original server did. Default no.
    pub trust_query: bool,
    /// How many messages of the past a client may ask for. Default 200.
    pub history_max: usize,
}

impl Default for SocketSettings {
    fn default() -> SocketSettings {
        SocketSettings {
            frame_bytes: 64 * 1024,
            in_flight: 64,
            ping: Duration::from_secs(25),
            pong: Duration::from_secs(8),
            stale: Duration::from_secs(15),
            expiry_grace: Duration::from_secs(25),
            write_timeout: Duration::from_secs(10),
            sweep: Duration::from_millis(16),
            close_timeout: Duration::from_secs(5),
            mailbox_bytes: 16 * 1024 * 1024,
            waiting_bytes: 256 * 1024 * 1024,
            origins: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            classic: ClassicSettings::default(),
        }
    }
}

impl Default for ClassicSettings {
    fn default() -> ClassicSettings {
        ClassicSettings { enabled: true, trust_query: false, history_max: 200 }
    }
}
