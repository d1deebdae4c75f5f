//! Messages that were brought before the moderators, in their table.

use std::collections::HashMap;

use chat_core::{
    ChatError, Offset, OverseenCursor, OverseenReport, Profile, Report, ReportCursor, Reported, RoomId,
    Settlement, Timestamp, UserId, Verdict,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{self, RoomRow, stored};
use crate::schema::{messages, reports, rooms};
use crate::{dialect, read};

type Result<T> = std::result::Result<T, HistoryError>;

/// The number of a filter, where a user's would stand.
const FILTER: i64 = 0;

#[derive(Queryable, Selectable)]
#[diesel(table_name = reports)]
struct ReportRow {
    message: i64,
    reporter_id: i64,
    reporter_username: String,
    reporter_display_name: String,
    reported_at: i64,
    reason: String,
    text: String,
    settled_at: Option<i64>,
    verdict: Option<String>,
    note: Option<String>,
    settler_id: Option<i64>,
    settler_username: Option<String>,
    settler_display_name: Option<String>,
}

impl ReportRow {
    fn report(self, room: &RoomId) -> Result<Report> {
        let profile = |id, username, display_name| {
            Ok::<_, HistoryError>(Profile { id: row::user_id("reports", id)?, username, display_name })
        };
        let reporter = match self.reporter_id {
            FILTER => None,
            id => Some(profile(id, self.reporter_username, self.reporter_display_name)?),
        };
        let settled = match (self.settled_at, self.verdict, self.settler_id) {
            (Some(at), Some(word), Some(id)) => Some(Settlement {
                verdict: verdict_from(&word)?,
                note: self.note.unwrap_or_default(),
                by: profile(
                    id,
                    self.settler_username.unwrap_or_default(),
                    self.settler_display_name.unwrap_or_default(),
                )?,
                at: Timestamp::from_micros(at),
            }),
            _ => None,
        };
        Ok(Report {
            room: room.clone(),
            message: row::offset("reports", self.message)?,
            reporter,
            reason: self.reason,
            text: self.text,
            at: Timestamp::from_micros(self.reported_at),
            settled,
        })
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Upheld => "upheld",
        Verdict::Dismissed => "dismissed",
    }
}

pub(crate) fn verdict_from(word: &str) -> Result<Verdict> {
    match word {
        "upheld" => Ok(Verdict::Upheld),
        "dismissed" => Ok(Verdict::Dismissed),
        other => Err(HistoryError::Damaged { table: "reports", detail: format!("verdict {other}") }),
    }
}

/// Keeps a report, unless one of the same reporter about the same message waits; the one that waits then, and whether it is new.
pub(crate) fn report(connection: &mut Connection, report: Report, limit: u64) -> Result<(Report, bool)> {
    let Some((key, access)) = read::room(connection, &report.room, None)? else {
        return Err(ChatError::RoomNotFound.into());
    };
    if report.message < access.room.first {
        return Err(ChatError::MessageNotFound.into());
    }
    let reporter = report.reporter.as_ref().map_or(FILTER, |user| user.id.get());
    let own = reports::table.filter(reports::reporter_id.eq(reporter)).filter(reports::settled_at.is_null());
    let known = own.filter(reports::room_key.eq(key).and(reports::message.eq(stored(report.message))));
    let known: Option<ReportRow> =
        on_backend!(&mut *connection, c => known.select(ReportRow::as_select()).first(c)).optional()?;
    if let Some(known) = known {
        return Ok((known.report(&report.room)?, false));
    }
    if report.reporter.is_some() {
        let count: i64 = on_backend!(&mut *connection, c => own.count().get_result(c))?;
        if u64::try_from(count).unwrap_or(0) >= limit {
            return Err(ChatError::LimitReached { what: "reports that wait", limit }.into());
        }
    }
    keep(connection, key, &report)?;
    Ok((report, true))
}

/// Keeps a report, unless one of the same reporter about the same message waits.
pub(crate) fn keep(connection: &mut Connection, key: i64, report: &Report) -> QueryResult<()> {
    let reporter = report.reporter.as_ref();
    let row = (
        reports::room_key.eq(key),
        reports::message.eq(stored(report.message)),
        reports::reporter_id.eq(reporter.map_or(FILTER, |user| user.id.get())),
        reports::reporter_username.eq(reporter.map_or("", |user| user.username.as_str())),
        reports::reporter_display_name.eq(reporter.map_or("", |user| user.display_name.as_str())),
        reports::reported_at.eq(report.at.as_micros()),
        reports::reason.eq(&report.reason),
        reports::text.eq(&report.text),
    );
    let insert = diesel::insert_into(reports::table).values(row).on_conflict_do_nothing();
    on_backend!(connection, c => insert.execute(c))?;
    Ok(())
}

/// A page of a room's reports, with the messages as they stand for a viewer.
pub(crate) fn list(
    connection: &mut Connection,
    id: &RoomId,
    viewer: UserId,
    settled: bool,
    after: Option<&ReportCursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Reported>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(Vec::new()) };
    // Of a message that is gone there is nothing to be settled.
    let about = messages::room_key.eq(reports::room_key).and(messages::offset.eq(reports::message));
    let of_room = reports::table.inner_join(messages::table.on(about)).filter(reports::room_key.eq(key));
    let beyond = if settled { i64::MAX } else { i64::MIN };
    let (at, message, reporter) = after.map_or((beyond, beyond, beyond), |after| {
        (after.at.as_micros(), stored(after.message), after.reporter.map_or(FILTER, UserId::get))
    });
    let rows: Vec<ReportRow> = if settled {
        let page = of_room
            .filter(reports::settled_at.is_not_null().and(reports::settled_at.le(at)))
            .filter(
                reports::settled_at.lt(at).or(reports::message
                    .lt(message)
                    .or(reports::message.eq(message).and(reports::reporter_id.lt(reporter)))),
            )
            .order((reports::settled_at.desc(), reports::message.desc(), reports::reporter_id.desc()))
            .limit(row::count(limit));
        on_backend!(&mut *connection, c => page.select(ReportRow::as_select()).load(c))?
    } else {
        let page = of_room
            .filter(reports::settled_at.is_null().and(reports::reported_at.ge(at)))
            .filter(
                reports::reported_at.gt(at).or(reports::message
                    .gt(message)
                    .or(reports::message.eq(message).and(reports::reporter_id.gt(reporter)))),
            )
            .order((reports::reported_at, reports::message, reports::reporter_id))
            .limit(row::count(limit));
        on_backend!(&mut *connection, c => page.select(ReportRow::as_select()).load(c))?
    };
    let wanted: Vec<_> = rows.iter().map(|row| (key, row.message)).collect();
    let messages = if wanted.is_empty() { Vec::new() } else { dialect::find_messages(connection, &wanted)? };
    let messages = messages.into_iter().map(|(_, row)| row);
    let messages: HashMap<Offset, _> = read::seen(connection, key, id, viewer, messages, now)?
        .into_iter()
        .map(|message| (message.offset, message))
        .collect();
    let mut reported = Vec::with_capacity(rows.len());
    for row in rows {
        let report = row.report(id)?;
        if let Some(message) = messages.get(&report.message).cloned() {
            reported.push(Reported { report, message });
        }
    }
    Ok(reported)
}

