//! What administrators of the server see and do. These are calls of HTTP alone, and it knows that the caller is one.

use std::sync::Arc;

use chat_core::{Chat, Offset, OverseenCursor, Profile, ReportCursor, RoomId, Timestamp, UserId};

use super::moderation::page_of_acts;
use super::read::wrong_cursor;
use super::report::reporter;
use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{ListAllReports, ListAllRooms, ListAudit, SettleReports};
use crate::shape::{OverseenReport, OverseenRoom, Page, Settled};
use crate::write::to_json;

/// All rooms, in the order of their ids.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`.
pub async fn list_all_rooms(chat: Arc<Chat>, request: ListAllRooms) -> Result {
    let ListAllRooms { q, limit, cursor } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let mut rooms = chat.all_rooms(q.as_deref().unwrap_or_default(), cursor, size.fetch()).await?;
    let more = size.cut(&mut rooms);
    let next = rooms.last().filter(|_| more).map(|room| room.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: rooms.iter().map(OverseenRoom::from).collect(), next })))
}

/// What moderators of any room have done, the latest first.
///
/// # Errors
/// `room_not_found`, `direct_room`, `limit_malformed`, `cursor_malformed`, `format_malformed`.
pub async fn list_any_audit(chat: Arc<Chat>, by: Profile, request: ListAudit) -> Result {
    let ListAudit { room, limit, cursor, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let acts = chat.any_audit(&by, &room, cursor.unwrap_or(Offset::MAX), size.fetch()).await?;
    Ok(page_of_acts(acts, &size, format))
}

/// The reports of all rooms that wait, the oldest first.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`, `format_malformed`.
pub async fn list_all_reports(chat: Arc<Chat>, by: Profile, request: ListAllReports) -> Result {
    let ListAllReports { limit, cursor: text, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let after = text.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let mut reports = chat.all_reports(&by, after, size.fetch()).await?;
    let more = size.cut(&mut reports);
    let next = reports.last().filter(|_| more).map(|one| {
        let ReportCursor { at, message, reporter } = one.reported.report.cursor();
        format!("{}.{}.{message}.{}", at.as_micros(), one.room.id, reporter.map_or(0, UserId::get))
    });
    let items = reports.iter().map(|one| OverseenReport::from(one).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

fn cursor(text: &str) -> Option<OverseenCursor> {
    let mut parts = text.split('.');
    let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let room: RoomId = parts.next()?.parse().ok()?;
    let message = Offset::new(parts.next()?.parse().ok()?).ok()?;
    let reporter = reporter(parts.next()?)?;
    parts.next().is_none().then_some(OverseenCursor { at, room, message, reporter })
}

/// Settles all reports of a message that wait, in any room.
///
/// # Errors
/// `report_not_found`, `verdict_malformed`, `note_too_long`.
pub async fn settle_any_reports(chat: Arc<Chat>, by: Profile, request: SettleReports) -> Result {
    let SettleReports { room, offset, verdict, note } = request;
    let settled = chat.settle_any(&by, &room, offset, verdict, note.unwrap_or_default()).await?;
    Ok(Answer::Found(to_json(&Settled { settled })))
}
