//! Logs that are kept for a term, in the tables: what is older is removed in portions, so that no sender waits for it.

use chat_core::rules::kept_since;
use chat_core::{Limits, RoomId, Timestamp};
use chat_db::{Connection, on_backend};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::error::HistoryError;
use crate::row::{self, RoomRow, stored};
use crate::schema::{audits, events, messages, rooms};
use crate::{dialect, purge, search};

type Result<T> = std::result::Result<T, HistoryError>;

/// How many events one portion removes.
const PORTION: i64 = 1000;

/// How many rooms are looked for at once.
pub(crate) const ROOMS: usize = 100;

/// Rooms by their keys.
pub(crate) type Rooms = Vec<(i64, RoomId)>;

/// When the first event of a room's log was, where the log has any.
const BEGUN: &str = "coalesce(messages.created_at, events.at)";

/// Rooms with their first events, messages or others.
#[diesel::dsl::auto_type]
fn begun() -> _ {
    let sent = messages::room_key.eq(rooms::key).and(messages::offset.eq(rooms::first));
    let other = events::room_key.eq(rooms::key).and(events::offset.eq(rooms::first));
    rooms::table.left_join(messages::table.on(sent)).left_join(events::table.on(other))
}

/// Rooms whose first event is older than they themselves keep it, some of them.
pub(crate) fn own(connection: &mut Connection, now: Timestamp) -> Result<Rooms> {
    let is_old =
        sql::<Bool>(BEGUN).sql(" + rooms.retention_seconds * 1000000 < ").bind::<BigInt, _>(now.as_micros());
    let due = begun()
        .filter(rooms::retention_seconds.is_not_null().and(rooms::deleted_at.is_null()))
        .filter(is_old)
        .order((rooms::retention_seconds, rooms::key))
        .limit(row::count(ROOMS))
        .select((rooms::key, rooms::id));
    named(on_backend!(connection, c => due.load(c))?)
}

/// Rooms whose first event is older than a moment, the first of them by their keys after `after`.
pub(crate) fn all(connection: &mut Connection, moment: Timestamp, after: i64) -> Result<Rooms> {
    let due = begun()
        .filter(rooms::key.gt(after).and(rooms::deleted_at.is_null()))
        .filter(sql::<Bool>(BEGUN).sql(" < ").bind::<BigInt, _>(moment.as_micros()))
        .order(rooms::key)
        .limit(row::count(ROOMS))
        .select((rooms::key, rooms::id));
    named(on_backend!(connection, c => due.load(c))?)
}

fn named(rows: Vec<(i64, String)>) -> Result<Rooms> {
    rows.into_iter().map(|(key, id)| Ok((key, row::room_id(&id)?))).collect()
}

/// What became of a portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    /// There is more.
    Part,
    /// There is no more.
    All,
    /// Nothing: another node is at it, or has the index of the room in hand.
    Elsewhere,
}

/// Removes what is first in a room's log and older than it is kept, messages and events, but not the acts of moderators. What a
/// command about a message puts there meanwhile goes with the next portion.
pub(crate) fn portion(
    connection: &mut Connection,
    id: &RoomId,
    limits: &Limits,
    now: Timestamp,
) -> Result<Removed> {
    if !connection.try_lock("retention")? {
        return Ok(Removed::Elsewhere);
    }
    let row: Option<RoomRow> = dialect::lock_rooms(connection, &[id.as_str()])?.pop();
    let Some(row) = row.filter(|row| row.deleted_at.is_none()) else { return Ok(Removed::All) };
    let (key, room) = (row.key, row.room()?);
    let Some(moment) = kept_since(&room, limits, now) else { return Ok(Removed::All) };
    let (first, end) = (stored(room.first), stored(room.offset) + 1);
    let most = end.min(first.saturating_add(PORTION));
    let sent = messages::table
        .filter(messages::room_key.eq(key))
        .filter(messages::offset.ge(first).and(messages::offset.lt(most)))
        .filter(messages::created_at.ge(moment.as_micros()))
        .order(messages::offset)
        .select(messages::offset);
    let sent: Option<i64> = on_backend!(&mut *connection, c => sent.first(c)).optional()?;
    let other = events::table
        .filter(events::room_key.eq(key))
        .filter(events::offset.ge(first).and(events::offset.lt(most)))
        .filter(events::at.ge(moment.as_micros()))
        .order(events::offset)
        .select(events::offset);
    let other: Option<i64> = on_backend!(&mut *connection, c => other.first(c)).optional()?;
    let stays = sent.into_iter().chain(other).min();
    let begins = stays.unwrap_or(most);
    if begins == first {
        return Ok(Removed::All);
    }
    if !search::trim(connection, key, begins - 1)? {
        return Ok(Removed::Elsewhere);
    }
    purge::remove_messages(connection, key, begins - 1)?;
    let act = audits::table.find((events::room_key, events::offset)).select(audits::offset);
    let old = events::table
        .filter(events::room_key.eq(key))
        .filter(events::offset.ge(first).and(events::offset.lt(begins)))
        .filter(not(exists(act)));
    on_backend!(&mut *connection, c => diesel::delete(old).execute(c))?;
    let set = diesel::update(rooms::table.find(key)).set(rooms::first.eq(begins));
    on_backend!(connection, c => set.execute(c))?;
    Ok(if stays.is_none() && begins < end { Removed::Part } else { Removed::All })
}
