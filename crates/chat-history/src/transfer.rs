//! Rooms and their logs on their way from one database to another: records that say all that the tables hold.
//! Rooms are named by their ids; the keys of the tables are each database's own.

use chat_core::RoomId;
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use serde::{Deserialize, Serialize};

use crate::row::{EventColumns, MessageColumns, kind_from, role_from};
use crate::schema::{events, members, messages, rooms};
use crate::{body, dialect};

/// How many rows are read or written at once.
const PAGE: usize = 1000;

/// One row, or two for a message. Times are microseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub enum RoomRecord {
    /// A room; its members follow, then its events. A deleted one has neither, and keeps its id from being given
    /// again.
    Room {
        id: String,
        name: String,
        topic: String,
        kind: String,
        created_at: i64,
        owner: i64,
        epoch: String,
        offset: i64,
        member_count: i64,
        deleted_at: Option<i64>,
    },
    /// A member.
    Member { room: String, user: i64, username: String, display_name: String, role: String, joined_at: i64 },
    /// An event; `message` is there for `message.created`, `body` for others that have one.
    Event {
        room: String,
        offset: i64,
        at: i64,
        actor: Actor,
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageRecord>,
    },
}

/// Who did it, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub struct Actor {
    pub id: i64,
    pub username: String,
    pub display_name: String,
}

/// A message as it stands. `data` is JSON in a text, which stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub struct MessageRecord {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

impl RoomRecord {
    /// The word that its `type` is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RoomRecord::Room { .. } => "room",
            RoomRecord::Member { .. } => "member",
            RoomRecord::Event { .. } => "event",
        }
    }
}

/// Gives all records: the rooms in the order of their ids, each with its members by user and its events by offset, so
/// that equal tables give equal records.
///
/// # Errors
/// The database's, and those of `give`.
pub fn export<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type RoomColumns = (i64, String, String, String, String, i64, i64, String, i64, i64, Option<i64>, i64);
    let mut after = String::new();
    loop {
        let page = rooms::table.filter(rooms::id.gt(&after)).order(rooms::id).limit(PAGE as i64);
        let rows: Vec<RoomColumns> = on_backend!(&mut *connection, c => page.load(c))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.1);
        for row in rows {
            let (key, id, name, topic, kind, created_at, owner, epoch, offset, member_count, deleted_at, _) =
                row;
            give(RoomRecord::Room {
                id: id.clone(),
                name,
                topic,
                kind,
                created_at,
                owner,
                epoch,
                offset,
                member_count,
                deleted_at,
            })?;
            if deleted_at.is_none() {
                export_members(connection, key, &id, give)?;
                export_events(connection, key, &id, give)?;
            }
        }
    }
}

fn export_members<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = 0;
    loop {
        let page = members::table.filter(members::room_key.eq(key)).filter(members::user_id.gt(after));
        let page = page.order(members::user_id).limit(PAGE as i64);
        let rows: Vec<(i64, i64, String, String, String, i64)> =
            on_backend!(&mut *connection, c => page.load(c))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.1;
        for (_, user, username, display_name, role, joined_at) in rows {
            let room = room.to_owned();
            give(RoomRecord::Member { room, user, username, display_name, role, joined_at })?;
        }
    }
}

fn export_events<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type EventRow = (i64, i64, i64, String, String, String, Option<String>, Option<MessageRecord>);
    let mut after = 0;
    loop {
        let rows: Vec<EventRow> = on_backend!(&mut *connection, c => events::table
            .left_join(
                messages::table
                    .on(messages::room_key.eq(events::room_key).and(messages::offset.eq(events::offset))),
            )
            .filter(events::room_key.eq(key))
            .filter(events::offset.gt(after))
            .order(events::offset)
            .limit(PAGE as i64)
            .select((
                events::offset,
                events::at,
                events::actor_id,
                events::actor_username,
                events::actor_display_name,
                events::kind,
                events::body,
                (messages::text, messages::data, messages::reply_to, messages::client_id).nullable(),
            ))
            .load(c))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.0;
        for (offset, at, id, username, display_name, kind, body, message) in rows {
            let (room, actor) = (room.to_owned(), Actor { id, username, display_name });
            give(RoomRecord::Event { room, offset, at, actor, kind, body, message })?;
        }
    }
}

/// About how many records there are: events, and rooms.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut Connection) -> QueryResult<u64> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        sum: i64,
    }
    let sql = r#"SELECT CAST(coalesce(sum(CASE WHEN deleted_at IS NULL THEN "offset" ELSE 0 END) + count(*), 0)
                     AS BIGINT) AS sum FROM rooms"#;
    let sum = on_backend!(connection, c => diesel::sql_query(sql).get_result::<Sum>(c))?.sum;
    Ok(u64::try_from(sum).unwrap_or(0))
}

/// Why a record cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is not what may follow the records before it.
    #[error("{0}")]
    Wrong(String),
    /// The database refuses it.
    #[error(transparent)]
    Db(#[from] DieselError),
}

fn wrong<T>(what: String) -> Result<T, ImportError> {
    Err(ImportError::Wrong(what))
}

