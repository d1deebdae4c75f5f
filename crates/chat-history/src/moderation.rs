//! What moderators have done, and what slows members down, in the tables.

use std::sync::Arc;

use chat_core::{Event, Offset, RoomId, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::read;
use crate::row::{self, EventRow, stored};
use crate::schema::{audits, events, messages};

type Result<T> = std::result::Result<T, HistoryError>;

/// How many events are looked through for a user's last message.
const RECENT: i64 = 1000;

/// When a user sent their last message to a room, of its last thousand events before `end`.
pub(crate) fn last_sent(
    connection: &mut Connection,
    key: i64,
    user: UserId,
    end: i64,
) -> Result<Option<Timestamp>> {
    let last = messages::table
        .filter(messages::room_key.eq(key).and(messages::offset.gt(end.saturating_sub(RECENT))))
        .filter(messages::sender_id.eq(user.get()))
        .order(messages::offset.desc())
        .select(messages::created_at);
    let at: Option<i64> = on_backend!(connection, c => last.first(c)).optional()?;
    Ok(at.map(Timestamp::from_micros))
}

/// Keeps that an event is the act of a moderator.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> QueryResult<()> {
    if event.is_moderation() { keep(connection, key, stored(event.offset)) } else { Ok(()) }
}

/// Keeps that the event at this offset is one.
pub(crate) fn keep(connection: &mut Connection, key: i64, offset: i64) -> QueryResult<()> {
    let row = (audits::room_key.eq(key), audits::offset.eq(offset));
    on_backend!(connection, c => diesel::insert_into(audits::table).values(row).execute(c))?;
    Ok(())
}

/// A page of what moderators have done, the latest first.
pub(crate) fn audit(
    connection: &mut Connection,
    id: &RoomId,
    before: Offset,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Arc<Event>>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(Vec::new()) };
    let by = events::room_key.eq(audits::room_key).and(events::offset.eq(audits::offset));
    let acts: Vec<EventRow> = on_backend!(&mut *connection, c => audits::table
        .inner_join(events::table.on(by))
        .filter(audits::room_key.eq(key).and(audits::offset.lt(stored(before))))
        .order(audits::offset.desc())
        .limit(row::count(limit))
        .select(EventRow::as_select())
        .load(c))?;
    let acts = read::events(connection, key, id, acts)?;
    Ok(acts.into_iter().map(|act| Arc::new(act).at(now)).collect())
}
