//! Reports: messages that are brought before the moderators.

use std::sync::Arc;

use chat_core::{Chat, Offset, Profile, ReportCursor, Timestamp, UserId};

use super::read::wrong_cursor;
use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{AddReport, ListReports, SettleReports};
use crate::shape::{Page, Report, Reported, Settled};
use crate::write::to_json;

/// `report.add`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `direct_room`, `message_not_found`, `message_deleted`, `reason_too_long`, `limit_reached`,
/// `too_many_requests`.
pub async fn add_report(chat: Arc<Chat>, caller: Profile, request: AddReport) -> Result {
    let AddReport { room, offset, reason } = request;
    let (report, new) = chat.report(&caller, &room, offset, reason.unwrap_or_default()).await?;
    let json = to_json(&Report::from(&report));
    Ok(if new { Answer::Created(json) } else { Answer::Found(json) })
}

/// `report.list`: those that wait, the oldest first, or those that are settled, the latest first.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `direct_room`, `limit_malformed`, `cursor_malformed`,
/// `format_malformed`.
pub async fn list_reports(chat: Arc<Chat>, caller: Profile, request: ListReports) -> Result {
    let ListReports { room, settled, limit, cursor: text, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let after = text.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let settled = settled.unwrap_or(false);
    let mut reports = chat.reports(&caller, &room, settled, after, size.fetch()).await?;
    let more = size.cut(&mut reports);
    let next = reports.last().filter(|_| more).map(|reported| {
        let ReportCursor { at, message, reporter } = reported.report.cursor();
        format!("{}.{message}.{}", at.as_micros(), reporter.map_or(0, UserId::get))
    });
    let items = reports.iter().map(|reported| Reported::from(reported).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// Who reported it, in a cursor: none for a filter, which is 0 there.
pub(super) fn reporter(text: &str) -> Option<Option<UserId>> {
    match text.parse().ok()? {
        0 => Some(None),
        id => UserId::new(id).ok().map(Some),
    }
}

fn cursor(text: &str) -> Option<ReportCursor> {
    let mut parts = text.split('.');
    let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let message = Offset::new(parts.next()?.parse().ok()?).ok()?;
    let reporter = reporter(parts.next()?)?;
    parts.next().is_none().then_some(ReportCursor { at, message, reporter })
}

/// `report.settle`: all reports of a message that wait.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `direct_room`, `report_not_found`, `verdict_malformed`, `note_too_long`.
pub async fn settle_reports(chat: Arc<Chat>, caller: Profile, request: SettleReports) -> Result {
    let SettleReports { room, offset, verdict, note } = request;
    let settled = chat.settle_reports(&caller, &room, offset, verdict, note.unwrap_or_default()).await?;
    Ok(Answer::Found(to_json(&Settled { settled })))
}
