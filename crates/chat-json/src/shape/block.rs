//! Blocks.

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use crate::Time;

/// A user whom the caller has blocked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Block<'a> {
    /// Who is blocked, as they were called then.
    pub user: User<'a>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}
