//! A command in the transaction that keeps it: what the rules must know, what they decide, what is kept.

use std::sync::Arc;

use chat_core::rules::decide;
use chat_core::{
    Action, ClientId, Command, Decision, Event, EventBody, Facts, Limits, Message, Needs, Outcome, RoomId,
    Timestamp, UserId,
};
use chat_db::Connection;
use diesel::prelude::*;

use crate::body;
use crate::error::HistoryError;
use crate::read;
use crate::row::{MemberRow, RoomRow, kind_word, stored};
use crate::schema::{events, members, messages, rooms};

/// What a command came to.
pub(crate) struct Kept {
    pub outcome: Outcome,
    pub events: Vec<Arc<Event>>,
    /// The key of the room, if the command deleted it.
    pub deleted: Option<i64>,
}

/// Decides a command and keeps what was decided, or nothing.
pub(crate) fn execute(
    connection: &mut Connection,
    command: &Command,
    limits: &Limits,
) -> Result<Kept, HistoryError> {
    let (key, facts) = look_up(connection, command)?;
    let decision = decide(command, facts, limits)?;
    let key = match (key, &command.action) {
        (_, Action::CreateRoom(_)) => insert_room(connection, &decision)?,
        (Some(key), _) => key,
        // The rules refuse what needs a room that is not there.
        (None, _) => return Err(chat_core::ChatError::RoomNotFound.into()),
    };
    if !decision.events.is_empty() {
        keep(connection, key, &command.action, &decision)?;
    }
    let deleted = matches!(command.action, Action::DeleteRoom).then_some(key);
    let events = decision.events.into_iter().map(Arc::new).collect();
    Ok(Kept { outcome: decision.outcome, events, deleted })
}

fn look_up(connection: &mut Connection, command: &Command) -> Result<(Option<i64>, Facts), HistoryError> {
    let actor = command.actor.id;
    let Needs { target, rooms_owned, repeated, reply_to } = command.needs();
    let mut facts = Facts::at(Timestamp::now());
    if rooms_owned {
        facts.rooms_owned = count_owned(connection, actor)?;
    }
    let row: Option<(RoomRow, Option<MemberRow>)> = rooms::table
        .left_join(members::table.on(members::room_key.eq(rooms::key).and(members::user_id.eq(actor.get()))))
        .filter(rooms::id.eq(command.room.as_str()))
        .select((RoomRow::as_select(), Option::<MemberRow>::as_select()))
        .first(connection)
        .optional()?;
    let Some((room, member)) = row else { return Ok((None, facts)) };
    if room.deleted_at.is_some() {
        facts.room_deleted = true;
        return Ok((None, facts));
    }
    let key = room.key;
    facts.room = Some(room.room()?);
    facts.actor = member.map(MemberRow::member).transpose()?;
    if let Some(target) = target {
        facts.target = read::member(connection, key, target)?;
    }
    if let Some(client_id) = repeated {
        facts.repeated = find_sent(connection, key, &command.room, actor, &client_id)?;
    }
    if let Some(reply_to) = reply_to {
        facts.reply_to_exists = read::message(connection, key, &command.room, reply_to)?.is_some();
    }
    Ok((Some(key), facts))
}

