//! The bounds that the protocol and its SDKs set (client protocol, sections 10 and 17). Those named
//! `DEFAULT_…` are what the reference starts with and a server may set otherwise; the others hold for all.

/// Longest channel name, in bytes. A longer one is answered with error 107.
pub const CHANNEL_BYTES: usize = 255;

/// Longest reason of a WebSocket close frame, in bytes (RFC 6455: 125 less the two of the code).
pub const CLOSE_REASON_BYTES: usize = 123;

/// Largest offset that a client counting in doubles can tell from its neighbours.
pub const MAX_OFFSET: u64 = (1 << 53) - 1;

/// Longest time to live in a reply, in seconds: one year.
pub const MAX_TTL_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Largest message of a client, in bytes. A larger one closes the connection.
pub const DEFAULT_MESSAGE_BYTES: usize = 64 * 1024;

/// Most bytes that may wait for one connection; past it the connection is closed with 3008.
pub const DEFAULT_QUEUE_BYTES: usize = 1024 * 1024;

/// Most replies and pushes in one WebSocket message of the server.
pub const DEFAULT_FRAME_LINES: usize = 16;

/// Most subscriptions of one connection; one more is answered with error 106.
pub const DEFAULT_CHANNELS: usize = 128;

/// Most publications in one history or recovery answer.
pub const DEFAULT_PUBLICATIONS: usize = 300;
