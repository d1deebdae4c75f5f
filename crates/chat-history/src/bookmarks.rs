//! Bookmarks in their table.

use std::collections::{BTreeMap, HashMap};

use chat_core::{Bookmark, BookmarkCursor, ChatError, Message, Offset, RoomId, RoomKind, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{self, kind_word, room_id, stored};
use crate::schema::{bookmarks, members, rooms, sanctions};
use crate::{dialect, read};

type Result<T> = std::result::Result<T, HistoryError>;

/// Has a user bookmark a message: the note and since when, as they stand then, and whether it is new.
pub(crate) fn add(
    connection: &mut Connection,
    user: UserId,
    message: &Message,
    note: Option<String>,
    limit: u64,
) -> Result<(String, Timestamp, bool)> {
    let Some((key, _)) = read::room(connection, &message.room, None)? else {
        return Err(ChatError::RoomNotFound.into());
    };
    let row = bookmarks::table.find((key, stored(message.offset), user.get()));
    let columns = row.select((bookmarks::note, bookmarks::created_at));
    let known: Option<(String, i64)> = on_backend!(&mut *connection, c => columns.first(c)).optional()?;
    if let Some((known, at)) = known {
        if let Some(note) = &note {
            on_backend!(connection, c => diesel::update(row).set(bookmarks::note.eq(note)).execute(c))?;
        }
        return Ok((note.unwrap_or(known), Timestamp::from_micros(at), false));
    }
    let own = bookmarks::table
        .inner_join(rooms::table.on(rooms::key.eq(bookmarks::room_key)))
        .filter(bookmarks::user_id.eq(user.get()).and(rooms::deleted_at.is_null()))
        .count();
    let count: i64 = on_backend!(&mut *connection, c => own.get_result(c))?;
    if u64::try_from(count).unwrap_or(0) >= limit {
        return Err(ChatError::LimitReached { what: "bookmarks", limit }.into());
    }
    let (note, at) = (note.unwrap_or_default(), Timestamp::now());
    // Another node may have been quicker.
    let insert = diesel::insert_into(bookmarks::table).values(columns_of(
        key,
        stored(message.offset),
        user.get(),
        &note,
        at.as_micros(),
    ));
    on_backend!(connection, c => insert.on_conflict_do_nothing().execute(c))?;
    Ok((note, at, true))
}

type Columns<'a> = (
    diesel::dsl::Eq<bookmarks::room_key, i64>,
    diesel::dsl::Eq<bookmarks::message, i64>,
    diesel::dsl::Eq<bookmarks::user_id, i64>,
    diesel::dsl::Eq<bookmarks::note, &'a str>,
    diesel::dsl::Eq<bookmarks::created_at, i64>,
);

/// A row to be inserted.
pub(crate) fn columns_of(key: i64, message: i64, user: i64, note: &str, created_at: i64) -> Columns<'_> {
    (
        bookmarks::room_key.eq(key),
        bookmarks::message.eq(message),
        bookmarks::user_id.eq(user),
        bookmarks::note.eq(note),
        bookmarks::created_at.eq(created_at),
    )
}

/// Ends a bookmark; whether there was one.
pub(crate) fn remove(
    connection: &mut Connection,
    user: UserId,
    room: &RoomId,
    message: Offset,
) -> Result<bool> {
    let Some((key, _)) = read::room(connection, room, None)? else { return Ok(false) };
    let row = bookmarks::table.find((key, stored(message), user.get()));
    Ok(on_backend!(connection, c => diesel::delete(row).execute(c))? > 0)
}

/// A page of a user's bookmarks in rooms that they may read, the latest first.
pub(crate) fn list(
    connection: &mut Connection,
    user: UserId,
    after: Option<&BookmarkCursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Bookmark>> {
    let (at, room, message) = after.map_or((i64::MAX, "", i64::MAX), |after| {
        (after.at.as_micros(), after.room.as_str(), stored(after.message))
    });
    let public = kind_word(RoomKind::Public);
    let rest_of_room = rooms::id.eq(room).and(bookmarks::message.lt(message));
    let rest_of_moment = bookmarks::created_at.eq(at).and(rooms::id.gt(room).or(rest_of_room));
    let own = bookmarks::table
        .inner_join(rooms::table.on(rooms::key.eq(bookmarks::room_key)))
        .left_join(members::table.on(members::room_key.eq(rooms::key).and(members::user_id.eq(user.get()))))
        .left_join(
            sanctions::table.on(sanctions::room_key.eq(rooms::key).and(sanctions::user_id.eq(user.get()))),
        )
        .filter(bookmarks::user_id.eq(user.get()).and(rooms::deleted_at.is_null()))
        // As `rules::may_read` has it.
        .filter(rooms::kind.eq(public).or(members::user_id.nullable().is_not_null()))
        .filter(
            rooms::kind
                .ne(public)
                .or(sanctions::banned_until.is_null())
                .or(sanctions::banned_until.le(now.as_micros()).assume_not_null()),
        )
        .filter(bookmarks::created_at.lt(at).or(rest_of_moment))
        .order((bookmarks::created_at.desc(), rooms::id, bookmarks::message.desc()))
        .limit(row::count(limit))
        .select((rooms::key, rooms::id, bookmarks::message, bookmarks::note, bookmarks::created_at));
    let rows: Vec<(i64, String, i64, String, i64)> = on_backend!(&mut *connection, c => own.load(c))?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<_> = rows.iter().map(|(key, _, message, ..)| (*key, *message)).collect();
    let mut of_room: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (key, message) in dialect::find_messages(connection, &places)? {
        of_room.entry(key).or_default().push(message);
    }
    let ids: HashMap<i64, &str> = rows.iter().map(|(key, id, ..)| (*key, id.as_str())).collect();
    let mut messages: HashMap<(i64, i64), Message> = HashMap::new();
    for (key, found) in of_room {
        let id = room_id(ids.get(&key).copied().unwrap_or_default())?;
        let seen = read::seen(connection, key, &id, user, found, now)?;
        messages.extend(seen.into_iter().map(|message| ((key, stored(message.offset)), message)));
    }
    let mut bookmarks = Vec::with_capacity(rows.len());
    for (key, _, message, note, at) in rows {
        let Some(message) = messages.remove(&(key, message)) else { continue };
        bookmarks.push(Bookmark { message, note, at: Timestamp::from_micros(at) });
    }
    Ok(bookmarks)
}