fn count_owned(connection: &mut Connection, owner: UserId) -> Result<u64, HistoryError> {
    let owned = rooms::table.filter(rooms::owner_id.eq(owner.get())).filter(rooms::deleted_at.is_null());
    let count: i64 = owned.count().get_result(connection)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The message that this sender has sent under this name.
fn find_sent(
    connection: &mut Connection,
    key: i64,
    room: &RoomId,
    sender: UserId,
    client_id: &ClientId,
) -> Result<Option<Message>, HistoryError> {
    let offset: Option<i64> = messages::table
        .filter(messages::room_key.eq(key))
        .filter(messages::sender_id.eq(sender.get()))
        .filter(messages::client_id.eq(client_id.as_str()))
        .select(messages::offset)
        .first(connection)
        .optional()?;
    let offset = offset.and_then(|offset| chat_core::Offset::new(u64::try_from(offset).ok()?).ok());
    offset.map_or(Ok(None), |offset| read::message(connection, key, room, offset))
}

fn insert_room(connection: &mut Connection, decision: &Decision) -> Result<i64, HistoryError> {
    let room = &decision.room;
    Ok(diesel::insert_into(rooms::table)
        .values((
            rooms::id.eq(room.id.as_str()),
            rooms::name.eq(&room.name),
            rooms::topic.eq(&room.topic),
            rooms::kind.eq(kind_word(room.kind)),
            rooms::created_at.eq(room.created_at.as_micros()),
            rooms::owner_id.eq(room.owner.get()),
            rooms::epoch.eq(room.epoch.as_str()),
            rooms::offset.eq(stored(room.offset)),
            rooms::member_count.eq(signed(room.member_count)),
            rooms::purged.eq(0),
        ))
        .returning(rooms::key)
        .get_result(connection)?)
}

fn keep(
    connection: &mut Connection,
    key: i64,
    action: &Action,
    decision: &Decision,
) -> Result<(), HistoryError> {
    for event in &decision.events {
        insert_event(connection, key, event)?;
        project(connection, key, event)?;
    }
    let room = &decision.room;
    let row = rooms::table.find(key);
    // A message moves the log's end and nothing else: the rest of the row stays unwritten.
    if let Action::Send(_) = action {
        diesel::update(row).set(rooms::offset.eq(stored(room.offset))).execute(connection)?;
    } else {
        diesel::update(row)
            .set((
                rooms::name.eq(&room.name),
                rooms::topic.eq(&room.topic),
                rooms::kind.eq(kind_word(room.kind)),
                rooms::owner_id.eq(room.owner.get()),
                rooms::offset.eq(stored(room.offset)),
                rooms::member_count.eq(signed(room.member_count)),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn insert_event(connection: &mut Connection, key: i64, event: &Event) -> Result<(), HistoryError> {
    diesel::insert_into(events::table)
        .values((
            events::room_key.eq(key),
            events::offset.eq(stored(event.offset)),
            events::at.eq(event.at.as_micros()),
            events::actor_id.eq(event.actor.id.get()),
            events::actor_username.eq(&event.actor.username),
            events::actor_display_name.eq(&event.actor.display_name),
            events::kind.eq(event.body.kind()),
            events::body.eq(body::write(&event.body)?),
        ))
        .execute(connection)?;
    Ok(())
}

/// Brings the tables that show how things stand up to the event.
fn project(connection: &mut Connection, key: i64, event: &Event) -> Result<(), HistoryError> {
    match &event.body {
        EventBody::MessageCreated(message) => insert_message(connection, key, message),
        EventBody::MemberJoined(member) => {
            diesel::insert_into(members::table)
                .values((
                    members::room_key.eq(key),
                    members::user_id.eq(member.user.id.get()),
                    members::username.eq(&member.user.username),
                    members::display_name.eq(&member.user.display_name),
                    members::role.eq(member.role.as_str()),
                    members::joined_at.eq(member.joined_at.as_micros()),
                ))
                .execute(connection)?;
            Ok(())
        }
        EventBody::MemberLeft(member) => {
            diesel::delete(members::table.find((key, member.user.id.get()))).execute(connection)?;
            Ok(())
        }
        EventBody::MemberChanged(member) => {
            diesel::update(members::table.find((key, member.user.id.get())))
                .set(members::role.eq(member.role.as_str()))
                .execute(connection)?;
            Ok(())
        }
        EventBody::RoomDeleted => {
            diesel::update(rooms::table.find(key))
                .set(rooms::deleted_at.eq(event.at.as_micros()))
                .execute(connection)?;
            diesel::delete(members::table.filter(members::room_key.eq(key))).execute(connection)?;
            Ok(())
        }
        EventBody::RoomChanged { .. } => Ok(()),
    }
}

fn insert_message(connection: &mut Connection, key: i64, message: &Message) -> Result<(), HistoryError> {
    diesel::insert_into(messages::table)
        .values((
            messages::room_key.eq(key),
            messages::offset.eq(stored(message.offset)),
            messages::sender_id.eq(message.sender.id.get()),
            messages::text.eq(&message.text),
            messages::data.eq(message.data.as_deref()),
            messages::reply_to.eq(message.reply_to.map(stored)),
            messages::client_id.eq(message.client_id.as_ref().map(ClientId::as_str)),
        ))
        .execute(connection)?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
