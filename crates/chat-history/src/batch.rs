//! A batch of commands in the transaction that keeps it: what the rules must know is looked up for all together,
//! they decide one command after the other, and what was decided is written for all together.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chat_core::rules::decide;
use chat_core::{Action, Command, Decision, Event, Limits, Offset, Outcome, RoomId, UserId};
use chat_db::{Connection, DbError, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row::{EventColumns, MessageColumns, kind_word, stored};
use crate::schema::{members, rooms};
use crate::work::{Work, WorkRoom};
use crate::{dialect, read};

/// What a command came to.
pub(crate) struct Kept {
    pub outcome: Outcome,
    pub events: Vec<Arc<Event>>,
}

/// What a batch came to.
#[derive(Default)]
pub(crate) struct Batch {
    /// What became of each command, in their order.
    pub answers: Vec<Result<Kept, HistoryError>>,
    /// The keys of the rooms that were deleted.
    pub deleted: Vec<i64>,
}

/// Decides commands in their order and keeps what was decided. A command that the database refuses, because of
/// what is in it or what another node did meanwhile, does not spoil the others.
///
/// # Errors
/// When the database cannot be used: then nothing is kept.
pub(crate) fn execute(
    connection: &mut Connection,
    commands: &[&Command],
    limits: &Limits,
) -> Result<Batch, HistoryError> {
    match commands {
        // Nothing of it can be refused, and nothing else can suffer.
        [Command { action: Action::Send(_), .. }] => return together(connection, commands, limits),
        _ => match connection.savepoint(|connection| together(connection, commands, limits)) {
            Err(HistoryError::Db(DbError::Failed { detail })) => {
                log::debug!("{} commands are tried one by one: {detail}", commands.len());
            }
            Err(error @ HistoryError::Db(_)) => return Err(error),
            Err(HistoryError::Damaged { .. } | HistoryError::Refused(_)) => {}
            answers @ Ok(_) => return answers,
        },
    }
    let mut batch = Batch::default();
    for command in commands {
        match connection.savepoint(|connection| together(connection, &[*command], limits)) {
            Ok(Batch { answers, deleted }) => {
                batch.answers.extend(answers);
                batch.deleted.extend(deleted);
            }
            // The connection is gone, and all with it.
            Err(HistoryError::Db(error @ (DbError::Lost { .. } | DbError::DiskFull))) => {
                return Err(error.into());
            }
            Err(error) => batch.answers.push(Err(error)),
        }
    }
    Ok(batch)
}

fn together(
    connection: &mut Connection,
    commands: &[&Command],
    limits: &Limits,
) -> Result<Batch, HistoryError> {
    let mut work = look_up(connection, commands)?;
    let mut keep = |command: &&Command| {
        let Decision { room, events, outcome } = decide(command, work.facts(command), limits)?;
        Ok(Kept { outcome, events: work.apply(room, events) })
    };
    let answers = commands.iter().map(&mut keep).collect();
    write(connection, &mut work)?;
    let deleted = work.rooms.values().filter(|room| room.dirty.deleted.is_some());
    Ok(Batch { answers, deleted: deleted.filter_map(|room| room.key).collect() })
}

/// Reads what the rules must know of all commands. The rooms first: they are locked by it, and what is read after
/// that stays as it is.
fn look_up(connection: &mut Connection, commands: &[&Command]) -> Result<Work, HistoryError> {
    let mut work = Work::default();
    let mut keys = HashMap::new();
    let ids: BTreeSet<&str> = commands.iter().map(|command| command.room.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    for row in dialect::lock_rooms(connection, &ids)? {
        let (key, deleted) = (row.key, row.deleted_at.is_some());
        let room = row.room()?;
        let id = room.id.clone();
        keys.insert(key, id.clone());
        let room = (!deleted).then_some(room);
        work.rooms.insert(id, WorkRoom { key: Some(key), room, deleted, ..WorkRoom::default() });
    }

    let mut pairs = HashSet::new();
    let mut sent = HashSet::new();
    let mut places = HashSet::new();
    for command in commands {
        let needs = command.needs();
        let actor = command.actor.id;
        if needs.rooms_owned && !work.owned.contains_key(&actor) {
            dialect::lock_owner(connection, actor.get())?;
            work.owned.insert(actor, count_owned(connection, actor)?);
        }
        let Some(key) = work.rooms.get(&command.room).filter(|room| !room.deleted).and_then(|room| room.key)
        else {
            continue;
        };
        pairs.insert((key, actor.get()));
        pairs.extend(needs.target.map(|target| (key, target.get())));
        if let Action::Send(message) = &command.action {
            sent.extend(message.client_id.as_ref().map(|name| (key, actor.get(), name.as_str())));
            places.extend(message.reply_to.map(|offset| (key, stored(offset))));
        }
    }
    let pairs: Vec<_> = pairs.into_iter().collect();
    let members = if pairs.is_empty() { Vec::new() } else { dialect::find_members(connection, &pairs)? };
    for (key, row) in members {
        let member = row.member()?;
        if let Some((_, room)) = of_key(&mut work, &keys, key) {
            room.members.insert(member.user.id, Some(member));
        }
    }
    let sent: Vec<_> = sent.into_iter().collect();
    let sent = if sent.is_empty() { Vec::new() } else { dialect::find_sent(connection, &sent)? };
    // Rare: someone repeats what was sent.
    for (key, offset) in sent {
        if let Some((id, room)) = of_key(&mut work, &keys, key)
            && let Some(offset) = as_offset(offset)
            && let Some(message) = read::message(connection, key, id, offset)?
            && let Some(client_id) = message.client_id.clone()
        {
            room.sent.insert((message.sender.id, client_id), message);
        }
    }
    let places: Vec<_> = places.into_iter().collect();
    let places = if places.is_empty() { Vec::new() } else { dialect::find_places(connection, &places)? };
    for (key, offset) in places {
        if let (Some((_, room)), Some(offset)) = (of_key(&mut work, &keys, key), as_offset(offset)) {
            room.places.insert(offset);
        }
    }
    Ok(work)
}

fn of_key<'a>(
    work: &'a mut Work,
    keys: &'a HashMap<i64, RoomId>,
    key: i64,
) -> Option<(&'a RoomId, &'a mut WorkRoom)> {
    let id = keys.get(&key)?;
    Some((id, work.rooms.get_mut(id)?))
}

fn as_offset(number: i64) -> Option<Offset> {
    Offset::new(u64::try_from(number).ok()?).ok()
}

fn count_owned(connection: &mut Connection, owner: UserId) -> Result<u64, HistoryError> {
    let owned = rooms::table.filter(rooms::owner_id.eq(owner.get())).filter(rooms::deleted_at.is_null());
    let count: i64 = on_backend!(connection, c => owned.count().get_result(c))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Writes what the batch has come to.
fn write(connection: &mut Connection, work: &mut Work) -> Result<(), HistoryError> {
    let mut moved = Vec::new();
    for (id, room) in &mut work.rooms {
        if room.dirty.moved {
            let key = write_room(connection, id, room)?;
            room.key = Some(key);
            if let (false, Some(row)) = (room.dirty.row, &room.room) {
                moved.push((key, stored(row.offset)));
            }
        }
    }
    if !moved.is_empty() {
        dialect::move_offsets(connection, &moved)?;
    }
    let key = |event: &Event| work.rooms.get(&event.room).and_then(|room| room.key).unwrap_or_default();
    let events: Result<Vec<_>, _> =
        work.events.iter().map(|event| EventColumns::of(key(event), event)).collect();
    let events = events?;
    if !events.is_empty() {
        dialect::insert_events(connection, &events)?;
    }
    let messages: Vec<_> =
        work.events.iter().filter_map(|event| MessageColumns::of(key(event), event)).collect();
    if !messages.is_empty() {
        dialect::insert_messages(connection, &messages)?;
    }
    Ok(())
}

/// Writes what has changed of a room besides its log, and of its members; returns its key.
fn write_room(connection: &mut Connection, id: &RoomId, work: &WorkRoom) -> Result<i64, HistoryError> {
    let deleted = work.dirty.deleted.as_ref();
    let Some(room) = work.room.as_ref().or(deleted.map(|(_, room)| room)) else {
        return Err(HistoryError::Damaged { table: "rooms", detail: format!("{id} has no row") });
    };
    let values = (
        rooms::id.eq(id.as_str()),
        rooms::name.eq(&room.name),
        rooms::topic.eq(&room.topic),
        rooms::kind.eq(kind_word(room.kind)),
        rooms::created_at.eq(room.created_at.as_micros()),
        rooms::owner_id.eq(room.owner.get()),
        rooms::epoch.eq(room.epoch.as_str()),
        rooms::offset.eq(stored(room.offset)),
        rooms::member_count.eq(i64::try_from(room.member_count).unwrap_or(i64::MAX)),
        rooms::deleted_at.eq(deleted.map(|(at, _)| at.as_micros())),
    );
    let key = match work.key {
        None => on_backend!(&mut *connection, c => diesel::insert_into(rooms::table)
            .values((values, rooms::purged.eq(0)))
            .returning(rooms::key)
            .get_result(c))?,
        Some(key) => {
            if work.dirty.row || deleted.is_some() {
                on_backend!(&mut *connection, c => diesel::update(rooms::table.find(key)).set(values).execute(c))?;
            }
            key
        }
    };
    if deleted.is_some() {
        let all = members::table.filter(members::room_key.eq(key));
        on_backend!(connection, c => diesel::delete(all).execute(c))?;
        return Ok(key);
    }
    for user in &work.dirty.members {
        let Some(Some(member)) = work.members.get(user) else {
            let one = members::table.find((key, user.get()));
            on_backend!(&mut *connection, c => diesel::delete(one).execute(c))?;
            continue;
        };
        let columns = (
            members::username.eq(&member.user.username),
            members::display_name.eq(&member.user.display_name),
            members::role.eq(member.role.as_str()),
            members::joined_at.eq(member.joined_at.as_micros()),
        );
        on_backend!(&mut *connection, c => diesel::insert_into(members::table)
            .values((members::room_key.eq(key), members::user_id.eq(user.get()), columns))
            .on_conflict((members::room_key, members::user_id))
            .do_update()
            .set(columns)
            .execute(c))?;
    }
    Ok(key)
}
