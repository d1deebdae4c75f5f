//! What the calls take.
//!
//! Over HTTP the fields that the path or the query holds are not in the body; everywhere else they all stand
//! in one object.

use chat_core::{ClientId, Offset, Role, RoomId, RoomKind, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub use crate::parse::Data;
use crate::parse::{offset, offset_or_none, word, word_or_none};
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

/// Sends a message.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The text; not empty.
    #[schema(example = "Good morning")]
    pub text: String,
    /// The sender's own name for it, 1 to 64 characters: a repeated send returns the first one's message.
    #[serde(default, deserialize_with = "word_or_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub client_id: Option<ClientId>,
    /// The offset of the message it answers, in the same room.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[schema(value_type = Option<u64>)]
    pub reply_to: Option<Offset>,
    /// Anything else, for the sending application: any JSON value.
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<Data>,
}

/// Names a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameMessage {
    /// The room.
    #[serde(deserialize_with = "word")]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    pub offset: Offset,
}

/// A page of a room's messages: the latest, or those next to an offset.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMessages {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The messages that precede this offset, the latest of them. Not together with `after`.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<u64>)]
    pub before: Option<Offset>,
    /// The messages that follow this offset, the earliest of them. Not together with `before`.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<u64>)]
    pub after: Option<Offset>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
}

/// A page of a room's log.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvents {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// The last event that the caller has; left out, none.
    #[serde(default, deserialize_with = "offset_or_none")]
    #[param(value_type = Option<u64>)]
    pub after: Option<Offset>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
}
