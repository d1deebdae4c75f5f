//! A batch of commands in the transaction that keeps it: what the rules must know is looked up for all together,
//! they decide one command after the other, and what was decided is written for all together.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chat_core::rules::decide;
use chat_core::{Action, Command, Decision, Event, Limits, Offset, Outcome, RoomId, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::dialect::Move;
use crate::error::HistoryError;
use crate::row::{EventColumns, MessageColumns, kind_word, stored};
use crate::schema::{members, rooms};
use crate::work::{Remembered, Work, WorkRoom};
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
    /// The rooms as they were left.
    pub rooms: HashMap<RoomId, WorkRoom>,
}

/// Decides commands in their order and keeps what was decided, trusting that the rooms are as they are remembered
/// and that no message is repeated. Then nothing need be read of a room where people talk.
///
/// # Errors
/// Where the trust was wrong, or the database refuses something: nothing is kept then, and [`execute`] finds out
/// more. Or when the database cannot be used.
pub(crate) fn execute_trusting(
    connection: &mut Connection,
    commands: &[&Command],
    limits: &Limits,
    remembered: &mut Remembered,
) -> Result<Batch, HistoryError> {
    let mut rooms = HashMap::new();
    for id in commands.iter().map(|command| &command.room) {
        if let Some(room) = remembered.take(id) {
            rooms.insert(id.clone(), room);
        }
    }
    together(connection, commands, limits, Some(rooms))
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
    match connection.savepoint(|connection| together(connection, commands, limits, None)) {
        Err(error) if error.is_of_commands() => {
            log::debug!("{} commands are tried one by one: {error}", commands.len());
        }
        done => return done,
    }
    let mut batch = Batch::default();
    for command in commands {
        match connection.savepoint(|connection| together(connection, &[*command], limits, None)) {
            Ok(Batch { answers, rooms }) => {
                batch.answers.extend(answers);
                batch.rooms.extend(rooms);
            }
            Err(error) if error.is_of_commands() => batch.answers.push(Err(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(batch)
}

/// Rooms that are remembered are trusted; without any, not even that a message is new.
fn together(
    connection: &mut Connection,
    commands: &[&Command],
    limits: &Limits,
    trusted: Option<HashMap<RoomId, WorkRoom>>,
) -> Result<Batch, HistoryError> {
    let mut work = look_up(connection, commands, trusted)?;
    let mut keep = |command: &&Command| {
        let Decision { room, events, outcome } = decide(command, work.facts(command), limits)?;
        Ok(Kept { outcome, events: work.apply(room, events) })
    };
    let answers = commands.iter().map(&mut keep).collect();
    write(connection, &mut work)?;
    Ok(Batch { answers, rooms: work.rooms })
}

/// Reads what the rules must know of all commands and is not trusted. The rooms first: without trust they are locked
/// by it, and what is read after that stays as it is.
fn look_up(
    connection: &mut Connection,
    commands: &[&Command],
    trusted: Option<HashMap<RoomId, WorkRoom>>,
) -> Result<Work, HistoryError> {
    let trust = trusted.is_some();
    let mut work = Work { rooms: trusted.unwrap_or_default(), ..Work::default() };
    let mut keys: HashMap<i64, RoomId> = HashMap::new();
    let unknown: BTreeSet<&str> = commands
        .iter()
        .map(|command| &command.room)
        .filter(|id| !work.rooms.contains_key(*id))
        .map(RoomId::as_str)
        .collect();
    let unknown: Vec<&str> = unknown.into_iter().collect();
    let rows = match (unknown.as_slice(), trust) {
        ([], _) => Vec::new(),
        (ids, true) => dialect::find_rooms(connection, ids)?,
        (ids, false) => dialect::lock_rooms(connection, ids)?,
    };
    for row in rows {
        let (key, deleted) = (row.key, row.deleted_at.is_some());
        let room = row.room()?;
        let (id, stored) = (room.id.clone(), room.offset);
        let room = (!deleted).then_some(room);
        work.rooms.insert(id, WorkRoom { key: Some(key), stored, room, deleted, ..WorkRoom::default() });
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
        let Some(room) = work.rooms.get(&command.room).filter(|room| !room.deleted) else { continue };
        let Some(key) = room.key else { continue };
        for user in [Some(actor), needs.target].into_iter().flatten() {
            if !room.members.contains_key(&user) {
                pairs.insert((key, user.get()));
                keys.entry(key).or_insert_with(|| command.room.clone());
            }
        }
        if let Action::Send(message) = &command.action {
            if !trust && let Some(client_id) = &message.client_id {
                sent.insert((key, actor.get(), client_id.as_str()));
                keys.entry(key).or_insert_with(|| command.room.clone());
            }
            if let Some(offset) = message.reply_to {
                places.insert((key, stored(offset)));
                keys.entry(key).or_insert_with(|| command.room.clone());
            }
        }
    }
    for (key, user) in &pairs {
        if let (Some((_, room)), Ok(user)) = (of_key(&mut work, &keys, *key), UserId::new(*user)) {
            room.members.insert(user, None);
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

/// Writes what the batch has come to. The ends of the logs first: from then on nobody else gives their offsets.
fn write(connection: &mut Connection, work: &mut Work) -> Result<(), HistoryError> {
    let mut moves = Vec::new();
    for work in work.rooms.values().filter(|work| work.dirty.moved) {
        let last = work.room.as_ref().or(work.dirty.deleted.as_ref().map(|(_, room)| room));
        if let (Some(key), Some(room)) = (work.key, last) {
            moves.push(Move { key, from: stored(work.stored), to: stored(room.offset) });
        }
    }
    // Two transactions that move the same ends must do it in the same order.
    moves.sort_unstable_by_key(|one| one.key);
    if !moves.is_empty() && dialect::move_offsets(connection, &moves)? < moves.len() {
        return Err(HistoryError::Stale);
    }
    for (id, room) in work.rooms.iter_mut().filter(|(_, room)| room.dirty.moved) {
        room.key = Some(write_room(connection, id, room)?);
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
