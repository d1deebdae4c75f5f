//! Takes up into the index what has come to the logs.

use std::collections::{BTreeMap, BTreeSet};

use chat_core::index_words;
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::engine::{self, Entry};
use crate::error::HistoryError;
use crate::prepared::prepared;
use crate::row::{room_id, stored};
use crate::schema::{events, index_positions, rooms};
use crate::{body, dialect};

/// How many words one portion takes up, about.
const WORDS: usize = 20_000;

/// How many rooms are looked at once, whether they are behind.
pub(super) const ROOMS: i64 = 1000;

/// What a portion came to.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    /// Rooms of which there is more to take up.
    pub more: Vec<i64>,
    /// Rooms that another node has in hand.
    pub busy: Vec<i64>,
    /// How many events were taken up.
    pub events: usize,
}

prepared! {
    /// The next rooms that are there, with the ends of their logs and how far these have been taken up.
    Positions { after: i64, limit: i64 } -> (BigInt, BigInt, BigInt),
    r#"SELECT r.key, r."offset", coalesce(p."offset", 0) FROM rooms AS r
       LEFT JOIN index_positions AS p ON p.room_key = r.key
       WHERE r.key > "# (after: BigInt)
    " AND r.deleted_at IS NULL ORDER BY r.key LIMIT " (limit: BigInt)
}

/// Those of the next rooms after this key that are behind, and the last one that was looked at; none when there are no more.
pub(crate) fn behind(
    connection: &mut Connection,
    after: i64,
) -> Result<Option<(i64, Vec<i64>)>, HistoryError> {
    let query = Positions { after, limit: ROOMS };
    let rows: Vec<(i64, i64, i64)> = on_backend!(connection, c => query.load(c))?;
    let behind = rows.iter().filter(|(_, end, taken)| taken < end).map(|(key, ..)| *key).collect();
    Ok(rows.last().map(|(key, ..)| (*key, behind)))
}

/// Takes up the next events of these rooms, at most `limit`.
pub(crate) fn portion(
    connection: &mut Connection,
    keys: &BTreeSet<i64>,
    limit: usize,
) -> Result<Portion, HistoryError> {
    let mut portion = Portion::default();
    let mut words = 0;
    for &key in keys {
        if portion.events >= limit || words >= WORDS {
            portion.more.push(key);
        } else if connection.try_lock(&lock(key))? {
            take_up(connection, key, limit - portion.events, &mut words, &mut portion)?;
        } else {
            portion.busy.push(key);
        }
    }
    Ok(portion)
}

/// Who changes the index of a room has it alone. No lock is waited for, since a transaction has the locks of others' commands too.
fn lock(key: i64) -> String {
    format!("search {key}")
}

fn take_up(
    connection: &mut Connection,
    key: i64,
    limit: usize,
    words: &mut usize,
    portion: &mut Portion,
) -> Result<(), HistoryError> {
    let row = rooms::table.find(key).filter(rooms::deleted_at.is_null()).select((rooms::id, rooms::offset));
    let room: Option<(String, i64)> = on_backend!(&mut *connection, c => row.first(c)).optional()?;
    let Some((id, end)) = room else { return Ok(()) };
    let id = room_id(&id)?;
    let row = index_positions::table.find(key).select(index_positions::offset);
    let position: i64 = on_backend!(&mut *connection, c => row.first(c)).optional()?.unwrap_or(0);
    let next: Vec<(i64, String, Option<String>)> = on_backend!(&mut *connection, c => events::table
        .filter(events::room_key.eq(key).and(events::offset.gt(position)))
        .order(events::offset)
        .limit(crate::row::count(limit))
        .select((events::offset, events::kind, events::body))
        .load(c))?;
    let Some(mut last) = next.last().map(|(offset, ..)| *offset) else { return Ok(()) };
    // The messages that they are about, each with the first event: all of them are told by how it stands now.
    let mut about: BTreeMap<i64, i64> = BTreeMap::new();
    for (offset, kind, text) in &next {
        let message = match kind.as_str() {
            "message.created" => Some(*offset),
            kind => body::about(kind, text.as_deref())?.map(stored),
        };
        if let Some(message) = message {
            about.entry(message).or_insert(*offset);
        }
    }
    let places: Vec<_> = about.keys().map(|offset| (key, *offset)).collect();
    let found = if places.is_empty() { Vec::new() } else { dialect::find_messages(connection, &places)? };
    let found = found.into_iter().map(|(_, event, row)| event.message(&id, row));
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable_by_key(|message| about.get(&stored(message.offset)).copied());
    let mut gone: BTreeSet<i64> = about.keys().copied().collect();
    let mut entries = Vec::new();
    for message in found {
        let offset = stored(message.offset);
        if *words >= WORDS {
            // The next portion begins with the first event about a message that has no place in this one.
            last = about.get(&offset).map_or(last, |first| last.min(first - 1));
            gone.remove(&offset);
            continue;
        }
        let own: Vec<String> = match message.deleted_at {
            Some(_) => Vec::new(),
            None => index_words(&message.text).into_iter().collect(),
        };
        *words += own.len();
        if !own.is_empty() {
            gone.remove(&offset);
            let sender = message.sender.id.get();
            entries.push(Entry { room_key: key, offset, sender, at: message.created_at, words: own });
        }
    }
    engine::keep(connection, &mut entries)?;
    engine::remove(connection, key, &gone.into_iter().collect::<Vec<_>>())?;
    let values = (index_positions::room_key.eq(key), index_positions::offset.eq(last));
    on_backend!(&mut *connection, c => diesel::insert_into(index_positions::table)
        .values(values)
        .on_conflict(index_positions::room_key)
        .do_update()
        .set(index_positions::offset.eq(last))
        .execute(c))?;
    portion.events += next.len();
    if last < end {
        portion.more.push(key);
    }
    Ok(())
}

/// Takes a room's messages out, up to this offset; false while another has its index in hand.
pub(crate) fn trim(connection: &mut Connection, key: i64, upto: i64) -> Result<bool, HistoryError> {
    if !connection.try_lock(&lock(key))? {
        return Ok(false);
    }
    engine::remove_upto(connection, key, upto)?;
    Ok(true)
}

/// Takes a deleted room's messages out, up to this offset; false while another has its index in hand.
pub(crate) fn forget(connection: &mut Connection, key: i64, upto: i64) -> Result<bool, HistoryError> {
    if !trim(connection, key, upto)? {
        return Ok(false);
    }
    let row = index_positions::table.find(key);
    on_backend!(connection, c => diesel::delete(row).execute(c))?;
    Ok(true)
}
