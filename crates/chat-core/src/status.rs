//! Whether users are there, and what they say of themselves.

use crate::{Profile, Timestamp};

/// What is kept of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// What they say of themselves; may be empty.
    pub text: String,
    /// Whether others are not shown that they are there.
    pub hidden: bool,
    /// When they came or went last.
    pub last_seen: Option<Timestamp>,
}

/// What shall change; none leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChanges {
    /// Another text; empty for none.
    pub text: Option<String>,
    /// Whether to hide.
    pub hidden: Option<bool>,
}

/// Whether a user is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Availability {
    /// At least one of their connections is in use.
    Online,
    /// They have connections, and none has done anything for [`Limits::away_after`](crate::Limits::away_after).
    Away,
    /// They have no connection, or hide.
    Offline,
}

/// A user as others see them now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UserPresence {
    /// Who.
    pub user: Profile,
    /// Whether they are there.
    pub availability: Availability,
    /// What they say of themselves; may be empty.
    pub text: String,
    /// When they were there last, for one who is offline.
    pub last_seen: Option<Timestamp>,
    /// Whether they hide, as they alone are told.
    pub hidden: bool,
}
