//! Records into the tables.

use chat_core::{Reaction, RoomId, ScheduledId, WordFilter};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::{CREATED, PAGE, RoomRecord, uploads};
use crate::insert::{EventColumns, MessageColumns};
use crate::row::{VersionColumns, kind_from, role_from};
use crate::schema::{
    blocks, follows, members, messages, pins, reactions, reports, rooms, sanctions, scheduled, statuses,
    versions,
};
use crate::{body, bookmarks, mentions, moderation};

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

pub(super) fn wrong<T>(what: String) -> Result<T, ImportError> {
    Err(ImportError::Wrong(what))
}

/// A room whose log is coming in.
struct Coming {
    key: i64,
    id: String,
    /// The first event that is kept; before it there are acts of moderators alone.
    first: i64,
    /// The last event.
    end: i64,
}

/// Keeps records in the order in which [`export`](super::export) gives them, and refuses any other.
#[derive(Default)]
pub struct Importer {
    /// The room that is coming in.
    room: Option<Coming>,
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
            RoomRecord::Member { room, user, username, display_name, role, joined_at, read, muted_until } => {
                let key = self.key(room)?;
                role_from(role).or_else(|_| wrong(format!("role is {role:?}, which is no role")))?;
                let row = (
                    members::room_key.eq(key),
                    members::user_id.eq(user),
                    members::username.eq(username),
                    members::display_name.eq(display_name),
                    members::role.eq(role),
                    members::joined_at.eq(joined_at),
                    members::read_offset.eq(read),
                    members::muted_until.eq(*muted_until),
                    members::username_key.eq(username.to_lowercase()),
                );
                on_backend!(connection, c => diesel::insert_into(members::table).values(row).execute(c))?;
            }
            RoomRecord::Event { room, offset, kind, body, message, act, .. } => {
                self.key(room)?;
                let first = self.room.as_ref().map_or(1, |room| room.first);
                let left_behind = *act && *offset > self.offset && *offset < first;
                let next = first.max(self.offset + 1);
                if *offset != next && !left_behind {
                    return wrong(format!("offset is {offset}, where {next} follows"));
                }
                if (kind == CREATED) != message.is_some() {
                    return wrong(format!(
                        "an event of kind {kind:?} with message given: {}",
                        message.is_some()
                    ));
                }
                if message.is_none() && !body::is_sound(kind, body.as_deref()) {
                    return wrong(format!("an event of kind {kind:?} with a body that is none"));
                }
                let counts = message.as_ref().and_then(|message| message.reactions.as_deref());
                if counts.is_some_and(|counts| crate::reactions::read(counts).is_err()) {
                    return wrong("a message with reactions that are none".to_owned());
                }
                let quote = message.as_ref().and_then(|message| message.quote.as_deref());
                if quote.is_some_and(|quote| crate::threads::read_quote(quote).is_err()) {
                    return wrong("a message with a quote that is none".to_owned());
                }
                let called = message.as_ref().and_then(|message| message.mentions.as_deref());
                if called.is_some_and(|called| mentions::read(called).is_err()) {
                    return wrong("a message with mentions that are none".to_owned());
                }
                self.offset = *offset;
                self.events.push(record);
                if self.events.len() == PAGE {
                    self.write(connection)?;
                }
            }
            RoomRecord::Reaction { room, message, reaction, offset, user } => {
                let key = self.key(room)?;
                reaction
                    .parse::<Reaction>()
                    .or_else(|error| wrong(format!("reaction is {reaction:?}: {error}")))?;
                let row = (
                    reactions::room_key.eq(key),
                    reactions::message.eq(message),
                    reactions::reaction.eq(reaction),
                    reactions::offset.eq(offset),
                    reactions::user_id.eq(user),
                );
                on_backend!(connection, c => diesel::insert_into(reactions::table).values(row).execute(c))?;
            }
            RoomRecord::Follow { room, thread, user } => {
                let key = self.key(room)?;
                let row = (follows::user_id.eq(user), follows::room_key.eq(key), follows::thread.eq(thread));
                on_backend!(connection, c => diesel::insert_into(follows::table).values(row).execute(c))?;
            }
            RoomRecord::Pin { room, message, offset } => {
                let key = self.key(room)?;
                let row = (pins::room_key.eq(key), pins::message.eq(message), pins::offset.eq(offset));
                on_backend!(connection, c => diesel::insert_into(pins::table).values(row).execute(c))?;
            }
            RoomRecord::Bookmark { room, message, user, note, created_at } => {
                let row = bookmarks::columns_of(self.key(room)?, *message, *user, note, *created_at);
                let insert = diesel::insert_into(crate::schema::bookmarks::table).values(row);
                on_backend!(connection, c => insert.execute(c))?;
            }
            RoomRecord::Scheduled(record) => {
                let ids =
                    record.id.parse::<ScheduledId>().map(drop).and(record.room.parse::<RoomId>().map(drop));
                ids.or_else(|error| wrong(format!("a scheduled message with an id that is none: {error}")))?;
                let due_at = record.failed_at.is_none().then_some(record.send_at);
                let rest =
                    (scheduled::due_at.eq(due_at), scheduled::taken.eq(false), scheduled::attempts.eq(0));
                let insert = diesel::insert_into(scheduled::table).values((&**record, rest));
                on_backend!(connection, c => insert.execute(c))?;
            }
            RoomRecord::Block { user, blocked, username, display_name, created_at } => {
                let row = (
                    blocks::user_id.eq(user),
                    blocks::blocked_id.eq(blocked),
                    blocks::username.eq(username),
                    blocks::display_name.eq(display_name),
                    blocks::created_at.eq(created_at),
                );
                on_backend!(connection, c => diesel::insert_into(blocks::table).values(row).execute(c))?;
            }
            RoomRecord::Sanction {
                room,
                user,
                username,
                display_name,
                muted_until,
                banned_until,
                reason,
            } => {
                let row = (
                    sanctions::room_key.eq(self.key(room)?),
                    sanctions::user_id.eq(user),
                    sanctions::username.eq(username),
                    sanctions::display_name.eq(display_name),
                    sanctions::muted_until.eq(*muted_until),
                    sanctions::banned_until.eq(*banned_until),
                    sanctions::reason.eq(reason),
                );
                on_backend!(connection, c => diesel::insert_into(sanctions::table).values(row).execute(c))?;
            }
            RoomRecord::Report {
                room,
                message,
                reporter,
                at,
                reason,
                text,
                settled_at,
                verdict,
                note,
                settled_by,
            } => {
                let whole = [settled_at.is_some(), verdict.is_some(), note.is_some(), settled_by.is_some()];
                let verdict_is_one =
                    verdict.as_deref().is_none_or(|word| crate::reports::verdict_from(word).is_ok());
                if !verdict_is_one || whole.iter().any(|there| *there != whole[0]) {
                    return wrong("a report that is settled by halves".to_owned());
                }
                let (reporter, settler) = (reporter.as_ref(), settled_by.as_ref());
                let row = (
                    reports::room_key.eq(self.key(room)?),
                    reports::message.eq(message),
                    reports::reporter_id.eq(reporter.map_or(0, |user| user.id)),
                    reports::reporter_username.eq(reporter.map_or("", |user| user.username.as_str())),
                    reports::reporter_display_name.eq(reporter.map_or("", |user| user.display_name.as_str())),
                    reports::reported_at.eq(at),
                    reports::reason.eq(reason),
                    reports::text.eq(text),
                    reports::settled_at.eq(*settled_at),
                    reports::verdict.eq(verdict.as_deref()),
                    reports::note.eq(note.as_deref()),
                    reports::settler_id.eq(settler.map(|user| user.id)),
                    reports::settler_username.eq(settler.map(|user| user.username.as_str())),
                    reports::settler_display_name.eq(settler.map(|user| user.display_name.as_str())),
                );
                on_backend!(connection, c => diesel::insert_into(reports::table).values(row).execute(c))?;
            }
            RoomRecord::Status { user, text, hidden, last_seen } => {
                let row = (
                    statuses::user_id.eq(user),
                    statuses::text.eq(text),
                    statuses::hidden.eq(hidden),
                    statuses::last_seen.eq(*last_seen),
                );
                on_backend!(connection, c => diesel::insert_into(statuses::table).values(row).execute(c))?;
            }
            RoomRecord::Upload { room, .. } => {
                let key = room.as_deref().map(|room| self.key(room)).transpose()?;
                uploads::insert(connection, key, &record)?;
            }
            RoomRecord::Version { room, message, offset, text, data } => {
                let room_key = self.key(room)?;
                let row = VersionColumns {
                    room_key,
                    message: *message,
                    offset: *offset,
                    text,
                    data: data.as_deref(),
                };
                on_backend!(connection, c => diesel::insert_into(versions::table).values(row).execute(c))?;
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
            Some(Coming { id, first, end, .. }) if end != self.offset.max(first - 1) => {
                wrong(format!("the log of room {id} ends with {} and should with {end}", self.offset))
            }
            _ => Ok(()),
        }
    }

    fn key(&self, named: &str) -> Result<i64, ImportError> {
        match &self.room {
            Some(Coming { key, id, .. }) if id == named => Ok(*key),
            _ => wrong(format!("room is {named:?}, whose record does not come before")),
        }
    }

    fn write(&mut self, connection: &mut Connection) -> Result<(), ImportError> {
        let Some(Coming { key, .. }) = self.room else { return Ok(()) };
        let records = std::mem::take(&mut self.events);
        let mut events = Vec::with_capacity(records.len());
        let mut messages = Vec::with_capacity(records.len());
        for record in &records {
            let RoomRecord::Event { offset, at, actor, kind, body, message, .. } = record else { continue };
            match message {
                None => events.push(EventColumns {
                    room_key: key,
                    offset: *offset,
                    at: *at,
                    actor_id: actor.id,
                    actor_username: &actor.username,
                    actor_display_name: &actor.display_name,
                    kind,
                    body: body.clone(),
                }),
                Some(message) => messages.push(MessageColumns {
                    room_key: key,
                    offset: *offset,
                    created_at: *at,
                    sender_id: actor.id,
                    sender_username: &actor.username,
                    sender_display_name: &actor.display_name,
                    text: &message.text,
                    data: message.data.as_deref(),
                    reply_to: message.reply_to,
                    client_id: message.client_id.as_deref(),
                    quote: message.quote.clone(),
                    thread: message.thread,
                    mentions: message.mentions.clone(),
                    withheld: message.withheld,
                    expires_at: message.expires_at,
                    attachments: message.attachments.clone(),
                }),
            }
        }
        EventColumns::insert(connection, &events)?;
        MessageColumns::insert(connection, &messages)?;
        for record in &records {
            if let RoomRecord::Event { offset, act: true, .. } = record {
                moderation::keep(connection, key, *offset)?;
            }
            let RoomRecord::Event { offset, actor, message: Some(message), .. } = record else { continue };
            if let Some(Ok(called)) = message.mentions.as_deref().map(mentions::read) {
                mentions::insert(connection, key, *offset, actor.id, &called)?;
            }
            let row = messages::table.find((key, offset));
            if let Some(state) = message.changed() {
                on_backend!(&mut *connection, c => diesel::update(row).set(state).execute(c))?;
            }
            if message.replies.is_some() || message.last_reply.is_some() {
                let thread =
                    (messages::replies.eq(message.replies), messages::last_reply.eq(message.last_reply));
                on_backend!(&mut *connection, c => diesel::update(row).set(thread).execute(c))?;
            }
        }
        Ok(())
    }
}

