//! Log-ins.

use std::time::Duration;

use chat_core::{SessionId, Timestamp};

use crate::User;

/// One log-in of a user, on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// What the device called itself when it logged in; may be empty.
    pub label: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When its token was last renewed.
    pub last_used_at: Timestamp,
    /// When it ends unless its token is renewed before.
    pub expires_at: Timestamp,
}

/// What a log-in, or the renewal of its token, gives.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Who logged in.
    pub user: User,
    /// The log-in.
    pub session: SessionId,
    /// Says who calls.
    pub access_token: String,
    /// How long it does.
    pub expires_in: Duration,
    /// Renews it, once; none for the classic API.
    pub refresh_token: Option<String>,
    /// The sessions that ended to make room for this one; mostly none.
    pub ended: Vec<SessionId>,
}
