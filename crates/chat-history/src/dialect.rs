//! Where the engines differ. PostgreSQL takes a whole batch in one statement over arrays, since every statement is
//! a round trip; SQLite lives in the process and is quickest with one small prepared statement after another.

use chat_db::Connection;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::row::{MemberRow, MessageRow, RoomRow};
use crate::schema::{members, messages, rooms};

/// A statement of PostgreSQL over `unnest` of arrays, one for each column; prepared once a connection.
macro_rules! statement {
    ($name:ident ($($column:ident: $item:ty as $sql:ty),*) -> $row:ty, $before:expr, $after:expr) => {
        #[derive(Default)]
        pub(crate) struct $name<'a> {
            $(pub $column: Vec<$item>,)*
            of: std::marker::PhantomData<&'a str>,
        }

        impl QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl Query for $name<'_> {
            type SqlType = $row;
        }

        impl RunQueryDsl<PgConnection> for $name<'_> {}

        impl QueryFragment<Pg> for $name<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(concat!($before, " unnest("));
                let mut separator = "";
                $(
                    out.push_sql(separator);
                    out.push_bind_param::<Array<$sql>, _>(&self.$column)?;
                    separator = ", ";
                )*
                let _ = separator;
                out.push_sql(concat!(") ", $after));
                Ok(())
            }
        }
    };
}

pub(crate) use statement;

/// Rooms by their ids, deleted ones too.
pub(crate) fn find_rooms(connection: &mut Connection, ids: &[&str]) -> QueryResult<Vec<RoomRow>> {
    match connection {
        Connection::Postgres(c) => {
            rooms::table.filter(rooms::id.eq_any(ids)).select(RoomRow::as_select()).load(c)
        }
        Connection::Sqlite(c) => {
            let one = |id: &&str| {
                rooms::table.filter(rooms::id.eq(*id)).select(RoomRow::as_select()).first(c).optional()
            };
            ids.iter().map(one).filter_map(Result::transpose).collect()
        }
    }
}

/// As [`find_rooms`], and until the transaction ends nobody else gives offsets of their logs. SQLite's write
/// transaction has the whole file anyway.
pub(crate) fn lock_rooms(connection: &mut Connection, ids: &[&str]) -> QueryResult<Vec<RoomRow>> {
    match connection {
        Connection::Sqlite(_) => find_rooms(connection, ids),
        Connection::Postgres(c) => rooms::table
            .filter(rooms::id.eq_any(ids))
            // Two transactions that lock the same rooms must do it in the same order.
            .order(rooms::key)
            .select(RoomRow::as_select())
            .for_no_key_update()
            .load(c),
    }
}

statement!(
    MembersByPair(room_key: i64 as BigInt, user_id: i64 as BigInt)
        -> (BigInt, (BigInt, Text, Text, Text, BigInt, Nullable<BigInt>)),
    "SELECT m.room_key, m.user_id, m.username, m.display_name, m.role, m.joined_at, m.muted_until FROM",
    "AS wanted (room_key, user_id)
     JOIN members AS m ON m.room_key = wanted.room_key AND m.user_id = wanted.user_id"
);

/// Members by room and user, each with the key of the room.
pub(crate) fn find_members(
    connection: &mut Connection,
    wanted: &[(i64, i64)],
) -> QueryResult<Vec<(i64, MemberRow)>> {
    match connection {
        Connection::Postgres(c) => {
            let (room_key, user_id) = wanted.iter().copied().unzip();
            MembersByPair { room_key, user_id, ..MembersByPair::default() }.load(c)
        }
        Connection::Sqlite(c) => {
            let one = |pair: &(i64, i64)| {
                let row = members::table.find(*pair).select((members::room_key, MemberRow::as_select()));
                row.first(c).optional()
            };
            wanted.iter().map(one).filter_map(Result::transpose).collect()
        }
    }
}