/// The room, if it has a log to come.
fn insert_room(connection: &mut Connection, record: &RoomRecord) -> Result<Option<Coming>, ImportError> {
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
        people,
        read_only,
        slow_seconds,
        expire_seconds,
        filter,
        retention_seconds,
        first,
    } = record
    else {
        return Ok(None);
    };
    id.parse::<RoomId>().or_else(|error| wrong(format!("id is {id:?}: {error}")))?;
    kind_from(kind).or_else(|_| wrong(format!("kind is {kind:?}, which is none")))?;
    crate::people::read(people.as_deref()).or_else(|_| wrong("people that are none".to_owned()))?;
    let filtered =
        crate::filters::read(filter.as_deref()).or_else(|_| wrong("a filter that is none".to_owned()))?;
    if filtered.is_some_and(|it| {
        WordFilter::new(it.action(), it.words().map(str::to_owned)).is_none_or(|ours| ours != *it)
    }) {
        return wrong("a filter of what are no words".to_owned());
    }
    if *first < 1 || *first > offset.saturating_add(1) {
        return wrong(format!("first is {first}, of a log that ends with {offset}"));
    }
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
        rooms::people.eq(people),
        rooms::read_only.eq(read_only),
        rooms::slow_seconds.eq(slow_seconds),
        rooms::expire_seconds.eq(expire_seconds),
        rooms::filter.eq(filter),
        rooms::retention_seconds.eq(*retention_seconds),
        rooms::first.eq(first),
    );
    let key: i64 = on_backend!(connection, c => diesel::insert_into(rooms::table)
        .values(row)
        .returning(rooms::key)
        .get_result(c))?;
    Ok(deleted_at.is_none().then(|| Coming { key, id: id.clone(), first: *first, end: *offset }))
}
