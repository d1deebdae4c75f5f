//! Pins.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, User};
use crate::Time;

/// A message that is pinned.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pin<'a> {
    /// The message as it stands.
    pub message: Message<'a>,
    /// Who pinned it, as they were called then.
    pub pinned_by: User<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub pinned_at: Time,
}