/// A page of the reports of all rooms that wait, with the messages as they stand for a viewer.
pub(crate) fn list_all(
    connection: &mut Connection,
    viewer: UserId,
    after: Option<&OverseenCursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<OverseenReport>> {
    let (at, key, message, reporter) = match after {
        None => (i64::MIN, i64::MIN, i64::MIN, i64::MIN),
        Some(OverseenCursor { at, room, message, reporter }) => {
            // Also of a room that was deleted meanwhile; one that never was has no place, and all of that moment follow.
            let key = rooms::table.filter(rooms::id.eq(room.as_str())).select(rooms::key);
            let key: Option<i64> = on_backend!(&mut *connection, c => key.first(c)).optional()?;
            (at.as_micros(), key.unwrap_or(i64::MIN), stored(*message), reporter.map_or(FILTER, UserId::get))
        }
    };
    let about = messages::room_key.eq(reports::room_key).and(messages::offset.eq(reports::message));
    let of_message =
        reports::message.gt(message).or(reports::message.eq(message).and(reports::reporter_id.gt(reporter)));
    let of_moment = reports::room_key.gt(key).or(reports::room_key.eq(key).and(of_message));
    let page = reports::table
        .inner_join(messages::table.on(about))
        .inner_join(rooms::table.on(rooms::key.eq(reports::room_key).and(rooms::deleted_at.is_null())))
        .filter(reports::settled_at.is_null().and(reports::reported_at.ge(at)))
        .filter(reports::reported_at.gt(at).or(of_moment))
        .order((reports::reported_at, reports::room_key, reports::message, reports::reporter_id))
        .limit(row::count(limit));
    let rows: Vec<(ReportRow, RoomRow)> = on_backend!(&mut *connection, c => page
        .select((ReportRow::as_select(), RoomRow::as_select()))
        .load(c))?;
    let mut wanted: Vec<_> = rows.iter().map(|(report, room)| (room.key, report.message)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = if wanted.is_empty() { Vec::new() } else { dialect::find_messages(connection, &wanted)? };
    let mut of_rooms: HashMap<i64, Vec<_>> = HashMap::new();
    for (key, row) in found {
        of_rooms.entry(key).or_default().push(row);
    }
    let mut messages = HashMap::new();
    let mut overseen = Vec::with_capacity(rows.len());
    for (report, room) in rows {
        let (key, room) = (room.key, room.access(None)?.room);
        if let Some(found) = of_rooms.remove(&key) {
            let seen = read::seen(connection, key, &room.id, viewer, found, now)?;
            messages.extend(seen.into_iter().map(|message| ((key, message.offset), message)));
        }
        let report = report.report(&room.id)?;
        if let Some(message) = messages.get(&(key, report.message)).cloned() {
            overseen.push(OverseenReport { reported: Reported { report, message }, room });
        }
    }
    Ok(overseen)
}

/// Settles the reports of a message that wait; how many that were.
pub(crate) fn settle(
    connection: &mut Connection,
    id: &RoomId,
    message: Offset,
    settlement: &Settlement,
) -> Result<u64> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(0) };
    let Settlement { verdict, note, by, at } = settlement;
    let waiting = reports::table
        .filter(reports::room_key.eq(key).and(reports::message.eq(stored(message))))
        .filter(reports::settled_at.is_null());
    let set = (
        reports::settled_at.eq(at.as_micros()),
        reports::verdict.eq(verdict_word(*verdict)),
        reports::note.eq(note),
        reports::settler_id.eq(by.id.get()),
        reports::settler_username.eq(&by.username),
        reports::settler_display_name.eq(&by.display_name),
    );
    let settled = on_backend!(connection, c => diesel::update(waiting).set(set).execute(c))?;
    Ok(settled as u64)
}
