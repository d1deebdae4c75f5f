//! What a deleted room leaves behind is removed in portions, so that no sender waits for it.

use chat_db::{Connection, Db, Lane, Manner, on_backend};
use diesel::prelude::*;

use crate::attachments;
use crate::error::HistoryError;
use crate::schema::{
    audits, bookmarks, events, follows, mentions, messages, pins, reactions, reports, rooms, sanctions,
    versions,
};
use crate::search;

/// How many events one portion removes.
const PORTION: i64 = 1000;

/// Goes on where another node, or the last process, was stopped.
pub(crate) fn resume(db: &Db) {
    let (db_then, lane) = (db.clone(), db.lane("purge"));
    db.submit_as(Manner::Patient, lane, unpurged, move |rooms| match rooms {
        Ok(rooms) => rooms.into_iter().for_each(|room| start(&db_then, lane, room)),
        Err(error) => log::warn!("deleted rooms are not purged: {error}"),
    });
}

/// Removes a deleted room's events and messages, with all that is kept of them, behind whatever else is written.
pub(crate) fn start(db: &Db, lane: Lane, room: i64) {
    let db_then = db.clone();
    db.submit_as(
        Manner::Patient,
        lane,
        move |connection| portion(connection, room),
        move |more| match more {
            Ok(true) => start(&db_then, lane, room),
            Ok(false) => {}
            Err(error) => log::warn!("a deleted room is purged later: {error}"),
        },
    );
}

pub(crate) fn unpurged(connection: &mut Connection) -> Result<Vec<i64>, HistoryError> {
    let left = rooms::table.filter(rooms::deleted_at.is_not_null()).filter(rooms::purged.lt(rooms::offset));
    Ok(on_backend!(connection, c => left.select(rooms::key).load(c))?)
}

/// Removes one portion; true when there is more for this node to remove.
pub(crate) fn portion(connection: &mut Connection, room: i64) -> Result<bool, HistoryError> {
    if !connection.try_lock(&format!("purge {room}"))? {
        return Ok(false);
    }
    let row = rooms::table.find(room).select((rooms::purged, rooms::offset));
    let (purged, end): (i64, i64) = on_backend!(&mut *connection, c => row.first(c))?;
    let upto = end.min(purged.saturating_add(PORTION));
    if !search::forget(connection, room, upto)? {
        return Ok(false);
    }
    remove_messages(connection, room, upto)?;
    let of_room = events::table.filter(events::room_key.eq(room)).filter(events::offset.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = audits::table.filter(audits::room_key.eq(room)).filter(audits::offset.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = sanctions::table.filter(sanctions::room_key.eq(room));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let set = diesel::update(rooms::table.find(room)).set(rooms::purged.eq(upto));
    on_backend!(connection, c => set.execute(c))?;
    Ok(upto < end)
}

/// Removes a room's messages up to a place, with all that is kept of them.
pub(crate) fn remove_messages(connection: &mut Connection, room: i64, upto: i64) -> QueryResult<()> {
    let of_room = messages::table.filter(messages::room_key.eq(room)).filter(messages::offset.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = versions::table.filter(versions::room_key.eq(room)).filter(versions::message.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = reactions::table.filter(reactions::room_key.eq(room)).filter(reactions::message.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = pins::table.filter(pins::room_key.eq(room)).filter(pins::message.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = mentions::table.filter(mentions::room_key.eq(room)).filter(mentions::offset.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = follows::table.filter(follows::room_key.eq(room)).filter(follows::thread.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = reports::table.filter(reports::room_key.eq(room)).filter(reports::message.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    let of_room = bookmarks::table.filter(bookmarks::room_key.eq(room)).filter(bookmarks::message.le(upto));
    on_backend!(&mut *connection, c => diesel::delete(of_room).execute(c))?;
    attachments::release_room(connection, room, upto)?;
    Ok(())
}
