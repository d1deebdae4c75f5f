//! Messages that expire, in the tables: those that are due, and when the next one is.

use chat_core::{Action, Command, Timestamp};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{self, SenderRow};
use crate::schema::{messages, rooms};

type Result<T> = std::result::Result<T, HistoryError>;

/// How many messages are ended together.
pub(crate) const PORTION: usize = 500;

/// Commands that end the messages whose time is over, the first of them, at most [`PORTION`].
pub(crate) fn due(connection: &mut Connection, now: Timestamp) -> Result<Vec<Command>> {
    let due = messages::table
        .inner_join(rooms::table.on(rooms::key.eq(messages::room_key)))
        .filter(messages::expires_at.le(now.as_micros()))
        .filter(rooms::deleted_at.is_null())
        .order(messages::expires_at)
        .limit(row::count(PORTION));
    let rows: Vec<(String, i64, SenderRow)> = on_backend!(connection, c => due
        .select((rooms::id, messages::offset, SenderRow::as_select()))
        .load(c))?;
    let command = |(room, offset, sender): (String, i64, SenderRow)| {
        let action = Action::Expire { message: row::offset("messages", offset)? };
        Ok(Command { room: row::room_id(&room)?, actor: sender.profile()?, action })
    };
    rows.into_iter().map(command).collect()
}

/// When the next message expires after this moment.
pub(crate) fn next(connection: &mut Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let next = messages::table
        .filter(messages::expires_at.gt(now.as_micros()))
        .order(messages::expires_at)
        .select(messages::expires_at.assume_not_null());
    let next: Option<i64> = on_backend!(connection, c => next.first(c)).optional()?;
    Ok(next.map(Timestamp::from_micros))
}
