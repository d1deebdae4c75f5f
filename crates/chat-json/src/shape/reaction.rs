//! Reactions.

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use crate::Time;

/// How many have put a reaction on a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReactionCount<'a> {
    /// An emoji, or a short code between colons.
    #[schema(example = "👍")]
    pub reaction: &'a str,
    /// How many.
    #[schema(example = 2)]
    pub count: u64,
    /// Whether the caller is one of them.
    pub mine: bool,
}

/// One who has put a reaction on a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reacted<'a> {
    /// Who, as they were called then.
    pub user: User<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}
