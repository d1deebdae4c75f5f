//! Messages that are sent later, in their table.

use chat_core::{
    ChatError, Due, Failure, NewMessage, RoomId, Scheduled, ScheduledChanges, ScheduledCursor, ScheduledId,
    Settled, Timestamp, UserId,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::error::HistoryError;
use crate::prepared::prepared;
use crate::row::{self, room_id, stored};
use crate::schema::scheduled;

type Result<T> = std::result::Result<T, HistoryError>;

/// A row without what only the sending needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = scheduled)]
struct ScheduledRow {
    id: String,
    user_id: i64,
    room: String,
    text: String,
    data: Option<String>,
    reply_to: Option<i64>,
    client_id: Option<String>,
    send_at: i64,
    created_at: i64,
    failed_code: Option<String>,
    failed_at: Option<i64>,
}

impl ScheduledRow {
    fn scheduled(self) -> Result<Scheduled> {
        let damaged = |error: chat_core::InvalidId| HistoryError::Damaged {
            table: "scheduled",
            detail: error.to_string(),
        };
        let message = NewMessage {
            text: self.text,
            data: self.data,
            reply_to: self.reply_to.map(|reply_to| row::offset("scheduled", reply_to)).transpose()?,
            client_id: self.client_id.map(|text| text.parse().map_err(damaged)).transpose()?,
            ..NewMessage::default()
        };
        let failed = self.failed_code.zip(self.failed_at);
        Ok(Scheduled {
            id: self.id.parse().map_err(damaged)?,
            user: row::user_id("scheduled", self.user_id)?,
            room: room_id(&self.room)?,
            message,
            send_at: Timestamp::from_micros(self.send_at),
            created_at: Timestamp::from_micros(self.created_at),
            failed: failed.map(|(code, at)| Failure { code, at: Timestamp::from_micros(at) }),
        })
    }
}

/// Keeps a message to be sent later, unless one waits already under the same `client_id`.
pub(crate) fn add(connection: &mut Connection, new: Scheduled, limit: u64) -> Result<(Scheduled, bool)> {
    let NewMessage { text, data, reply_to, client_id, .. } = &new.message;
    let own = scheduled::table.filter(scheduled::user_id.eq(new.user.get()));
    if let Some(client_id) = client_id {
        let same = own
            .filter(scheduled::client_id.eq(client_id.as_str()).and(scheduled::room.eq(new.room.as_str())));
        let same: Option<ScheduledRow> =
            on_backend!(&mut *connection, c => same.select(ScheduledRow::as_select()).first(c)).optional()?;
        if let Some(same) = same {
            return Ok((same.scheduled()?, false));
        }
    }
    let count: i64 = on_backend!(&mut *connection, c => own.count().get_result(c))?;
    if u64::try_from(count).unwrap_or(0) >= limit {
        return Err(ChatError::LimitReached { what: "scheduled messages", limit }.into());
    }
    let row = (
        scheduled::id.eq(new.id.as_str()),
        scheduled::user_id.eq(new.user.get()),
        scheduled::room.eq(new.room.as_str()),
        scheduled::text.eq(text),
        scheduled::data.eq(data.as_deref()),
        scheduled::reply_to.eq(reply_to.map(stored)),
        scheduled::client_id.eq(client_id.as_ref().map(chat_core::ClientId::as_str)),
        scheduled::send_at.eq(new.send_at.as_micros()),
        scheduled::created_at.eq(new.created_at.as_micros()),
        scheduled::due_at.eq(new.send_at.as_micros()),
        scheduled::taken.eq(false),
        scheduled::attempts.eq(0),
    );
    on_backend!(connection, c => diesel::insert_into(scheduled::table).values(row).execute(c))?;
    Ok((new, true))
}

/// One message of a user.
pub(crate) fn find(connection: &mut Connection, user: UserId, id: &ScheduledId) -> Result<Option<Scheduled>> {
    let row = scheduled::table.filter(scheduled::id.eq(id.as_str()).and(scheduled::user_id.eq(user.get())));
    let row: Option<ScheduledRow> =
        on_backend!(connection, c => row.select(ScheduledRow::as_select()).first(c)).optional()?;
    row.map(ScheduledRow::scheduled).transpose()
}

/// A page of a user's messages, to one room or all, by their times.
pub(crate) fn list(
    connection: &mut Connection,
    user: UserId,
    room: Option<&RoomId>,
    after: Option<&ScheduledCursor>,
    limit: usize,
) -> Result<Vec<Scheduled>> {
    let (at, id) = after.map_or((i64::MIN, ""), |after| (after.send_at.as_micros(), after.id.as_str()));
    let rest = scheduled::send_at.eq(at).and(scheduled::id.gt(id));
    let rows: Vec<ScheduledRow> = on_backend!(connection, c => {
        let own = scheduled::table
            .filter(scheduled::user_id.eq(user.get()))
            .filter(scheduled::send_at.gt(at).or(rest))
            .order((scheduled::send_at, scheduled::id))
            .limit(row::count(limit))
            .select(ScheduledRow::as_select());
        match room {
            Some(room) => own.filter(scheduled::room.eq(room.as_str())).load(c),
            None => own.load(c),
        }
    })?;
    rows.into_iter().map(ScheduledRow::scheduled).collect()
}

/// Why nothing of a user's message was changed or removed.
fn untouched(connection: &mut Connection, user: UserId, id: &ScheduledId) -> HistoryError {
    match find(connection, user, id) {
        Ok(Some(_)) => ChatError::BeingSent.into(),
        Ok(None) => ChatError::ScheduledNotFound.into(),
        Err(error) => error,
    }
}

/// Changes a message of a user that no node has for itself at `now`.
pub(crate) fn change(
    connection: &mut Connection,
    user: UserId,
    id: &ScheduledId,
    changes: &ScheduledChanges,
    now: Timestamp,
) -> Result<Scheduled> {
    // In one statement, since another node may take it.
    let row = scheduled::table
        .filter(scheduled::id.eq(id.as_str()).and(scheduled::user_id.eq(user.get())))
        .filter(is_free(now.as_micros()));
    let set = (
        scheduled::failed_code.eq(None::<String>),
        scheduled::failed_at.eq(None::<i64>),
        scheduled::due_at.eq(scheduled::send_at.nullable()),
        scheduled::taken.eq(false),
        scheduled::attempts.eq(0),
    );
    if on_backend!(&mut *connection, c => diesel::update(row).set(set).execute(c))? == 0 {
        return Err(untouched(connection, user, id));
    }
    // The row is this transaction's now.
    let row = scheduled::table.find(id.as_str());
    let ScheduledChanges { text, data, send_at } = changes;
    if let Some(text) = text {
        on_backend!(&mut *connection, c => diesel::update(row).set(scheduled::text.eq(text)).execute(c))?;
    }
    if let Some(data) = data {
        on_backend!(&mut *connection, c => diesel::update(row).set(scheduled::data.eq(data)).execute(c))?;
    }
    if let Some(at) = send_at.map(Timestamp::as_micros) {
        let set = (scheduled::send_at.eq(at), scheduled::due_at.eq(at));
        on_backend!(&mut *connection, c => diesel::update(row).set(set).execute(c))?;
    }
    find(connection, user, id)?.ok_or_else(|| ChatError::ScheduledNotFound.into())
}

/// Removes a message of a user that no node has for itself at `now`.
pub(crate) fn remove(
    connection: &mut Connection,
    user: UserId,
    id: &ScheduledId,
    now: Timestamp,
) -> Result<()> {
    let row = scheduled::table
        .filter(scheduled::id.eq(id.as_str()).and(scheduled::user_id.eq(user.get())))
        .filter(is_free(now.as_micros()));
    match on_backend!(&mut *connection, c => diesel::delete(row).execute(c))? {
        0 => Err(untouched(connection, user, id)),
        _ => Ok(()),
    }
}

/// That no node has it for itself at this moment.
#[diesel::dsl::auto_type]
fn is_free(now: i64) -> _ {
    let has_ended = scheduled::due_at.le(now);
    scheduled::taken.eq(false).or(scheduled::due_at.is_null()).or(has_ended)
}

prepared! {
    /// What is due and may be sent: of each user and room the first that was not refused.
    Heads { now: i64, limit: i64 } -> Text,
    "SELECT s.id FROM scheduled AS s WHERE s.due_at <= " (now: BigInt)
    " AND NOT EXISTS (
        SELECT 1 FROM scheduled AS e
        WHERE e.user_id = s.user_id AND e.room = s.room AND e.due_at IS NOT NULL
            AND (e.send_at < s.send_at OR (e.send_at = s.send_at AND e.id < s.id)))
    ORDER BY s.due_at, s.id LIMIT " (limit: BigInt)
}

