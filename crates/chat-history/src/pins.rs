//! Pins in their table.

use std::collections::{BTreeSet, HashMap};

use chat_core::{Event, EventBody, Message, Offset, Pin, Reacted, RoomId, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{self, EventRow, stored};
use crate::schema::{events, pins};
use crate::{dialect, read};

type Result<T> = std::result::Result<T, HistoryError>;

/// The messages of a room that are pinned; the rules bound how many.
pub(crate) fn of_room(connection: &mut Connection, key: i64) -> Result<BTreeSet<Offset>> {
    let all = pins::table.filter(pins::room_key.eq(key)).select(pins::message);
    let all: Vec<i64> = on_backend!(connection, c => all.load(c))?;
    all.into_iter().map(|message| row::offset("pins", message)).collect()
}

/// Keeps what an event does to the pins of a room.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    match &event.body {
        EventBody::MessagePinned(message) => {
            let row = (
                pins::room_key.eq(key),
                pins::message.eq(stored(*message)),
                pins::offset.eq(stored(event.offset)),
            );
            on_backend!(connection, c => diesel::insert_into(pins::table).values(row).execute(c))?;
        }
        EventBody::MessageUnpinned(message) => remove(connection, key, *message)?,
        EventBody::MessageDeleted(message) => remove(connection, key, message.offset)?,
        EventBody::MessageCreated(_)
        | EventBody::MessageEdited(_)
        | EventBody::ReactionAdded(_)
        | EventBody::ReactionRemoved(_)
        | EventBody::MemberJoined(_)
        | EventBody::MemberLeft(_)
        | EventBody::MemberChanged(_)
        | EventBody::MemberBanned(_)
        | EventBody::MemberUnbanned(_)
        | EventBody::RoomChanged(_)
        | EventBody::RoomDeleted => {}
    }
    Ok(())
}

fn remove(connection: &mut Connection, key: i64, message: Offset) -> Result<()> {
    let row = pins::table.find((key, stored(message)));
    on_backend!(connection, c => diesel::delete(row).execute(c))?;
    Ok(())
}

/// A page of a room's pinned messages as they stand for a viewer, the one pinned last first.
pub(crate) fn list(
    connection: &mut Connection,
    id: &RoomId,
    viewer: UserId,
    before: Offset,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Pin>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(Vec::new()) };
    let by = events::room_key.eq(pins::room_key).and(events::offset.eq(pins::offset));
    let page: Vec<(i64, EventRow)> = on_backend!(&mut *connection, c => pins::table
        .inner_join(events::table.on(by))
        .filter(pins::room_key.eq(key).and(pins::offset.lt(stored(before))))
        .order(pins::offset.desc())
        .limit(row::count(limit))
        .select((pins::message, EventRow::as_select()))
        .load(c))?;
    if page.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<_> = page.iter().map(|(message, _)| (key, *message)).collect();
    let found = dialect::find_messages(connection, &places)?;
    let found = found.into_iter().map(|(_, row)| row);
    let messages = read::seen(connection, key, id, viewer, found, now)?;
    let mut messages: HashMap<i64, Message> =
        messages.into_iter().map(|message| (stored(message.offset), message)).collect();
    let mut pins = Vec::with_capacity(page.len());
    for (message, event) in page {
        let Some(message) = messages.remove(&message) else { continue };
        let Reacted { offset, user: by, at } = event.reacted()?;
        pins.push(Pin { message, offset, by, at });
    }
    Ok(pins)
}
