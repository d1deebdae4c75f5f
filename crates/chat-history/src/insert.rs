//! The rows that a log is made of, as they are inserted.

use chat_core::{ClientId, Event, Timestamp};
use chat_db::Connection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::dialect::statement;
use crate::error::HistoryError;
use crate::row::stored;
use crate::{attachments, body, mentions, threads};

/// A row, and how many of them are inserted: by one statement over arrays on PostgreSQL; on SQLite one after the other by a
/// prepared statement that says all its text at once, since Diesel puts that of its own inserts together anew for each row.
macro_rules! insert {
    ($(#[$doc:meta])* $row:ident, $rows:ident, $into:literal, $($column:ident: $item:ty as $sql:ty),*) => {
        $(#[$doc])*
        pub(crate) struct $row<'a> {
            $(pub $column: $item,)*
        }

        impl QueryId for $row<'_> {
            type QueryId = $row<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl QueryFragment<Sqlite> for $row<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql(concat!("INSERT INTO ", $into, " VALUES "));
                let mut separator = "(";
                $(
                    out.push_sql(separator);
                    out.push_bind_param::<$sql, _>(&self.$column)?;
                    separator = ", ";
                )*
                let _ = separator;
                out.push_sql(")");
                Ok(())
            }
        }

        impl RunQueryDsl<SqliteConnection> for &$row<'_> {}

        statement!($rows($($column: &'a $item as $sql),*) -> (), concat!("INSERT INTO ", $into, " SELECT * FROM"), "");

        impl $row<'_> {
            /// Inserts them in their order.
            pub fn insert(connection: &mut Connection, rows: &[Self]) -> QueryResult<()> {
                match connection {
                    Connection::Sqlite(c) => rows.iter().try_for_each(|row| row.execute(c).map(drop)),
                    Connection::Postgres(_) if rows.is_empty() => Ok(()),
                    Connection::Postgres(c) => {
                        let mut all = $rows::default();
                        for row in rows {
                            $(all.$column.push(&row.$column);)*
                        }
                        all.execute(c).map(drop)
                    }
                }
            }
        }
    };
}

insert!(
    /// An event that is no message.
    EventColumns, InsertEvents,
    r#"events (room_key, "offset", at, actor_id, actor_username, actor_display_name, kind, body)"#,
    room_key: i64 as BigInt,
    offset: i64 as BigInt,
    at: i64 as BigInt,
    actor_id: i64 as BigInt,
    actor_username: &'a str as Text,
    actor_display_name: &'a str as Text,
    kind: &'a str as Text,
    body: Option<String> as Nullable<Text>
);

insert!(
    /// A message.
    MessageColumns, InsertMessages,
    r#"messages (room_key, "offset", created_at, sender_id, sender_username, sender_display_name, text, data, reply_to,
         client_id, quote, thread, mentions, withheld, expires_at, attachments)"#,
    room_key: i64 as BigInt,
    offset: i64 as BigInt,
    created_at: i64 as BigInt,
    sender_id: i64 as BigInt,
    sender_username: &'a str as Text,
    sender_display_name: &'a str as Text,
    text: &'a str as Text,
    data: Option<&'a str> as Nullable<Text>,
    reply_to: Option<i64> as Nullable<BigInt>,
    client_id: Option<&'a str> as Nullable<Text>,
    quote: Option<String> as Nullable<Text>,
    thread: Option<i64> as Nullable<BigInt>,
    mentions: Option<String> as Nullable<Text>,
    withheld: Option<bool> as Nullable<Bool>,
    expires_at: Option<i64> as Nullable<BigInt>,
    attachments: Option<String> as Nullable<Text>
);

impl<'a> EventColumns<'a> {
    /// None for a message.
    pub fn of(room_key: i64, event: &'a Event) -> Result<Option<EventColumns<'a>>, HistoryError> {
        if event.created().is_some() {
            return Ok(None);
        }
        Ok(Some(EventColumns {
            room_key,
            offset: stored(event.offset),
            at: event.at.as_micros(),
            actor_id: event.actor.id.get(),
            actor_username: &event.actor.username,
            actor_display_name: &event.actor.display_name,
            kind: event.body.kind(),
            body: body::write(event)?,
        }))
    }
}

impl<'a> MessageColumns<'a> {
    /// None for an event that is no message.
    pub fn of(room_key: i64, event: &'a Event) -> Option<MessageColumns<'a>> {
        let message = event.created()?;
        Some(MessageColumns {
            room_key,
            offset: stored(message.offset),
            created_at: message.created_at.as_micros(),
            sender_id: message.sender.id.get(),
            sender_username: &message.sender.username,
            sender_display_name: &message.sender.display_name,
            text: &message.text,
            data: message.data.as_deref(),
            reply_to: message.reply_to.map(stored),
            client_id: message.client_id.as_ref().map(ClientId::as_str),
            quote: message.quote.as_deref().map(threads::write_quote),
            thread: message.is_reply().then(|| stored(message.root())),
            mentions: message.mentions.as_deref().map(mentions::write),
            withheld: message.withheld.then_some(true),
            expires_at: message.expires_at.map(Timestamp::as_micros),
            attachments: attachments::write(&message.attachments),
        })
    }
}
