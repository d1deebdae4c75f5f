//! Bookmarks.

use serde::Serialize;
use utoipa::ToSchema;

use super::Message;
use crate::Time;

/// A message that the caller has bookmarked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Bookmark<'a> {
    /// The message as it stands.
    pub message: Message<'a>,
    /// What the caller noted; left out where that is nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub note: &'a str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}
