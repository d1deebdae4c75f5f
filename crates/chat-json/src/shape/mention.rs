//! Mentions.

use serde::Serialize;
use utoipa::ToSchema;

use super::User;

/// Whom a message calls.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mentions<'a> {
    /// The members whom it names by `@username`, in the order in which it does first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub users: Vec<User<'a>>,
    /// Whether it calls all members, by `@room`; left out where it does not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub room: bool,
    /// Whether it calls those members who were there, by `@here`; left out where it does not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub here: bool,
}
