//! What a deleted room leaves behind is removed in portions, so that no sender waits for it.

use chat_db::{Connection, Db};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::schema::{events, messages, rooms};

/// How many events one portion removes.
const PORTION: i64 = 1000;

/// Goes on where the last process was stopped.
pub(crate) fn resume(db: &Db) {
    let db_then = db.clone();
    db.submit(unpurged, move |rooms| match rooms {
        Ok(rooms) => rooms.into_iter().for_each(|room| start(&db_then, room)),
        Err(error) => log::warn!("deleted rooms are not purged: {error}"),
    });
}

/// Removes a deleted room's events and messages, behind whatever else is written.
pub(crate) fn start(db: &Db, room: i64) {
    let db_then = db.clone();
    db.submit(
        move |connection| portion(connection, room),
        move |more| match more {
            Ok(true) => start(&db_then, room),
            Ok(false) => {}
            Err(error) => log::warn!("a deleted room is purged at the next start: {error}"),
        },
    );
}

pub(crate) fn unpurged(connection: &mut Connection) -> Result<Vec<i64>, HistoryError> {
    let left = rooms::table.filter(rooms::deleted_at.is_not_null()).filter(rooms::purged.lt(rooms::offset));
    Ok(left.select(rooms::key).load(connection)?)
}

/// Removes one portion; true when there is more.
pub(crate) fn portion(connection: &mut Connection, room: i64) -> Result<bool, HistoryError> {
    let row = rooms::table.find(room);
    let (purged, end): (i64, i64) = row.select((rooms::purged, rooms::offset)).first(connection)?;
    let upto = end.min(purged.saturating_add(PORTION));
    let of_room = messages::room_key.eq(room).and(messages::offset.le(upto));
    diesel::delete(messages::table.filter(of_room)).execute(connection)?;
    let of_room = events::room_key.eq(room).and(events::offset.le(upto));
    diesel::delete(events::table.filter(of_room)).execute(connection)?;
    diesel::update(row).set(rooms::purged.eq(upto)).execute(connection)?;
    Ok(upto < end)
}
