//! How far people have read.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, Room};
use crate::Time;

/// Up to where the user has read a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadMark<'a> {
    /// The room.
    #[schema(example = "general")]
    pub room: &'a str,
    /// The last event that counts as read.
    #[schema(example = 42)]
    pub offset: u64,
    /// How many messages of others follow it that were not deleted; 1000 stands for as many or more.
    #[schema(example = 3)]
    pub unread: u64,
    /// How many of them call the user.
    #[schema(example = 1)]
    pub mentions: u64,
}

/// A room in its member's list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxRoom<'a> {
    /// The room.
    pub room: Room<'a>,
    /// Up to which event the caller has read it.
    pub read: u64,
    /// How many messages of others follow that and were not deleted; 1000 stands for as many or more.
    pub unread: u64,
    /// How many of them call the caller.
    pub mentions: u64,
    /// The last message that was not deleted; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message<'a>>,
    /// When that was sent, or the room made.
    #[schema(value_type = String, format = DateTime)]
    pub active_at: Time,
}
