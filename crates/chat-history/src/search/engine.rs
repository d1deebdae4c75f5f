//! What the engines' own indexes of words are asked, and given: FTS5, and a GIN index over tsvector. Both are given words that
//! are cut and folded already, and answer which messages have words, the newest first. They narrow a search and decide nothing.

use std::fmt::Write;

use chat_core::Timestamp;
use chat_db::Connection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use crate::dialect::KeepSearchable;
use crate::prepared::prepared;
use crate::schema::{searchable, searchable_words};

/// How many bits of a message's number keep apart what was sent at the same time.
pub(super) const TIE_BITS: u32 = 12;

/// The stretches of time that PostgreSQL is asked for one after the other, from the newest on: about a minute, half an hour, a
/// day, a month, two years; as powers of two in microseconds. A word that is everywhere is found often enough in the first, and
/// of a rare one there is not much in the last, so that neither makes it gather all of a word's messages.
const STRETCHES: [u32; 5] = [26, 31, 36, 41, 46];

/// A message as the index has it.
pub(super) struct Entry {
    pub room_key: i64,
    pub offset: i64,
    pub sender: i64,
    pub at: Timestamp,
    /// Without those that the engines add.
    pub words: Vec<String>,
}

/// What an engine is asked for.
pub(super) struct Wanted {
    /// The words, and whether all that begin so are meant.
    pub words: Vec<(String, bool)>,
    /// In these rooms; nothing for all.
    pub rooms: Vec<i64>,
    pub sender: Option<i64>,
}

/// A message that may fit. Ordered by the time when it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub id: i64,
    pub room_key: i64,
    pub offset: i64,
}

impl Candidate {
    /// Before all of this number.
    pub fn before(id: i64) -> Candidate {
        Candidate { id, room_key: i64::MIN, offset: i64::MIN }
    }
}

/// The number of the first message sent at a time.
pub(super) fn first_id(at: Timestamp) -> i64 {
    at.as_micros().clamp(0, i64::MAX >> TIE_BITS) << TIE_BITS
}

/// Keeps messages in the index, or what has become of them.
pub(super) fn keep(connection: &mut Connection, mut entries: Vec<Entry>) -> QueryResult<()> {
    // FTS5 writes what it has gathered whenever a number is not greater than the one before, and a table is filled best at its end.
    entries.sort_unstable_by_key(Entry::id);
    match connection {
        Connection::Sqlite(c) => entries.iter().try_for_each(|entry| keep_one(c, entry)),
        Connection::Postgres(c) => {
            let words: Vec<String> = entries.iter().map(Entry::vector).collect();
            let mut rows = KeepSearchable::default();
            for (entry, words) in entries.iter().zip(&words) {
                rows.room_key.push(entry.room_key);
                rows.offset.push(entry.offset);
                rows.id.push(entry.id());
                rows.words.push(words);
            }
            if !entries.is_empty() {
                rows.execute(c)?;
            }
            Ok(())
        }
    }
}

prepared! {
    /// Gives a message a number of the index; not where it has one, or another has this one.
    Numbered { id: i64, room_key: i64, offset: i64 } -> (),
    r#"INSERT INTO searchable (id, room_key, "offset") VALUES ("# (id: BigInt)
    ", " (room_key: BigInt)
    ", " (offset: BigInt)
    ") ON CONFLICT DO NOTHING"
}

prepared! {
    /// Keeps a message's words.
    Words { id: i64, words: String } -> (),
    "INSERT INTO searchable_words (rowid, words) VALUES (" (id: BigInt)
    ", " (words: Text)
    ")"
}

