//! Members.

use chat_core::{Role, RoomId, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::parse::{word, word_or_none};
use crate::shape;

/// A page of a room's members, or of those connected to it.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMembers {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<UserId>,
}

/// Makes a user a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The user; the caller's own id joins.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub user: UserId,
    /// As what; left out, `member`. Who joins by themselves says nothing here.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<shape::Role>)]
    pub role: Option<Role>,
}

/// Gives a member another role.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMember {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The member.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub user: UserId,
    /// The new role. Making another the owner makes the caller a moderator.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = shape::Role)]
    pub role: Role,
}

/// Names a member.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameMember {
    /// The room.
    #[serde(deserialize_with = "word")]
    pub room: RoomId,
    /// The member; the caller's own id leaves.
    #[serde(deserialize_with = "word")]
    pub user: UserId,
}
