//! What administrators of the server see.

use chat_core::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, Report, RoomKind, as_text};
use crate::Time;

/// A room as administrators see it, who need not be in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OverseenRoom<'a> {
    /// Its name on the wire.
    #[schema(example = "general", pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub id: &'a str,
    /// Its name for people; empty for a direct room.
    #[schema(example = "General")]
    pub name: &'a str,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Its owner; of a direct room, who opened it.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub owner: UserId,
    /// The last event of its log.
    pub offset: u64,
    /// How many members it has.
    pub member_count: u64,
}

/// A report of any room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OverseenReport<'a> {
    /// The report.
    pub report: Report<'a>,
    /// The message as it stands now; of a direct room without what others have said and done there.
    pub message: Message<'a>,
    /// The room.
    pub room: OverseenRoom<'a>,
}

impl<'a> From<&'a chat_core::Room> for OverseenRoom<'a> {
    fn from(room: &'a chat_core::Room) -> OverseenRoom<'a> {
        OverseenRoom {
            id: room.id.as_str(),
            name: &room.name,
            kind: room.kind.into(),
            created_at: Time(room.created_at),
            owner: room.owner,
            offset: room.offset.get(),
            member_count: room.member_count,
        }
    }
}

impl<'a> From<&'a chat_core::OverseenReport> for OverseenReport<'a> {
    fn from(one: &'a chat_core::OverseenReport) -> OverseenReport<'a> {
        OverseenReport {
            report: Report::from(&one.reported.report),
            message: Message::from(&one.reported.message),
            room: OverseenRoom::from(&one.room),
        }
    }
}
