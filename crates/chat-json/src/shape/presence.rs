//! Who is there.

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use crate::Time;

/// Whether a user is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// At least one of their connections is in use.
    Online,
    /// They have connections, and none has done anything for a while.
    Away,
    /// They have no connection, or hide.
    Offline,
}

/// A user who is connected to a room now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Present<'a> {
    /// The user.
    pub user: User<'a>,
    /// On how many connections.
    pub connections: u64,
    /// `online` or `away`.
    pub availability: Availability,
    /// What they say of themselves; left out where that is nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub status: &'a str,
}

/// A user as others see them now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserPresence<'a> {
    /// Who.
    pub user: User<'a>,
    /// Whether they are there.
    pub availability: Availability,
    /// What they say of themselves; left out where that is nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub status: &'a str,
    /// When they were there last, for one who is offline; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Time>,
    /// Whether they hide, as they alone are told; left out where they do not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub hidden: bool,
}
