//! Takes up into the index what has come to the logs.

use std::collections::{BTreeSet, HashMap, HashSet};

use chat_core::{Timestamp, index_words};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::engine::{self, Entry};
use crate::body;
use crate::error::HistoryError;
use crate::prepared::prepared;
use crate::row::stored;
use crate::schema::{events, index_positions, messages};

/// How many words one portion takes up, about.
const WORDS: usize = 20_000;

/// How many rooms are looked at once, whether they are behind.
pub(super) const ROOMS: i64 = 1000;

/// What a portion came to.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    /// Rooms of which there is more than a portion to take up.
    pub more: Vec<i64>,
    /// Rooms that it did not get to, or not to their ends.
    pub left: Vec<i64>,
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

prepared! {
    /// The end of a room's log, if the room is there, and how far this has been taken up.
    Position { key: i64 } -> (BigInt, BigInt),
    r#"SELECT r."offset", coalesce(p."offset", 0) FROM rooms AS r
       LEFT JOIN index_positions AS p ON p.room_key = r.key
       WHERE r.deleted_at IS NULL AND r.key = "# (key: BigInt)
}

prepared! {
    /// Notes how far it has been taken up.
    Reached { key: i64, offset: i64 } -> (),
    r#"INSERT INTO index_positions (room_key, "offset") VALUES ("# (key: BigInt)
    ", " (offset: BigInt)
    r#") ON CONFLICT (room_key) DO UPDATE SET "offset" = excluded."offset""#
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
    let mut gathered = Gathered::default();
    for &key in keys {
        if portion.events >= limit || gathered.words >= WORDS {
            portion.left.push(key);
        } else if connection.try_lock(&lock(key))? {
            take_up(connection, key, limit - portion.events, &mut gathered, &mut portion)?;
        } else {
            portion.busy.push(key);
        }
    }
    engine::keep(connection, gathered.entries)?;
    Ok(portion)
}

/// Who changes the index of a room has it alone. No lock is waited for, since a transaction has the locks of others' commands too.
fn lock(key: i64) -> String {
    format!("search {key}")
}

/// A message as it stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct Sent {
    offset: i64,
    created_at: i64,
    sender_id: i64,
    text: String,
    deleted_at: Option<i64>,
}

impl Sent {
    /// The message with its words; none when it has no words any more.
    fn entry(&self, room_key: i64) -> Option<Entry> {
        if self.deleted_at.is_some() {
            return None;
        }
        let words = index_words(&self.text);
        let at = Timestamp::from_micros(self.created_at);
        let Sent { offset, sender_id: sender, .. } = *self;
        (!words.is_empty()).then_some(Entry { room_key, offset, sender, at, words })
    }
}

/// What a portion is to keep. All rooms' together: an index that is ordered by time is given it in that order.
#[derive(Default)]
struct Gathered {
    entries: Vec<Entry>,
    /// How many words they have.
    words: usize,
}

/// Each message is taken up by the first event about it, as it stands now.
fn take_up(
    connection: &mut Connection,
    key: i64,
    limit: usize,
    gathered: &mut Gathered,
    portion: &mut Portion,
) -> Result<(), HistoryError> {
    let alone = portion.events == 0;
    let query = Position { key };
    let position: Option<(i64, i64)> = on_backend!(&mut *connection, c => query.get_result(c)).optional()?;
    let Some((end, mut position)) = position else { return Ok(()) };
    // Up to the end that was read: what is committed while this looks into one table after the other is marked by itself.
    let of_room = messages::room_key.eq(key).and(messages::offset.le(end));
    let mut sent: Vec<Sent> = on_backend!(&mut *connection, c => messages::table
        .filter(of_room.and(messages::offset.gt(position)))
        .order(messages::offset)
        .limit(crate::row::count(limit))
        .select(Sent::as_select())
        .load(c))?;
    let others: Vec<(i64, String, Option<String>)> = on_backend!(&mut *connection, c => events::table
        .filter(events::room_key.eq(key).and(events::offset.le(end)).and(events::offset.gt(position)))
        .order(events::offset)
        .limit(crate::row::count(limit))
        .select((events::offset, events::kind, events::body))
        .load(c))?;
    // Each event with the message that it is, or is about.
    let mut next: Vec<(i64, Option<i64>)> =
        sent.iter().map(|message| (message.offset, Some(message.offset))).collect();
    for (offset, kind, body) in others {
        next.push((offset, body::about(&kind, body.as_deref())?.map(stored)));
    }
    // A log whose end was removed with the rest has none.
    if next.is_empty() {
        return Ok(());
    }
    next.sort_unstable();
    next.truncate(limit);
    let about = next.iter().filter_map(|(_, about)| *about);
    let earlier: BTreeSet<i64> = about.filter(|offset| *offset <= position).collect();
    if !earlier.is_empty() {
        let earlier: Vec<Sent> = on_backend!(&mut *connection, c => messages::table
            .filter(of_room.and(messages::offset.eq_any(earlier)))
            .select(Sent::as_select())
            .load(c))?;
        sent.extend(earlier);
    }
    let sent: HashMap<i64, Sent> = sent.into_iter().map(|message| (message.offset, message)).collect();
    let mut taken = HashSet::new();
    let mut gone = Vec::new();
    for (offset, about) in next {
        if gathered.words >= WORDS {
            break;
        }
        position = offset;
        portion.events += 1;
        let Some(message) = about.filter(|message| taken.insert(*message)) else { continue };
        match sent.get(&message).and_then(|sent| sent.entry(key)) {
            Some(entry) => {
                gathered.words += entry.words.len();
                gathered.entries.push(entry);
            }
            None => gone.push(message),
        }
    }
    engine::remove(connection, key, &gone)?;
    let query = Reached { key, offset: position };
    on_backend!(&mut *connection, c => query.execute(c))?;
    if position < end {
        let rest = if alone { &mut portion.more } else { &mut portion.left };
        rest.push(key);
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
