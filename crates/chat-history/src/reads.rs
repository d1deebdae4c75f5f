//! How far members have read, in the tables.

use std::collections::HashMap;

use chat_core::{
    Access, InboxCursor, InboxRoom, Message, Offset, Profile, ReadMark, RoomId, Timestamp, UserId,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::error::HistoryError;
use crate::prepared::prepared;
use crate::row::{self, MemberRow, RoomRow, offset as as_offset, stored};
use crate::schema::{members, messages, rooms};
use crate::{dialect, mentions, read};

type Result<T> = std::result::Result<T, HistoryError>;

/// Moves the mark of a member, forwards or back, and tells whether it was elsewhere before.
pub(crate) fn mark(
    connection: &mut Connection,
    id: &RoomId,
    user: UserId,
    offset: Offset,
    back: bool,
) -> Result<Option<(ReadMark, bool)>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(None) };
    let member = members::table.find((key, user.get()));
    // In one statement each, since other nodes move marks too.
    let set = members::read_offset;
    let changed = if back {
        let to = stored(offset.previous());
        let set = diesel::update(member.filter(set.gt(to))).set(set.eq(to));
        on_backend!(&mut *connection, c => set.execute(c))?
    } else {
        let to = stored(offset);
        let set = diesel::update(member.filter(set.lt(to))).set(set.eq(to));
        on_backend!(&mut *connection, c => set.execute(c))?
    };
    let row = member.select(members::read_offset);
    let now: Option<i64> = on_backend!(&mut *connection, c => row.first(c)).optional()?;
    let Some(now) = now else { return Ok(None) };
    let unread = messages::table
        .filter(messages::room_key.eq(key).and(messages::offset.gt(now)))
        .filter(messages::deleted_at.is_null().and(messages::withheld.is_null()))
        .filter(messages::sender_id.ne(user.get()))
        .select(messages::offset)
        .order(messages::offset)
        .limit(row::count(ReadMark::MOST));
    let unread: Vec<i64> = on_backend!(&mut *connection, c => unread.load(c))?;
    let mentions = mentions::count(connection, key, user, now)?;
    let (offset, unread) = (as_offset("members", now)?, unread.len() as u64);
    let mark = ReadMark { room: id.clone(), offset, unread, mentions };
    Ok(Some((mark, changed > 0)))
}

