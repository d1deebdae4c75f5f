//! Blocks.

use chat_core::UserId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::parse::{word, word_or_none};

/// Names a user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameUser {
    /// The user.
    #[serde(deserialize_with = "word")]
    pub user: UserId,
}

/// A page of users by their ids.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<UserId>,
}