statement!(
    MembersByName(room_key: i64 as BigInt, name: &'a str as Text)
        -> (BigInt, (BigInt, Text, Text, Text, BigInt, Nullable<BigInt>)),
    "SELECT m.room_key, m.user_id, m.username, m.display_name, m.role, m.joined_at, m.muted_until FROM",
    "AS wanted (room_key, name)
     JOIN members AS m ON m.room_key = wanted.room_key AND m.username_key = wanted.name"
);

/// Members by room and name, each with the key of the room.
pub(crate) fn find_named(
    connection: &mut Connection,
    wanted: &[(i64, &str)],
) -> QueryResult<Vec<(i64, MemberRow)>> {
    match connection {
        Connection::Postgres(c) => {
            let (room_key, name) = wanted.iter().copied().unzip();
            MembersByName { room_key, name, ..MembersByName::default() }.load(c)
        }
        Connection::Sqlite(c) => {
            let mut found = Vec::new();
            for (room_key, name) in wanted {
                let of_name = members::room_key.eq(room_key).and(members::username_key.eq(name));
                let rows = members::table.filter(of_name);
                found.extend(rows.select((members::room_key, MemberRow::as_select())).load(c)?);
            }
            Ok(found)
        }
    }
}

statement!(
    SentByName(room_key: i64 as BigInt, sender_id: i64 as BigInt, client_id: &'a str as Text)
        -> (BigInt, BigInt),
    "SELECT m.room_key, m.\"offset\" FROM",
    "AS wanted (room_key, sender_id, client_id)
     JOIN messages AS m ON m.room_key = wanted.room_key AND m.sender_id = wanted.sender_id
         AND m.client_id = wanted.client_id"
);

/// Where messages are, found by room, sender and the name that the sender gave them: room and offset of each.
pub(crate) fn find_sent(
    connection: &mut Connection,
    wanted: &[(i64, i64, &str)],
) -> QueryResult<Vec<(i64, i64)>> {
    match connection {
        Connection::Postgres(c) => {
            let mut query = SentByName::default();
            for (room_key, sender_id, client_id) in wanted {
                query.room_key.push(*room_key);
                query.sender_id.push(*sender_id);
                query.client_id.push(client_id);
            }
            query.load(c)
        }
        Connection::Sqlite(c) => {
            let one = |(room_key, sender_id, client_id): &(i64, i64, &str)| {
                messages::table
                    .filter(messages::room_key.eq(room_key))
                    .filter(messages::sender_id.eq(sender_id))
                    .filter(messages::client_id.eq(client_id))
                    .select((messages::room_key, messages::offset))
                    .first(c)
                    .optional()
            };
            wanted.iter().map(one).filter_map(Result::transpose).collect()
        }
    }
}

type MessageSql = (
    BigInt,
    BigInt,
    (BigInt, Text, Text),
    Text,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Bool>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
);

statement!(
    MessagesByOffset(room_key: i64 as BigInt, offset: i64 as BigInt) -> (BigInt, MessageSql),
    "SELECT m.room_key, m.\"offset\", m.created_at, m.sender_id, m.sender_username, m.sender_display_name,
         m.text, m.data, m.reply_to, m.client_id, m.quote, m.thread, m.mentions, m.withheld, m.expires_at, m.attachments,
         m.edited_at, m.deleted_at, m.reactions, m.replies, m.last_reply FROM",
    "AS wanted (room_key, at)
     JOIN messages AS m ON m.room_key = wanted.room_key AND m.\"offset\" = wanted.at"
);

/// Messages by room and offset, each with the key of the room.
pub(crate) fn find_messages(
    connection: &mut Connection,
    wanted: &[(i64, i64)],
) -> QueryResult<Vec<(i64, MessageRow)>> {
    match connection {
        Connection::Postgres(c) => {
            let (room_key, offset) = wanted.iter().copied().unzip();
            MessagesByOffset { room_key, offset, ..MessagesByOffset::default() }.load(c)
        }
        Connection::Sqlite(c) => {
            let one = |place: &(i64, i64)| {
                let row = messages::table.find(*place);
                row.select((messages::room_key, MessageRow::as_select())).first(c).optional()
            };
            wanted.iter().map(one).filter_map(Result::transpose).collect()
        }
    }
}

statement!(
    ThreadsByRoot(room_key: i64 as BigInt, root: i64 as BigInt)
        -> (BigInt, BigInt, Nullable<BigInt>, Nullable<BigInt>),
    "SELECT m.room_key, m.\"offset\", m.replies, m.last_reply FROM",
    "AS wanted (room_key, root)
     JOIN messages AS m ON m.room_key = wanted.room_key AND m.\"offset\" = wanted.root"
);

/// A thread: the key of its room, where it begins, how many replies it has, and the last one.
type ThreadRow = (i64, i64, Option<i64>, Option<i64>);

/// Threads by room and the message that they begin with.
pub(crate) fn find_threads(
    connection: &mut Connection,
    wanted: &[(i64, i64)],
) -> QueryResult<Vec<ThreadRow>> {
    match connection {
        Connection::Postgres(c) => {
            let (room_key, root) = wanted.iter().copied().unzip();
            ThreadsByRoot { room_key, root, ..ThreadsByRoot::default() }.load(c)
        }
        Connection::Sqlite(c) => {
            let one = |place: &(i64, i64)| {
                let columns = (messages::room_key, messages::offset, messages::replies, messages::last_reply);
                messages::table.find(*place).select(columns).first(c).optional()
            };
            wanted.iter().map(one).filter_map(Result::transpose).collect()
        }
    }
}

statement!(
    KeepSearchable(
        room_key: i64 as BigInt,
        offset: i64 as BigInt,
        id: i64 as BigInt,
        words: &'a str as Text
    ) -> (),
    "INSERT INTO searchable (room_key, \"offset\", id, words)
     SELECT room_key, at, id, CAST(words AS tsvector) FROM",
    "AS kept (room_key, at, id, words)
     ON CONFLICT (room_key, \"offset\") DO UPDATE SET id = excluded.id, words = excluded.words"
);

/// The end of a room's log that moves. On SQLite it is its own statement, since Diesel prepares an update anew each time.
#[derive(Clone, Copy, QueryId)]
pub(crate) struct Move {
    pub key: i64,
    pub from: i64,
    pub to: i64,
}

impl RunQueryDsl<SqliteConnection> for Move {}

impl QueryFragment<Sqlite> for Move {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE rooms SET \"offset\" = ");
        out.push_bind_param::<BigInt, _>(&self.to)?;
        out.push_sql(" WHERE key = ");
        out.push_bind_param::<BigInt, _>(&self.key)?;
        out.push_sql(" AND \"offset\" = ");
        out.push_bind_param::<BigInt, _>(&self.from)
    }
}

statement!(
    MoveOffsets(key: i64 as BigInt, from: i64 as BigInt, to: i64 as BigInt) -> (),
    "UPDATE rooms SET \"offset\" = moved.after FROM",
    "AS moved (key, before, after) WHERE rooms.key = moved.key AND rooms.\"offset\" = moved.before"
);

/// Moves the ends of logs that are where they are believed to be; returns how many were. The rows stay locked until
/// the transaction ends.
pub(crate) fn move_offsets(connection: &mut Connection, moves: &[Move]) -> QueryResult<usize> {
    match connection {
        Connection::Postgres(c) => {
            let mut query = MoveOffsets::default();
            for Move { key, from, to } in moves {
                query.key.push(*key);
                query.from.push(*from);
                query.to.push(*to);
            }
            query.execute(c)
        }
        Connection::Sqlite(c) => moves.iter().map(|one| one.execute(c)).sum(),
    }
}