/// Takes what is due at `now`, until `until`; one node at a time looks for it.
pub(crate) fn take(
    connection: &mut Connection,
    now: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Due>> {
    if !connection.try_lock("scheduled")? {
        return Ok(Vec::new());
    }
    let heads = Heads { now: now.as_micros(), limit: row::count(limit) };
    let heads: Vec<String> = on_backend!(&mut *connection, c => heads.load(c))?;
    let mut due = Vec::with_capacity(heads.len());
    for id in heads {
        // Its owner may have been quicker.
        let row = scheduled::table.find(&id).filter(scheduled::due_at.le(now.as_micros()));
        let set = (scheduled::due_at.eq(until.as_micros()), scheduled::taken.eq(true));
        if on_backend!(&mut *connection, c => diesel::update(row).set(set).execute(c))? == 0 {
            continue;
        }
        let (row, attempts): (ScheduledRow, i64) = on_backend!(&mut *connection, c => scheduled::table
            .find(&id)
            .select((ScheduledRow::as_select(), scheduled::attempts))
            .first(c))?;
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
        due.push(Due { scheduled: row.scheduled()?, attempts, taken_until: until });
    }
    Ok(due)
}

/// When the next one is due, or the next after a moment.
pub(crate) fn next(connection: &mut Connection, after: Option<Timestamp>) -> Result<Option<Timestamp>> {
    let next = scheduled::table
        .filter(scheduled::due_at.gt(after.map_or(i64::MIN, Timestamp::as_micros)))
        .order(scheduled::due_at)
        .select(scheduled::due_at.assume_not_null());
    let next: Option<i64> = on_backend!(connection, c => next.first(c)).optional()?;
    Ok(next.map(Timestamp::from_micros))
}

/// Keeps what came of one that was taken until then.
pub(crate) fn settle(
    connection: &mut Connection,
    id: &ScheduledId,
    taken_until: Timestamp,
    settled: Settled,
) -> Result<()> {
    let taken = scheduled::table
        .find(id.as_str())
        .filter(scheduled::taken.eq(true).and(scheduled::due_at.eq(taken_until.as_micros())));
    match settled {
        Settled::Sent => on_backend!(connection, c => diesel::delete(taken).execute(c))?,
        Settled::Later(at) => {
            let set = (
                scheduled::due_at.eq(at.as_micros()),
                scheduled::taken.eq(false),
                scheduled::attempts.eq(scheduled::attempts + 1),
            );
            on_backend!(connection, c => diesel::update(taken).set(set).execute(c))?
        }
        Settled::Failed(Failure { code, at }) => {
            let set = (
                scheduled::due_at.eq(None::<i64>),
                scheduled::taken.eq(false),
                scheduled::failed_code.eq(code),
                scheduled::failed_at.eq(at.as_micros()),
            );
            on_backend!(connection, c => diesel::update(taken).set(set).execute(c))?
        }
    };
    Ok(())
}