/// Keeps records in the order in which [`export`] gives them, and refuses any other.
#[derive(Default)]
pub struct Importer {
    /// The room that is coming in: its key, its id, and the end of its log.
    room: Option<(i64, String, i64)>,
    /// The last offset that came.
    offset: i64,
    events: Vec<RoomRecord>,
}

impl Importer {
    /// Keeps a record. Events gather until there are enough for a statement.
    ///
    /// # Errors
    /// [`ImportError`]; then nothing more may be given.
    pub fn take(&mut self, connection: &mut Connection, record: RoomRecord) -> Result<(), ImportError> {
        match &record {
            RoomRecord::Room { .. } => {
                self.finish(connection)?;
                self.room = insert_room(connection, &record)?;
                self.offset = 0;
            }
            RoomRecord::Member { room, user, username, display_name, role, joined_at } => {
                let key = self.key(room)?;
                role_from(role).or_else(|_| wrong(format!("role is {role:?}, which is no role")))?;
                let row = (
                    members::room_key.eq(key),
                    members::user_id.eq(user),
                    members::username.eq(username),
                    members::display_name.eq(display_name),
                    members::role.eq(role),
                    members::joined_at.eq(joined_at),
                );
                on_backend!(connection, c => diesel::insert_into(members::table).values(row).execute(c))?;
            }
            RoomRecord::Event { room, offset, kind, body, message, .. } => {
                self.key(room)?;
                if *offset != self.offset + 1 {
                    return wrong(format!("offset is {offset}, where {} follows", self.offset + 1));
                }
                if (kind == "message.created") != message.is_some() {
                    return wrong(format!(
                        "an event of kind {kind:?} with message given: {}",
                        message.is_some()
                    ));
                }
                if message.is_none() && body::read(kind, body.as_deref()).is_err() {
                    return wrong(format!("an event of kind {kind:?} with a body that is none"));
                }
                self.offset = *offset;
                self.events.push(record);
                if self.events.len() == PAGE {
                    self.write(connection)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the last room.
    ///
    /// # Errors
    /// As [`Importer::take`]: its log may be short.
    pub fn finish(&mut self, connection: &mut Connection) -> Result<(), ImportError> {
        self.write(connection)?;
        match self.room.take() {
            Some((_, room, end)) if end != self.offset => {
                wrong(format!("the log of room {room} ends with {} and should with {end}", self.offset))
            }
            _ => Ok(()),
        }
    }

    fn key(&self, named: &str) -> Result<i64, ImportError> {
        match &self.room {
            Some((key, room, _)) if room == named => Ok(*key),
            _ => wrong(format!("room is {named:?}, whose record does not come before")),
        }
    }

    fn write(&mut self, connection: &mut Connection) -> Result<(), ImportError> {
        let Some((key, ..)) = self.room else { return Ok(()) };
        let records = std::mem::take(&mut self.events);
        let mut events = Vec::with_capacity(records.len());
        let mut messages = Vec::with_capacity(records.len());
        for record in &records {
            let RoomRecord::Event { offset, at, actor, kind, body, message, .. } = record else { continue };
            events.push(EventColumns {
                room_key: key,
                offset: *offset,
                at: *at,
                actor_id: actor.id,
                actor_username: &actor.username,
                actor_display_name: &actor.display_name,
                kind,
                body: body.clone(),
            });
            messages.extend(message.as_ref().map(|message| MessageColumns {
                room_key: key,
                offset: *offset,
                sender_id: actor.id,
                text: &message.text,
                data: message.data.as_deref(),
                reply_to: message.reply_to,
                client_id: message.client_id.as_deref(),
            }));
        }
        if !events.is_empty() {
            dialect::insert_events(connection, &events)?;
        }
        if !messages.is_empty() {
            dialect::insert_messages(connection, &messages)?;
        }
        Ok(())
    }
}

/// The room, if it has a log to come: its key, its id, and the end of its log.
fn insert_room(
    connection: &mut Connection,
    record: &RoomRecord,
) -> Result<Option<(i64, String, i64)>, ImportError> {
    let RoomRecord::Room {
        id,
        name,
        topic,
        kind,
        created_at,
        owner,
        epoch,
        offset,
        member_count,
        deleted_at,
    } = record
    else {
        return Ok(None);
    };
    id.parse::<RoomId>().or_else(|error| wrong(format!("id is {id:?}: {error}")))?;
    kind_from(kind).or_else(|_| wrong(format!("kind is {kind:?}, which is none")))?;
    // Of a deleted room nothing is left to be purged.
    let purged = if deleted_at.is_some() { *offset } else { 0 };
    let row = (
        rooms::id.eq(id),
        rooms::name.eq(name),
        rooms::topic.eq(topic),
        rooms::kind.eq(kind),
        rooms::created_at.eq(created_at),
        rooms::owner_id.eq(owner),
        rooms::epoch.eq(epoch),
        rooms::offset.eq(offset),
        rooms::member_count.eq(member_count),
        rooms::deleted_at.eq(*deleted_at),
        rooms::purged.eq(purged),
    );
    let key: i64 = on_backend!(connection, c => diesel::insert_into(rooms::table)
        .values(row)
        .returning(rooms::key)
        .get_result(c))?;
    Ok(deleted_at.is_none().then(|| (key, id.clone(), *offset)))
}
