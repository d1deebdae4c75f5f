//! A batch of commands in the transaction that keeps it: what the rules must know is looked up for all together,
//! they decide one command after the other, and what was decided is written for all together.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use chat_core::rules::decide;
use chat_core::{Action, Clock, Command, Limits, Needs, RoomId, Timestamp, UploadId, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::dialect::Move;
use crate::error::HistoryError;
use crate::insert::{EventColumns, MessageColumns};
use crate::row::{MessageState, VersionColumns, kind_word, stored};
use crate::schema::{members, messages, rooms, versions};
use crate::work::{Kept, Remembered, Work, WorkRoom};
use crate::{
    attachments, blocks, dialect, filters, mentions, moderation, people, pins, reactions, reports, sanctions,
    threads,
};

/// By what commands are decided, besides what is looked up for them.
pub(crate) struct Given {
    pub limits: Limits,
    pub clock: Clock,
}

/// What a batch came to.
#[derive(Default)]
pub(crate) struct Batch {
    /// What became of each command, in their order.
    pub answers: Vec<Result<Kept, HistoryError>>,
    /// The rooms as they were left.
    pub rooms: Vec<WorkRoom>,
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
    given: &Given,
    remembered: &mut Remembered,
) -> Result<Batch, HistoryError> {
    together(connection, commands, given, Some(remembered))
}

/// Decides commands in their order and keeps what was decided. A command that the database refuses, because of
/// what is in it or what another node did meanwhile, does not spoil the others.
///
/// # Errors
/// When the database cannot be used: then nothing is kept.
pub(crate) fn execute(
    connection: &mut Connection,
    commands: &[&Command],
    given: &Given,
) -> Result<Batch, HistoryError> {
    match connection.savepoint(|connection| together(connection, commands, given, None)) {
        Err(error) if error.is_of_commands() => {
            log::debug!("{} commands are tried one by one: {error}", commands.len());
        }
        done => return done,
    }
    let mut batch = Batch::default();
    for command in commands {
        match connection.savepoint(|connection| together(connection, &[*command], given, None)) {
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

/// What is remembered is trusted; where nothing is, not even that a message is new.
fn together(
    connection: &mut Connection,
    commands: &[&Command],
    given: &Given,
    remembered: Option<&mut Remembered>,
) -> Result<Batch, HistoryError> {
    let trust = remembered.is_some();
    let needs: Vec<Needs<'_>> = commands.iter().map(|command| command.needs()).collect();
    let (mut work, places) = look_up(connection, commands, &needs, remembered)?;
    work.clock = given.clock.clone();
    let mut answers = Vec::with_capacity(commands.len());
    for ((command, needs), &place) in commands.iter().zip(&needs).zip(&places) {
        let actor = command.actor.id;
        let mut decision = decide(command, work.facts(place, actor, needs), &given.limits);
        // A message that is new would be refused; the repetition of one that was kept is not.
        if decision.is_err() && trust && look_for_sent(connection, &mut work, place, command)? {
            decision = decide(command, work.facts(place, actor, needs), &given.limits);
        }
        answers.push(match decision {
            Ok(decision) => Ok(work.apply(place, decision)),
            Err(refused) => Err(refused.into()),
        });
    }
    check_trust(connection, &work)?;
    write(connection, &mut work)?;
    Ok(Batch { answers, rooms: work.rooms })
}

/// Where a trusted room's log is to be moved, that shows whether the trust was right. Where it is not, such as after a
/// refusal, the room is looked at.
fn check_trust(connection: &mut Connection, work: &Work) -> Result<(), HistoryError> {
    let unmoved: HashMap<&str, i64> = work
        .rooms
        .iter()
        .filter(|room| room.trusted && !room.dirty.moved)
        .map(|room| (room.id.as_str(), stored(room.stored)))
        .collect();
    if unmoved.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = unmoved.keys().copied().collect();
    let rows = dialect::find_rooms(connection, &ids)?;
    let as_left = rows.iter().filter(|row| unmoved.get(row.id.as_str()) == Some(&row.offset)).count();
    if as_left == unmoved.len() { Ok(()) } else { Err(HistoryError::Stale) }
}

/// Gathers what the rules must know of all commands, and the places of their rooms in it. What is not remembered is
/// read. The rooms first: without trust they are locked by it, and what is read after that stays as it is.
fn look_up(
    connection: &mut Connection,
    commands: &[&Command],
    needs: &[Needs<'_>],
    mut remembered: Option<&mut Remembered>,
) -> Result<(Work, Vec<usize>), HistoryError> {
    let trust = remembered.is_some();
    let mut work = Work { careful: !trust, ..Work::default() };
    // These answer with the room, of whose log the beginning may have been removed since: that moves no end.
    let shows = |action: &Action| {
        use Action::{ChangeRoom, CloseRoom, DeleteRoom, OpenDirect, SetFilter};
        matches!(action, ChangeRoom(_) | CloseRoom | DeleteRoom | OpenDirect { .. } | SetFilter(_))
    };
    let shown: HashSet<&RoomId> =
        commands.iter().filter(|command| shows(&command.action)).map(|command| &command.room).collect();
    let mut known: HashMap<&RoomId, usize> = HashMap::new();
    let mut unknown = Vec::new();
    let mut places = Vec::with_capacity(commands.len());
    for Command { room: id, .. } in commands {
        places.push(*known.entry(id).or_insert_with(|| {
            let room = remembered.as_mut().and_then(|remembered| remembered.take(id));
            let room = room.filter(|_| !shown.contains(id));
            if room.is_none() {
                unknown.push(id.as_str());
            }
            work.rooms.push(room.unwrap_or_else(|| WorkRoom::unknown(id.clone())));
            work.rooms.len() - 1
        }));
    }
    let rows = match (unknown.as_slice(), trust) {
        ([], _) => Vec::new(),
        (ids, true) => dialect::find_rooms(connection, ids)?,
        (ids, false) => dialect::lock_rooms(connection, ids)?,
    };
    for row in rows {
        let (key, deleted) = (row.key, row.deleted_at.is_some());
        let room = row.room()?;
        if let Some(found) = known.get(&room.id).and_then(|place| work.rooms.get_mut(*place)) {
            found.key = Some(key);
            found.stored = room.offset;
            found.deleted = deleted;
            found.room = (!deleted).then_some(room);
        }
    }

    find_blocks(connection, &mut work.rooms, commands, needs, &places)?;
    // Rooms that the batch itself slows down.
    let slowing = |command: &&Command| matches!(&command.action, Action::ChangeRoom(changes) if changes.slow_seconds > Some(0));
    let slowed: HashSet<usize> = commands
        .iter()
        .zip(&places)
        .filter(|(command, _)| slowing(command))
        .map(|(_, place)| *place)
        .collect();
    let mut keys: HashMap<i64, usize> = HashMap::new();
    let mut pairs = Vec::new();
    let mut named = HashSet::new();
    let mut sent = HashSet::new();
    let mut about = HashSet::new();
    let mut uploads = HashSet::new();
    let owners = commands.iter().zip(needs).filter(|(_, needs)| needs.rooms_owned);
    // In one order, so that no two transactions wait for one another.
    for owner in owners.map(|(command, _)| command.actor.id).collect::<BTreeSet<_>>() {
        // Whose rooms are counted makes no other meanwhile.
        connection.lock(&format!("rooms of {owner}"))?;
        work.owned.insert(owner, count_owned(connection, owner)?);
    }
    for ((command, needs), &place) in commands.iter().zip(needs).zip(&places) {
        let actor = command.actor.id;
        uploads.extend(needs.uploads);
        let room = &mut work.rooms[place];
        let (Some(key), false) = (room.key, room.deleted) else { continue };
        for user in [Some(actor), needs.target].into_iter().flatten() {
            room.members.entry(user).or_insert_with(|| {
                keys.insert(key, place);
                pairs.push((key, user.get()));
                None
            });
        }
        if !needs.names.is_empty() {
            keys.insert(key, place);
            named.extend(needs.names.iter().map(|name| (key, name.as_str())));
        }
        if let Some(user) = needs.sanction
            && let Entry::Vacant(unknown) = room.sanctions.entry(user)
            && let Some(sanction) = sanctions::find(connection, key, user)?
        {
            unknown.insert(sanction);
        }
        if needs.pins && room.pins.is_none() {
            room.pins = Some(pins::of_room(connection, key)?);
        }
        if needs.last_sent && (room.is_slow() || slowed.contains(&place)) {
            let last = moderation::last_sent(connection, key, actor, stored(room.stored))?;
            room.last_sent.extend(last.map(|at| (actor, at)));
        }
        if let Some(client_id) = needs.repeated.filter(|_| !trust) {
            keys.insert(key, place);
            sent.insert((key, actor.get(), client_id.as_str()));
        }
        if let Some((message, reaction)) = needs.message.zip(needs.reaction)
            && let Entry::Vacant(unknown) = room.reacted.entry((actor, message, reaction.clone()))
        {
            unknown.insert(reactions::is_there(connection, key, actor, message, reaction)?);
        }
        if let Some(offset) = needs.message {
            keys.insert(key, place);
            about.insert((key, stored(offset)));
        }
    }
    let members = if pairs.is_empty() { Vec::new() } else { dialect::find_members(connection, &pairs)? };
    for (key, row) in members {
        let member = row.member()?;
        if let Some(place) = keys.get(&key) {
            work.rooms[*place].members.insert(member.user.id, Some(member));
        }
    }
    let named: Vec<_> = named.into_iter().collect();
    let named = if named.is_empty() { Vec::new() } else { dialect::find_named(connection, &named)? };
    for (key, row) in named {
        if let Some(place) = keys.get(&key) {
            work.rooms[*place].found_named(row.member()?);
        }
    }
    let sent: Vec<_> = sent.into_iter().collect();
    let sent = if sent.is_empty() { Vec::new() } else { dialect::find_sent(connection, &sent)? };
    about.extend(sent);
    let about: Vec<_> = about.into_iter().collect();
    let about = if about.is_empty() { Vec::new() } else { dialect::find_messages(connection, &about)? };
    for (key, message) in about {
        if let Some(place) = keys.get(&key) {
            work.rooms[*place].found(message)?;
        }
    }
    if !uploads.is_empty() {
        let wanted: Vec<UploadId> = uploads.into_iter().copied().collect();
        let found = attachments::find(connection, &wanted)?;
        work.uploads = found.into_iter().map(|upload| (upload.attachment.id, upload)).collect();
    }
    find_threads(connection, &mut work.rooms)?;
    Ok((work, places))
}

/// Looks up who is blocked of those who write to direct rooms of two. Nothing moves the end of a log when somebody is, so it
/// is read every time.
fn find_blocks(
    connection: &mut Connection,
    rooms: &mut [WorkRoom],
    commands: &[&Command],
    needs: &[Needs<'_>],
    places: &[usize],
) -> Result<(), HistoryError> {
    let mut wanted = Vec::new();
    for ((command, needs), &place) in commands.iter().zip(needs).zip(places) {
        let actor = command.actor.id;
        if let Action::OpenDirect { people } = &command.action
            && let [one, other] = people.as_slice()
        {
            wanted.extend([(place, one.id, other.id), (place, other.id, one.id)]);
        }
        let other = rooms[place].room.as_ref().and_then(|room| room.other(actor));
        wanted.extend(other.filter(|_| needs.blocked).map(|other| (place, other.id, actor)));
    }
    let pairs = wanted.iter().map(|(_, by, of)| (*by, *of)).collect();
    let found = blocks::find(connection, &pairs)?;
    for (place, by, of) in wanted {
        if found.contains(&(by, of)) {
            rooms[place].blocked.insert(of);
        }
    }
    Ok(())
}

/// Looks whether a command repeats a message that was kept, in this batch or before; true when it does.
fn look_for_sent(
    connection: &mut Connection,
    work: &mut Work,
    place: usize,
    command: &Command,
) -> Result<bool, HistoryError> {
    let Action::Send { message, .. } = &command.action else { return Ok(false) };
    let Some(client_id) = &message.client_id else { return Ok(false) };
    if work.recall(place, command.actor.id, client_id) {
        return Ok(true);
    }
    let room = &mut work.rooms[place];
    let Some(key) = room.key else { return Ok(false) };
    let found = dialect::find_sent(connection, &[(key, command.actor.id.get(), client_id.as_str())])?;
    for (_, message) in dialect::find_messages(connection, &found)? {
        room.found(message)?;
    }
    find_threads(connection, std::slice::from_mut(room))?;
    Ok(!found.is_empty())
}

/// Looks up the threads of the replies that are known.
fn find_threads(connection: &mut Connection, rooms: &mut [WorkRoom]) -> Result<(), HistoryError> {
    let mut places: HashMap<(i64, i64), usize> = HashMap::new();
    for (place, room) in rooms.iter().enumerate() {
        let Some(key) = room.key else { continue };
        let replies = room.messages.values().filter(|message| message.is_reply());
        let unknown = replies.filter(|reply| !room.threads.contains_key(&reply.root()));
        places.extend(unknown.map(|reply| ((key, stored(reply.root())), place)));
    }
    let roots: Vec<_> = places.keys().copied().collect();
    for (key, thread) in threads::find(connection, &roots)? {
        if let Some(place) = places.get(&(key, stored(thread.root))) {
            rooms[*place].threads.insert(thread.root, thread);
        }
    }
    Ok(())
}

fn count_owned(connection: &mut Connection, owner: UserId) -> Result<u64, HistoryError> {
    let owned = rooms::table.filter(rooms::owner_id.eq(owner.get())).filter(rooms::deleted_at.is_null());
    let count: i64 = on_backend!(connection, c => owned.count().get_result(c))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Writes what the batch has come to. The ends of the logs first: from then on nobody else gives their offsets.
fn write(connection: &mut Connection, work: &mut Work) -> Result<(), HistoryError> {
    let mut moves = Vec::new();
    for work in work.rooms.iter().filter(|work| work.dirty.moved) {
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
    for room in work.rooms.iter_mut().filter(|room| room.dirty.moved) {
        room.key = Some(write_room(connection, room)?);
    }
    let key = |place: usize| work.rooms[place].key.unwrap_or_default();
    let events: Result<Vec<_>, _> = work
        .events
        .iter()
        .filter_map(|(place, event)| EventColumns::of(key(*place), event).transpose())
        .collect();
    let mut events = events?;
    events.sort_unstable_by_key(|row| (row.room_key, row.offset));
    EventColumns::insert(connection, &events)?;
    let mut messages: Vec<_> =
        work.events.iter().filter_map(|(place, event)| MessageColumns::of(key(*place), event)).collect();
    messages.sort_unstable_by_key(|row| (row.room_key, row.offset));
    MessageColumns::insert(connection, &messages)?;
    for room in work.rooms.iter().filter(|room| room.dirty.moved) {
        write_changes(connection, room)?;
    }
    for (place, event) in &work.events {
        reactions::apply(connection, key(*place), event)?;
        threads::apply(connection, key(*place), event)?;
        mentions::apply(connection, key(*place), event)?;
        moderation::apply(connection, key(*place), event)?;
        sanctions::apply(connection, key(*place), event)?;
        pins::apply(connection, key(*place), event)?;
        attachments::apply(connection, key(*place), event)?;
    }
    for (place, report) in &work.reports {
        reports::keep(connection, key(*place), report)?;
    }
    Ok(())
}

/// Writes what has changed of messages that were there before, and what they said then.
fn write_changes(connection: &mut Connection, work: &WorkRoom) -> Result<(), HistoryError> {
    let key = work.key.unwrap_or_default();
    for offset in &work.dirty.messages {
        let Some(message) = work.messages.get(offset) else { continue };
        let row = messages::table.find((key, stored(*offset)));
        on_backend!(&mut *connection, c => diesel::update(row).set(MessageState::from(message)).execute(c))?;
    }
    for offset in &work.dirty.bared {
        attachments::release(connection, key, *offset, Timestamp::now())?;
    }
    for thread in work.dirty.threads.iter().filter_map(|root| work.threads.get(root)) {
        threads::keep(connection, key, thread)?;
    }
    for (former, event) in &work.dirty.versions {
        let row = VersionColumns {
            room_key: key,
            message: stored(former.offset),
            offset: stored(event.offset),
            text: &former.text,
            data: former.data.as_deref(),
        };
        on_backend!(&mut *connection, c => diesel::insert_into(versions::table).values(row).execute(c))?;
    }
    Ok(())
}

/// Writes what has changed of a room besides its log, and of its members; returns its key.
fn write_room(connection: &mut Connection, work: &WorkRoom) -> Result<i64, HistoryError> {
    let id = &work.id;
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
        rooms::read_only.eq(room.read_only),
        rooms::slow_seconds.eq(i64::from(room.slow_seconds)),
        rooms::expire_seconds.eq(i64::from(room.expire_seconds)),
        rooms::filter.eq(filters::write(room.filter.as_ref())),
        rooms::retention_seconds.eq(Some(i64::from(room.retention_seconds)).filter(|seconds| *seconds > 0)),
    );
    let key = match work.key {
        None => on_backend!(&mut *connection, c => diesel::insert_into(rooms::table)
            .values((values, rooms::purged.eq(0), rooms::people.eq(people::write(&room.people))))
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
        let name_key = member.user.name_key();
        let columns = (
            members::username.eq(&member.user.username),
            members::username_key.eq(&name_key),
            members::display_name.eq(&member.user.display_name),
            members::role.eq(member.role.as_str()),
            members::joined_at.eq(member.joined_at.as_micros()),
            members::muted_until.eq(member.muted_until.map(Timestamp::as_micros)),
        );
        let row = (members::room_key.eq(key), members::user_id.eq(user.get()), columns);
        let joined = work.dirty.joined.get(user).map(|joined| members::read_offset.eq(stored(*joined)));
        match joined {
            Some(read) => on_backend!(&mut *connection, c => diesel::insert_into(members::table)
                .values((row, read))
                .on_conflict((members::room_key, members::user_id))
                .do_update()
                .set((columns, read))
                .execute(c))?,
            None => on_backend!(&mut *connection, c => diesel::update(members::table.find((key, user.get())))
                .set(columns)
                .execute(c))?,
        };
    }
    Ok(key)
}
