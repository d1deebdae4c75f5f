//! Rooms.

use chat_core::{RoomId, RoomKind, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::parse::{list, word, word_or_none};
use crate::shape;

/// Makes a room; the caller becomes its owner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    /// Its name on the wire; left out, the server makes one.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,64}$", example = "general")]
    pub id: Option<RoomId>,
    /// Its name for people.
    #[schema(example = "General")]
    pub name: String,
    /// What it is about.
    pub topic: Option<String>,
    /// Who may find and enter it; left out, everyone.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<shape::RoomKind>)]
    pub kind: Option<RoomKind>,
}

/// Opens a direct room.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenDirect {
    /// The others whose room it is: 1 to 9 users. The caller need not be named.
    #[serde(deserialize_with = "list")]
    #[schema(value_type = Vec<String>, example = json!(["2"]))]
    pub users: Vec<UserId>,
}

/// Names a room.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRoom {
    /// The room.
    #[serde(deserialize_with = "word")]
    pub room: RoomId,
}

/// Changes what is given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoom {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// Another name.
    pub name: Option<String>,
    /// Another topic; empty for none.
    pub topic: Option<String>,
    /// Another kind.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<shape::RoomKind>)]
    pub kind: Option<RoomKind>,
    /// Whether moderators alone write.
    pub read_only: Option<bool>,
    /// How many seconds others wait between their messages, at most 86400; 0 for not at all.
    pub slow_seconds: Option<u32>,
    /// After how many seconds messages expire that are sent from now on, 5 to 31536000, which is a year; 0 for never.
    pub expire_seconds: Option<u32>,
    /// For how many seconds its log is kept, 60 to 315360000, which is ten years; 0 for as long as the server keeps any. For
    /// owners alone.
    pub retention_seconds: Option<u32>,
}

/// A page of rooms.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRooms {
    /// Whether to list the caller's rooms in place of the public ones; left out, no.
    pub mine: Option<bool>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<RoomId>,
}
