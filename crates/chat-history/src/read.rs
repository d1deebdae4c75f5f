//! The queries that read. Each takes a connection, so that several see one moment.

use std::collections::HashMap;
use std::sync::Arc;

use chat_core::{
    Access, Event, Log, Member, Message, Offset, Range, Room, RoomFilter, RoomId, RoomKind, Timestamp,
    UserId, Version,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{self, EventRow, MemberRow, MessageRow, RoomRow, kind_word, room_id, stored};
use crate::schema::{events, members, messages, rooms, sanctions, versions};
use crate::{dialect, reactions, sanctions as incurred, threads};

type Result<T> = std::result::Result<T, HistoryError>;

/// The key of a room that is there, with the room and the viewer's role.
pub(crate) fn room(
    connection: &mut Connection,
    id: &RoomId,
    viewer: Option<UserId>,
) -> Result<Option<(i64, Access)>> {
    // No user has the number 0.
    let viewer = viewer.map_or(0, UserId::get);
    let row: Option<(RoomRow, Option<String>, Option<i64>)> = on_backend!(&mut *connection, c => rooms::table
        .left_join(members::table.on(members::room_key.eq(rooms::key).and(members::user_id.eq(viewer))))
        .left_join(sanctions::table.on(sanctions::room_key.eq(rooms::key).and(sanctions::user_id.eq(viewer))))
        .filter(rooms::id.eq(id.as_str()))
        .filter(rooms::deleted_at.is_null())
        .select((RoomRow::as_select(), members::role.nullable(), sanctions::banned_until.nullable()))
        .first(c))
    .optional()?;
    let Some((room, role, banned_until)) = row else { return Ok(None) };
    let (key, mut access) = (room.key, room.access(role)?);
    let now = Timestamp::now();
    if banned_until.is_some_and(|until| until > now.as_micros())
        && let Some(viewer) = UserId::new(viewer).ok()
    {
        access.ban = incurred::find(connection, key, viewer)?.and_then(|sanction| sanction.ban);
    }
    Ok(Some((key, access)))
}

/// The ends of the logs of those rooms that are there.
pub(crate) fn heads(connection: &mut Connection, ids: &[RoomId]) -> Result<Vec<(RoomId, Offset)>> {
    let ids: Vec<&str> = ids.iter().map(RoomId::as_str).collect();
    let rows: Vec<(String, i64)> = on_backend!(connection, c => rooms::table
        .filter(rooms::id.eq_any(ids))
        .filter(rooms::deleted_at.is_null())
        .select((rooms::id, rooms::offset))
        .load(c))?;
    rows.into_iter().map(|(id, offset)| Ok((room_id(&id)?, row::offset("rooms", offset)?))).collect()
}

pub(crate) fn rooms(
    connection: &mut Connection,
    viewer: UserId,
    filter: RoomFilter,
    after: Option<&RoomId>,
    limit: usize,
) -> Result<Vec<Access>> {
    let after = after.map_or("", RoomId::as_str);
    let rows: Vec<(RoomRow, Option<String>)> = match filter {
        RoomFilter::Public => on_backend!(connection, c => rooms::table
            .left_join(
                members::table.on(members::room_key.eq(rooms::key).and(members::user_id.eq(viewer.get()))),
            )
            .filter(rooms::kind.eq(kind_word(RoomKind::Public)))
            .filter(rooms::deleted_at.is_null())
            .filter(rooms::id.gt(after))
            .order(rooms::id)
            .limit(row::count(limit))
            .select((RoomRow::as_select(), members::role.nullable()))
            .load(c))?,
        RoomFilter::Mine => on_backend!(connection, c => members::table
            .inner_join(rooms::table)
            .filter(members::user_id.eq(viewer.get()))
            .filter(rooms::id.gt(after))
            .order(rooms::id)
            .limit(row::count(limit))
            .select((RoomRow::as_select(), members::role.nullable()))
            .load(c))?,
    };
    rows.into_iter().map(|(room, role)| room.access(role)).collect()
}

/// A page of all rooms that are there, whatever their kind.
pub(crate) fn all_rooms(
    connection: &mut Connection,
    beginning: &str,
    after: Option<&RoomId>,
    limit: usize,
) -> Result<Vec<Room>> {
    // Behind all that begin so: no id has this character.
    let beyond = format!("{beginning}{}", char::MAX);
    let rows: Vec<RoomRow> = on_backend!(connection, c => rooms::table
        .filter(rooms::id.ge(beginning).and(rooms::id.lt(beyond)))
        .filter(rooms::id.gt(after.map_or("", RoomId::as_str)))
        .filter(rooms::deleted_at.is_null())
        .order(rooms::id)
        .limit(row::count(limit))
        .select(RoomRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.access(None)?.room)).collect()
}

pub(crate) fn members(
    connection: &mut Connection,
    id: &RoomId,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Member>> {
    let Some((key, _)) = room(connection, id, None)? else { return Ok(Vec::new()) };
    let rows: Vec<MemberRow> = on_backend!(connection, c => members::table
        .filter(members::room_key.eq(key))
        .filter(members::user_id.gt(after.map_or(0, UserId::get)))
        .order(members::user_id)
        .limit(row::count(limit))
        .select(MemberRow::as_select())
        .load(c))?;
    rows.into_iter().map(MemberRow::member).collect()
}

pub(crate) fn member(connection: &mut Connection, key: i64, user: UserId) -> Result<Option<Member>> {
    let row: Option<MemberRow> = on_backend!(connection, c => members::table
        .find((key, user.get()))
        .select(MemberRow::as_select())
        .first(c))
    .optional()?;
    row.map(MemberRow::member).transpose()
}

/// A range in the table: what lies between, and whether from its end.
struct Slice {
    above: i64,
    below: i64,
    latest: bool,
}

impl From<Range> for Slice {
    fn from(range: Range) -> Slice {
        match range {
            Range::After(offset) => Slice { above: stored(offset), below: i64::MAX, latest: false },
            Range::Before(offset) => Slice { above: 0, below: stored(offset), latest: true },
            Range::Latest => Slice { above: 0, below: i64::MAX, latest: true },
        }
    }
}

/// A page of a room's messages, or of the replies of the thread that begins with `root`.
pub(crate) fn messages(
    connection: &mut Connection,
    id: &RoomId,
    viewer: UserId,
    root: Option<Offset>,
    range: Range,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Message>> {
    let Some((key, _)) = room(connection, id, None)? else { return Ok(Vec::new()) };
    let slice = Slice::from(range);
    let mut rows: Vec<MessageRow> = on_backend!(&mut *connection, c => {
        let query = messages::table
            .filter(messages::room_key.eq(key))
            .filter(messages::offset.gt(slice.above).and(messages::offset.lt(slice.below)))
            .limit(row::count(limit))
            .select(MessageRow::as_select());
        match (root.map(stored), slice.latest) {
            (None, true) => query.order(messages::offset.desc()).load(c),
            (None, false) => query.order(messages::offset.asc()).load(c),
            (Some(root), true) => {
                query.filter(messages::thread.eq(root)).order(messages::offset.desc()).load(c)
            }
            (Some(root), false) => {
                query.filter(messages::thread.eq(root)).order(messages::offset.asc()).load(c)
            }
        }
    })?;
    if slice.latest {
        rows.reverse();
    }
    seen(connection, key, id, viewer, rows, now)
}

/// Messages of a room as they stand for a viewer at this moment.
pub(crate) fn seen(
    connection: &mut Connection,
    key: i64,
    id: &RoomId,
    viewer: UserId,
    rows: impl IntoIterator<Item = MessageRow>,
    now: Timestamp,
) -> Result<Vec<Message>> {
    let messages: Result<Vec<_>> = rows.into_iter().map(|row| row.message(id)).collect();
    let mut messages = messages?;
    reactions::mark(connection, key, viewer, &mut messages)?;
    threads::attach(connection, key, messages.iter_mut())?;
    Ok(messages.into_iter().map(|message| message.seen_by(viewer, now)).collect())
}

/// What a message said before.
pub(crate) fn versions(
    connection: &mut Connection,
    id: &RoomId,
    message: Offset,
    after: Offset,
    limit: usize,
) -> Result<Vec<Version>> {
    let Some((key, _)) = room(connection, id, None)? else { return Ok(Vec::new()) };
    let rows: Vec<(EventRow, String, Option<String>)> = on_backend!(connection, c => versions::table
        .inner_join(
            events::table
                .on(events::room_key.eq(versions::room_key).and(events::offset.eq(versions::offset))),
        )
        .filter(versions::room_key.eq(key).and(versions::message.eq(stored(message))))
        .filter(versions::offset.gt(stored(after)))
        .order(versions::offset)
        .limit(row::count(limit))
        .select((EventRow::as_select(), versions::text, versions::data))
        .load(c))?;
    rows.into_iter().map(|(event, text, data)| event.version(text, data)).collect()
}

pub(crate) fn message(
    connection: &mut Connection,
    id: &RoomId,
    viewer: UserId,
    offset: Offset,
    now: Timestamp,
) -> Result<Option<Message>> {
    let Some((key, _)) = room(connection, id, None)? else { return Ok(None) };
    let rows = dialect::find_messages(connection, &[(key, stored(offset))])?;
    let rows = rows.into_iter().map(|(_, row)| row);
    Ok(seen(connection, key, id, viewer, rows, now)?.pop())
}

pub(crate) fn log(
    connection: &mut Connection,
    id: &RoomId,
    viewer: Option<UserId>,
    range: Range,
    limit: usize,
    now: Timestamp,
) -> Result<Option<Log>> {
    let Some((key, access)) = room(connection, id, viewer)? else { return Ok(None) };
    let (above, upto) = places(&access.room, range, limit);
    let sent: Vec<MessageRow> = on_backend!(&mut *connection, c => messages::table
        .filter(messages::room_key.eq(key))
        .filter(messages::offset.gt(above).and(messages::offset.le(upto)))
        .order(messages::offset)
        .select(MessageRow::as_select())
        .load(c))?;
    let others: Vec<EventRow> = on_backend!(&mut *connection, c => events::table
        .filter(events::room_key.eq(key))
        .filter(events::offset.gt(above).and(events::offset.le(upto)))
        .order(events::offset)
        .select(EventRow::as_select())
        .load(c))?;
    let missing = (upto.min(stored(access.room.offset)) - above) - row::count(sent.len() + others.len());
    if missing > 0 {
        let detail = format!("of room {id} {missing} are missing after offset {above}");
        return Err(HistoryError::Damaged { table: "events", detail });
    }
    let sent: Result<Vec<Event>> = sent.into_iter().map(|row| row.event(id)).collect();
    let mut log = sent?;
    threads::attach(connection, key, log.iter_mut().filter_map(Event::message_mut))?;
    log.extend(events(connection, key, id, others)?);
    log.sort_by_key(|event| event.offset);
    let seen = |event: Event| {
        let event = Arc::new(event);
        viewer.map_or_else(|| event.at(now), |viewer| event.seen_by(viewer, now))
    };
    Ok(Some(Log { access, events: log.into_iter().map(seen).collect() }))
}

/// Behind which offset a range of a log begins, and with which it ends: nothing is missing between the first event and the last.
fn places(room: &Room, range: Range, limit: usize) -> (i64, i64) {
    // Acts of moderators stay behind where the log was removed.
    let (least, limit) = (stored(room.first.previous()), row::count(limit));
    let back = |end: i64| (end.saturating_sub(limit).max(least), end);
    match range {
        Range::After(offset) => {
            let above = stored(offset).max(least);
            (above, above.saturating_add(limit))
        }
        Range::Before(offset) => back(stored(offset.previous()).min(stored(room.offset))),
        Range::Latest => back(stored(room.offset)),
    }
}

/// Events that are no messages, with the messages that they are about as these stand.
pub(crate) fn events(
    connection: &mut Connection,
    key: i64,
    id: &RoomId,
    rows: Vec<EventRow>,
) -> Result<Vec<Event>> {
    let about: Result<Vec<Option<Offset>>> = rows.iter().map(EventRow::about).collect();
    let about = about?;
    let places: Vec<_> = about.iter().flatten().map(|offset| (key, stored(*offset))).collect();
    let mut changed: HashMap<Offset, Message> = HashMap::new();
    if !places.is_empty() {
        for (_, row) in dialect::find_messages(connection, &places)? {
            let message = row.message(id)?;
            changed.insert(message.offset, message);
        }
    }
    let event = |(row, about): (EventRow, Option<Offset>)| {
        row.event(id, about.and_then(|about| changed.get(&about).cloned()))
    };
    let events: Result<Vec<_>> = rows.into_iter().zip(about).map(event).collect();
    let mut events = events?;
    threads::attach(connection, key, events.iter_mut().filter_map(Event::message_mut))?;
    Ok(events)
}
