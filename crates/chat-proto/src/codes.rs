//! The codes of the client protocol, section 10: errors in replies, unsubscribe pushes, disconnects.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::json::{Plain, is_zero};

/// Why a command failed, in the reply to it. 0–399 belong to the protocol, 400–1999 to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 100: our fault; the SDK retries with back-off.
    Internal,
    /// 101: credentials are missing or not enough.
    Unauthorized,
    /// 102: no such channel or namespace.
    UnknownChannel,
    /// 103: not allowed; also an invalid subscription token.
    PermissionDenied,
    /// 104: no such RPC method.
    MethodNotFound,
    /// 105: this connection has the subscription already, or one in flight.
    AlreadySubscribed,
    /// 106: too many of something, such as channels on a connection.
    LimitExceeded,
    /// 107: the command is well-formed but its values make no sense.
    BadRequest,
    /// 108: this channel or server does not offer the feature.
    NotAvailable,
    /// 109: the SDK fetches a new token and tries again.
    TokenExpired,
    /// 110: the connection or subscription has passed its end.
    Expired,
    /// 111: a rate limit was hit; the SDK retries with back-off.
    TooManyRequests,
    /// 112: the position asked for is of another log, or lost.
    UnrecoverablePosition,
    /// 113: pages were read while the state changed; the SDK starts over.
    ConcurrentPagination,
}

impl ErrorCode {
    /// Every row of the table, by code.
    pub const ALL: [Self; 14] = [
        Self::Internal,
        Self::Unauthorized,
        Self::UnknownChannel,
        Self::PermissionDenied,
        Self::MethodNotFound,
        Self::AlreadySubscribed,
        Self::LimitExceeded,
        Self::BadRequest,
        Self::NotAvailable,
        Self::TokenExpired,
        Self::Expired,
        Self::TooManyRequests,
        Self::UnrecoverablePosition,
        Self::ConcurrentPagination,
    ];

    const fn row(self) -> (u32, &'static str, bool) {
        match self {
            Self::Internal => (100, "internal server error", true),
            Self::Unauthorized => (101, "unauthorized", false),
            Self::UnknownChannel => (102, "unknown channel", false),
            Self::PermissionDenied => (103, "permission denied", false),
            Self::MethodNotFound => (104, "method not found", false),
            Self::AlreadySubscribed => (105, "already subscribed", false),
            Self::LimitExceeded => (106, "limit exceeded", false),
            Self::BadRequest => (107, "bad request", false),
            Self::NotAvailable => (108, "not available", false),
            Self::TokenExpired => (109, "token expired", false),
            Self::Expired => (110, "expired", false),
            Self::TooManyRequests => (111, "too many requests", true),
            Self::UnrecoverablePosition => (112, "unrecoverable position", false),
            Self::ConcurrentPagination => (113, "concurrent pagination", true),
        }
    }

    /// The number SDKs switch on.
    pub const fn code(self) -> u32 {
        self.row().0
    }

    /// The reference's text.
    pub const fn message(self) -> &'static str {
        self.row().1
    }

    /// Whether the SDK tries again by itself.
    pub const fn temporary(self) -> bool {
        self.row().2
    }
}

/// The `error` of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// An [`ErrorCode`], or a number of 400–1999 of the application's own.
    pub code: u32,
    /// For people and logs; the chat puts its stable word here.
    pub message: Cow<'static, str>,
    /// Whether the SDK tries again by itself.
    #[serde(skip_serializing_if = "is_zero")]
    pub temporary: bool,
}

impl ErrorBody {
    /// The error `code` under another message.
    pub fn with_message(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.code(), message: message.into(), temporary: code.temporary() }
    }
}

impl Plain for ErrorBody {}

impl From<ErrorCode> for ErrorBody {
    fn from(code: ErrorCode) -> Self {
        Self::with_message(code, code.message())
    }
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Why the server ends a subscription. Below 2500 it is over; from 2500 on the SDK subscribes again at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unsubscribe {
    /// 2000: the server wants it so, such as after the member was removed.
    Server,
    /// 2500: the client has missed something and must recover.
    InsufficientState,
    /// 2501: the subscription token was not refreshed in time.
    Expired,
    /// 2502: what the client keeps is void; it drops its token and position first.
    StateInvalidated,
}

impl Unsubscribe {
    /// Every row of the table, by code.
    pub const ALL: [Self; 4] = [Self::Server, Self::InsufficientState, Self::Expired, Self::StateInvalidated];

    const fn row(self) -> (u32, &'static str) {
        match self {
            Self::Server => (2000, "server unsubscribe"),
            Self::InsufficientState => (2500, "insufficient state"),
            Self::Expired => (2501, "subscription expired"),
            Self::StateInvalidated => (2502, "state invalidated"),
        }
    }