/// Members who have read up to a message or further, but its sender.
pub(crate) fn readers(
    connection: &mut Connection,
    message: &Message,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Profile>> {
    let Some((key, _)) = read::room(connection, &message.room, None)? else { return Ok(Vec::new()) };
    let row = messages::table.find((key, stored(message.offset))).select(messages::withheld);
    let withheld: Option<Option<bool>> = on_backend!(&mut *connection, c => row.first(c)).optional()?;
    if withheld.flatten().is_some() {
        return Ok(Vec::new());
    }
    let rows: Vec<MemberRow> = on_backend!(connection, c => members::table
        .filter(members::room_key.eq(key).and(members::user_id.gt(after.map_or(0, UserId::get))))
        .filter(members::read_offset.ge(stored(message.offset)))
        .filter(members::user_id.ne(message.sender.id.get()))
        .order(members::user_id)
        .limit(row::count(limit))
        .select(MemberRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| row.member().map(|member| member.user)).collect()
}

prepared! {
    /// A page of a user's rooms in the order of their last messages, with how far the user has read and what is unread, which
    /// is counted for the rooms of the page alone; `at` and `id` are the place after which to begin.
    Inbox { user: i64, at: i64, id: String, limit: i64 }
        -> (BigInt, Text, BigInt, Nullable<BigInt>, BigInt, BigInt, BigInt),
    r#"SELECT p.key, p.role, p.read_offset, p.last_offset, p.active_at,
        (SELECT count(*) FROM (
            SELECT 1 FROM messages AS u
            WHERE u.room_key = p.key AND u."offset" > p.read_offset AND u.deleted_at IS NULL
                AND u.withheld IS NULL AND u.sender_id <> "# (user: BigInt)
    r#" LIMIT 1000) AS c),
        (SELECT count(*) FROM (
            SELECT DISTINCT n."offset" FROM mentions AS n
            WHERE n.user_id IN (0, "# (user: BigInt)
    r#") AND n.room_key = p.key AND n."offset" > p.read_offset AND n.sender_id <> "# (user: BigInt)
    r#" LIMIT 1000) AS d)
        FROM (
            SELECT t.key, t.id, t.role, t.read_offset, t.last_offset, coalesce(l.created_at, t.created_at) AS active_at
            FROM (
                SELECT r.key, r.id, r.created_at, m.role, m.read_offset,
                    (SELECT x."offset" FROM messages AS x
                     WHERE x.room_key = r.key AND x.deleted_at IS NULL AND (x.withheld IS NULL OR x.sender_id = "# (user: BigInt)
    r#") ORDER BY x."offset" DESC LIMIT 1) AS last_offset,
                    CASE WHEN r.kind <> 'direct' OR r.owner_id = m.user_id THEN 1 ELSE 0 END AS always
                FROM members AS m JOIN rooms AS r ON r.key = m.room_key
                WHERE m.user_id = "# (user: BigInt)
    r#") AS t LEFT JOIN messages AS l ON l.room_key = t.key AND l."offset" = t.last_offset
            WHERE (t.always = 1 OR t.last_offset IS NOT NULL) AND (coalesce(l.created_at, t.created_at) < "# (at: BigInt)
    " OR (coalesce(l.created_at, t.created_at) = " (at: BigInt)
    " AND t.id > " (id: Text)
    ")) ORDER BY active_at DESC, t.id LIMIT " (limit: BigInt)
    ") AS p ORDER BY p.active_at DESC, p.id"
}

/// The key of the room, the role, how far it is read, the last message, when that was sent, how many are unread, and how
/// many of these call the user.
type InboxRow = (i64, String, i64, Option<i64>, i64, i64, i64);

/// A page of a user's rooms, the most active first.
pub(crate) fn inbox(
    connection: &mut Connection,
    user: UserId,
    after: Option<&InboxCursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<InboxRoom>> {
    let (at, id) = after.map_or((i64::MAX, ""), |after| (after.active_at.as_micros(), after.room.as_str()));
    let query = Inbox { user: user.get(), at, id: id.to_owned(), limit: row::count(limit) };
    let rows: Vec<InboxRow> = on_backend!(&mut *connection, c => query.load(c))?;
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let found: Vec<RoomRow> = on_backend!(&mut *connection, c => rooms::table
        .filter(rooms::key.eq_any(keys))
        .select(RoomRow::as_select())
        .load(c))?;
    let mut found: HashMap<i64, RoomRow> = found.into_iter().map(|room| (room.key, room)).collect();
    let places: Vec<_> = rows.iter().filter_map(|row| Some((row.0, row.3?))).collect();
    let last = if places.is_empty() { Vec::new() } else { dialect::find_messages(connection, &places)? };
    let mut last: HashMap<i64, _> = last.into_iter().collect();
    let mut inbox = Vec::with_capacity(rows.len());
    let number = |count| u64::try_from(count).unwrap_or(0);
    for (key, role, read, _, active_at, unread, mentions) in rows {
        let Some(room) = found.remove(&key) else { continue };
        let access: Access = room.access(Some(role))?;
        let id = access.room.id.clone();
        let last = read::seen(connection, key, &id, user, last.remove(&key), now)?.pop();
        let (unread, mentions) = (number(unread), number(mentions));
        let mark = ReadMark { room: id, offset: as_offset("members", read)?, unread, mentions };
        inbox.push(InboxRoom { access, mark, last, active_at: Timestamp::from_micros(active_at) });
    }
    Ok(inbox)
}