fn keep_one(c: &mut SqliteConnection, entry: &Entry) -> QueryResult<()> {
    let (room_key, offset) = (entry.room_key, entry.offset);
    let mut tie = entry.tie();
    let id = loop {
        let id = first_id(entry.at) | tie;
        if (Numbered { id, room_key, offset }).execute(c)? > 0 {
            break id;
        }
        let known = searchable::table.filter(of_message(room_key, offset)).select(searchable::id);
        if let Some(id) = known.first(c).optional()? {
            diesel::delete(searchable_words::table.find(id)).execute(c)?;
            break id;
        }
        // Another was sent at the same time.
        tie = (tie + 1) & ((1 << TIE_BITS) - 1);
        if tie == entry.tie() {
            log::warn!("too many messages of one microsecond: one cannot be searched");
            return Ok(());
        }
    };
    (Words { id, words: entry.line() }).execute(c).map(drop)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of_message(room_key: i64, offset: i64) -> _ {
    let of_room: diesel::dsl::Eq<searchable::room_key, i64> = searchable::room_key.eq(room_key);
    let at: diesel::dsl::Eq<searchable::offset, i64> = searchable::offset.eq(offset);
    of_room.and(at)
}

/// Takes messages of a room out of the index, those of these offsets.
pub(super) fn remove(connection: &mut Connection, room_key: i64, offsets: &[i64]) -> QueryResult<()> {
    match connection {
        _ if offsets.is_empty() => {}
        Connection::Sqlite(c) => {
            for offset in offsets {
                let known = searchable::table.filter(of_message(room_key, *offset)).select(searchable::id);
                if let Some(id) = known.first::<i64>(c).optional()? {
                    remove_one(c, id)?;
                }
            }
        }
        Connection::Postgres(c) => {
            let these = searchable::table
                .filter(searchable::room_key.eq(room_key))
                .filter(searchable::offset.eq_any(offsets));
            diesel::delete(these).execute(c)?;
        }
    }
    Ok(())
}

fn remove_one(c: &mut SqliteConnection, id: i64) -> QueryResult<()> {
    diesel::delete(searchable_words::table.find(id)).execute(c)?;
    diesel::delete(searchable::table.find(id)).execute(c)?;
    Ok(())
}

/// Takes messages of a room out of the index, up to this offset.
pub(super) fn remove_upto(connection: &mut Connection, room_key: i64, upto: i64) -> QueryResult<()> {
    let of_room =
        searchable::table.filter(searchable::room_key.eq(room_key)).filter(searchable::offset.le(upto));
    match connection {
        Connection::Sqlite(c) => {
            let ids: Vec<i64> = of_room.select(searchable::id).load(c)?;
            ids.into_iter().try_for_each(|id| remove_one(c, id))
        }
        Connection::Postgres(c) => diesel::delete(of_room).execute(c).map(drop),
    }
}

/// The newest messages that have the words, those before `below` and of the number `least` or a greater one, at most `limit`.
pub(super) fn candidates(
    connection: &mut Connection,
    wanted: &Wanted,
    below: Candidate,
    least: i64,
    limit: i64,
) -> QueryResult<Vec<Candidate>> {
    let rows: Vec<(i64, i64, i64)> = match connection {
        Connection::Sqlite(c) => {
            let query = Fts5 { words: wanted.fts5(), below: below.id, least, limit };
            query.load(c)?
        }
        Connection::Postgres(c) => stretches(c, wanted, below, least, limit)?,
    };
    Ok(rows.into_iter().map(|(id, room_key, offset)| Candidate { id, room_key, offset }).collect())
}

prepared! {
    /// FTS5 goes through the matches from the greatest number down and stops when there are enough.
    Fts5 { words: String, below: i64, least: i64, limit: i64 } -> (BigInt, BigInt, BigInt),
    r#"SELECT w.rowid, s.room_key, s."offset" FROM searchable_words AS w CROSS JOIN searchable AS s ON s.id = w.rowid
       WHERE w.searchable_words MATCH "# (words: Text)
    " AND w.rowid < " (below: BigInt)
    " AND w.rowid >= " (least: BigInt)
    " ORDER BY w.rowid DESC LIMIT " (limit: BigInt)
}

prepared! {
    /// The index of words alone is to be used: `+ 0` keeps the one of numbers out, which would be gone through for rare words.
    Gin { words: String, id: i64, room_key: i64, offset: i64, least: i64, limit: i64 } -> (BigInt, BigInt, BigInt),
    r#"SELECT id, room_key, "offset" FROM searchable WHERE words @@ CAST("# (words: Text)
    r#" AS tsquery) AND (id + 0, room_key + 0, "offset" + 0) < ("# (id: BigInt)
    ", " (room_key: BigInt)
    ", " (offset: BigInt)
    ") AND id + 0 >= " (least: BigInt)
    r#" ORDER BY id + 0 DESC, room_key + 0 DESC, "offset" + 0 DESC LIMIT "# (limit: BigInt)
}

prepared! {
    Newest {} -> diesel::sql_types::Nullable<BigInt>,
    "SELECT max(id) FROM searchable"
}

fn stretches(
    c: &mut PgConnection,
    wanted: &Wanted,
    mut below: Candidate,
    least: i64,
    limit: i64,
) -> QueryResult<Vec<(i64, i64, i64)>> {
    let Some(newest) = Newest {}.get_result::<Option<i64>>(c)? else { return Ok(Vec::new()) };
    below = below.min(Candidate::before(newest.saturating_add(1)));
    let words = wanted.tsquery();
    let mut found: Vec<(i64, i64, i64)> = Vec::new();
    for bits in STRETCHES.map(Some).into_iter().chain([None]) {
        let left = limit - i64::try_from(found.len()).unwrap_or(limit);
        if left <= 0 || below.id < least {
            break;
        }
        let (words, from) = match bits {
            // The one in which the newest was sent that there can be, and the one before.
            Some(bits) => {
                let last = (below.id >> TIE_BITS) >> bits;
                let (one, other) = (stretch(bits, last), stretch(bits, last - 1));
                (format!("{words} & ('{one}' | '{other}')"), ((last - 1).max(0) << bits) << TIE_BITS)
            }
            None => (words.clone(), least),
        };
        let Candidate { id, room_key, offset } = below;
        let query = Gin { words, id, room_key, offset, least: from.max(least), limit: left };
        found.extend(query.load::<(i64, i64, i64)>(c)?);
        below = Candidate::before(from);
    }
    Ok(found)
}

/// The word for a stretch of time.
fn stretch(bits: u32, number: i64) -> String {
    format!("_{bits}_{number:x}")
}

impl Entry {
    /// Its number, unless another has it.
    fn id(&self) -> i64 {
        first_id(self.at) | self.tie()
    }

    fn tie(&self) -> i64 {
        self.room_key.wrapping_mul(31).wrapping_add(self.offset) & ((1 << TIE_BITS) - 1)
    }

    fn line(&self) -> String {
        format!("{} _r{} _u{}", self.words.join(" "), self.room_key, self.sender)
    }

    /// As a tsvector is written, without places.
    fn vector(&self) -> String {
        let mut vector = format!("'_r{}' '_u{}'", self.room_key, self.sender);
        let at = first_id(self.at) >> TIE_BITS;
        let stretches = STRETCHES.map(|bits| stretch(bits, at >> bits));
        for word in self.words.iter().chain(&stretches) {
            // Writing to a text cannot fail.
            let _ = write!(vector, " '{word}'");
        }
        vector
    }
}

impl Wanted {
    /// All in quotes, in which FTS5 knows no syntax; no word has a quote in it.
    fn fts5(&self) -> String {
        let word = |(word, prefix): &(String, bool)| format!("\"{word}\"{}", if *prefix { " *" } else { "" });
        let mut parts: Vec<String> = self.words.iter().map(word).collect();
        parts.extend(self.sender.map(|sender| format!("\"_u{sender}\"")));
        let rooms: Vec<String> = self.rooms.iter().map(|room| format!("\"_r{room}\"")).collect();
        parts.extend((!rooms.is_empty()).then(|| format!("({})", rooms.join(" OR "))));
        parts.join(" AND ")
    }

    /// The same for a tsquery.
    fn tsquery(&self) -> String {
        let word = |(word, prefix): &(String, bool)| format!("'{word}'{}", if *prefix { ":*" } else { "" });
        let mut parts: Vec<String> = self.words.iter().map(word).collect();
        parts.extend(self.sender.map(|sender| format!("'_u{sender}'")));
        let rooms: Vec<String> = self.rooms.iter().map(|room| format!("'_r{room}'")).collect();
        parts.extend((!rooms.is_empty()).then(|| format!("({})", rooms.join(" | "))));
        parts.join(" & ")
    }
}