    /// The number SDKs switch on.
    pub const fn code(self) -> u32 {
        self.row().0
    }

    /// Plain text, never empty.
    pub const fn reason(self) -> &'static str {
        self.row().1
    }

    /// Whether the SDK subscribes again.
    pub const fn resubscribes(self) -> bool {
        self.code() >= 2500
    }
}

/// Why the server closes a connection: the code and the reason of the WebSocket close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disconnect {
    /// 3000: the client went by itself. For the server's books; never sent.
    ConnectionClosed,
    /// 3001: this node is stopping.
    Shutdown,
    /// 3004: our fault.
    ServerError,
    /// 3005: the connection's token was not refreshed in time.
    ConnectionExpired,
    /// 3006: the same for a subscription the server had made.
    SubscriptionExpired,
    /// 3008: the client does not read fast enough and its queue is full.
    Slow,
    /// 3009: the transport refused a write.
    WriteError,
    /// 3010: the client has missed something and must recover.
    InsufficientState,
    /// 3011: the server asks for a new connection.
    ForceReconnect,
    /// 3012: a ping was not answered in time.
    NoPong,
    /// 3013: a rate limit was hit.
    TooManyRequests,
    /// 3014: what the client keeps is void; it drops its token and all positions first.
    StateInvalidated,
    /// 3500: the connection's token is not one of ours.
    InvalidToken,
    /// 3501: the client breaks the protocol.
    BadRequest,
    /// 3502: no successful connect in time.
    Stale,
    /// 3503: the server wants this client gone.
    ForceDisconnect,
    /// 3504: too many connections.
    ConnectionLimit,
    /// 3505: too many channels.
    ChannelLimit,
    /// 3506: a binary payload for a client that speaks JSON.
    InappropriateProtocol,
    /// 3507: not allowed.
    PermissionDenied,
    /// 3508: the server does not offer the feature.
    NotAvailable,
    /// 3509: the client keeps making errors.
    TooManyErrors,
}

impl Disconnect {
    /// Every row of the table, by code.
    pub const ALL: [Self; 22] = [
        Self::ConnectionClosed,
        Self::Shutdown,
        Self::ServerError,
        Self::ConnectionExpired,
        Self::SubscriptionExpired,
        Self::Slow,
        Self::WriteError,
        Self::InsufficientState,
        Self::ForceReconnect,
        Self::NoPong,
        Self::TooManyRequests,
        Self::StateInvalidated,
        Self::InvalidToken,
        Self::BadRequest,
        Self::Stale,
        Self::ForceDisconnect,
        Self::ConnectionLimit,
        Self::ChannelLimit,
        Self::InappropriateProtocol,
        Self::PermissionDenied,
        Self::NotAvailable,
        Self::TooManyErrors,
    ];

    const fn row(self) -> (u16, &'static str) {
        match self {
            Self::ConnectionClosed => (3000, "connection closed"),
            Self::Shutdown => (3001, "shutdown"),
            Self::ServerError => (3004, "internal server error"),
            Self::ConnectionExpired => (3005, "connection expired"),
            Self::SubscriptionExpired => (3006, "subscription expired"),
            Self::Slow => (3008, "slow"),
            Self::WriteError => (3009, "write error"),
            Self::InsufficientState => (3010, "insufficient state"),
            Self::ForceReconnect => (3011, "force reconnect"),
            Self::NoPong => (3012, "no pong"),
            Self::TooManyRequests => (3013, "too many requests"),
            Self::StateInvalidated => (3014, "state invalidated"),
            Self::InvalidToken => (3500, "invalid token"),
            Self::BadRequest => (3501, "bad request"),
            Self::Stale => (3502, "stale"),
            Self::ForceDisconnect => (3503, "force disconnect"),
            Self::ConnectionLimit => (3504, "connection limit"),
            Self::ChannelLimit => (3505, "channel limit"),
            Self::InappropriateProtocol => (3506, "inappropriate protocol"),
            Self::PermissionDenied => (3507, "permission denied"),
            Self::NotAvailable => (3508, "not available"),
            Self::TooManyErrors => (3509, "too many errors"),
        }
    }

    /// The WebSocket close code.
    pub const fn code(self) -> u16 {
        self.row().0
    }

    /// Plain text, never empty: with an empty reason the JavaScript SDK reconnects whatever the code says.
    pub const fn reason(self) -> &'static str {
        self.row().1
    }

    /// Whether the SDK connects again: from 3500 on it stops for good.
    pub const fn reconnects(self) -> bool {
        self.code() < 3500
    }
}
