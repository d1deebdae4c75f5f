//! Bans.

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use crate::Time;

/// A user who is kept out of a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ban<'a> {
    /// Who, as they were called then.
    pub user: User<'a>,
    /// Until when; left out for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
    /// Why; left out where nothing was said.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub reason: &'a str,
}
