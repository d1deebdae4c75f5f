//! The calls, each once, for every wire.

use std::sync::Arc;

use chat_core::{
    Chat, ChatError, NewMessage, NewRoom, Problem, Profile, Range, Role, RoomChanges, RoomFilter, RoomKind,
};
use futures_util::future::BoxFuture;

use crate::error::CallError;
use crate::page::Size;
use crate::request::{
    AddMember, ChangeRoom, CreateRoom, Data, ListEvents, ListMembers, ListMessages, ListRooms, NameMember,
    NameMessage, NameRoom, SendMessage, SetMember,
};
use crate::shape::{Event, LogPage, Member, Message, Page, Present, Room, User};
use crate::write::to_json;

/// What a call answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What was asked for, or is now, in JSON.
    Found(String),
    /// What was made, in JSON.
    Created(String),
    /// Nothing but that it is done.
    Done,
}

impl Answer {
    /// The answer in JSON; an empty object where there is nothing to say.
    #[must_use]
    pub fn into_json(self) -> String {
        match self {
            Answer::Found(json) | Answer::Created(json) => json,
            Answer::Done => "{}".to_owned(),
        }
    }
}

/// What becomes of a call.
pub type Result<T = Answer> = std::result::Result<T, CallError>;

/// `room.create`
///
/// # Errors
/// `room_exists`, `limit_reached`, and what is wrong with the values.
pub async fn create_room(chat: Arc<Chat>, caller: Profile, request: CreateRoom) -> Result {
    let CreateRoom { id, name, topic, kind } = request;
    let new = NewRoom { name, topic: topic.unwrap_or_default(), kind: kind.unwrap_or(RoomKind::Public) };
    let room = chat.create_room(&caller, id, new).await?;
    Ok(Answer::Created(to_json(&Room { role: Some(Role::Owner.into()), ..Room::from(&room) })))
}

/// `room.get`
///
/// # Errors
/// `room_not_found`.
pub async fn get_room(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    Ok(Answer::Found(to_json(&Room::from(&chat.room(&caller, &request.room).await?))))
}

/// `room.list`
///
/// # Errors
/// `limit_malformed`.
pub async fn list_rooms(chat: Arc<Chat>, caller: Profile, request: ListRooms) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let filter = if request.mine == Some(true) { RoomFilter::Mine } else { RoomFilter::Public };
    let mut rooms = chat.rooms(&caller, filter, request.cursor, size.fetch()).await?;
    let more = size.cut(&mut rooms);
    let next = rooms.last().filter(|_| more).map(|access| access.room.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: rooms.iter().map(Room::from).collect(), next })))
}

/// `room.change`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, and what is wrong with the values.
pub async fn change_room(chat: Arc<Chat>, caller: Profile, request: ChangeRoom) -> Result {
    let ChangeRoom { room, name, topic, kind } = request;
    chat.change_room(&caller, &room, RoomChanges { name, topic, kind }).await?;
    // With the caller's role, which the change does not tell.
    Ok(Answer::Found(to_json(&Room::from(&chat.room(&caller, &room).await?))))
}

/// `room.delete`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`.
pub async fn delete_room(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.delete_room(&caller, &request.room).await?;
    Ok(Answer::Done)
}

/// `room.join`
///
/// # Errors
/// `room_not_found`, `limit_reached`.
pub async fn join(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    Ok(member_answer(chat.join(&caller, &request.room).await?))
}

/// `room.leave`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `owner_required`.
pub async fn leave(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.remove(&caller, &request.room, caller.id).await?;
    Ok(Answer::Done)
}

/// `member.list`: by their ids.
///
/// # Errors
/// `room_not_found`, `limit_malformed`.
pub async fn list_members(chat: Arc<Chat>, caller: Profile, request: ListMembers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut members = chat.members(&caller, &request.room, request.cursor, size.fetch()).await?;
    let more = size.cut(&mut members);
    let next = members.last().filter(|_| more).map(|member| member.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: members.iter().map(Member::from).collect(), next })))
}

/// `member.add`: invites another, or joins. One who is a member stays as they are.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `limit_reached`, `user_unknown`, `role_malformed`.
pub async fn add_member(chat: Arc<Chat>, caller: Profile, request: AddMember) -> Result {
    let AddMember { room, user, role } = request;
    if user != caller.id {
        let role = role.unwrap_or(Role::Member);
        return Ok(member_answer(chat.invite(&caller, &room, user, role).await?));
    }
    // Whoever joins becomes a member; asking for more must not look as if it had been granted.
    if role.is_some_and(|role| role != Role::Member) {
        let expected = "member, or left out, for one who joins";
        return Err(ChatError::invalid("role", Problem::Malformed { expected }).into());
    }
    Ok(member_answer(chat.join(&caller, &room).await?))
}

/// `member.set`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`, `owner_required`.
pub async fn set_member(chat: Arc<Chat>, caller: Profile, request: SetMember) -> Result {
    let member = chat.set_role(&caller, &request.room, request.user, request.role).await?;
    Ok(Answer::Found(to_json(&Member::from(&member))))
}

/// `member.remove`: removes another, or leaves.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`, `owner_required`.
pub async fn remove_member(chat: Arc<Chat>, caller: Profile, request: NameMember) -> Result {
    chat.remove(&caller, &request.room, request.user).await?;
    Ok(Answer::Done)
}

/// `message.send`. The message takes its place in the order when this is called, not when the future is
/// polled.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `too_many_requests`, `unavailable`, and what is wrong with
/// the values.
pub fn send_message(chat: &Chat, caller: &Profile, request: SendMessage) -> BoxFuture<'static, Result> {
    let SendMessage { room, text, client_id, reply_to, data } = request;
    let message = NewMessage { text, data: data.map(Data::into_string), reply_to, client_id };
    let sent = chat.send(caller, &room, message);
    Box::pin(async move {
        let (message, repeated) = sent.await?;
        let json = to_json(&Message::from(&message));
        Ok(if repeated { Answer::Found(json) } else { Answer::Created(json) })
    })
}

/// `message.get`
///
/// # Errors
/// `room_not_found`, `message_not_found`.
pub async fn get_message(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    let message = chat.message(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&Message::from(&message))))
}

/// `message.list`: in ascending order. `next` is what to continue with: as `after` where `after` was given,
/// as `before` otherwise.
///
/// # Errors
/// `room_not_found`, `limit_malformed`, `before_malformed` when it is given together with `after`.
pub async fn list_messages(chat: Arc<Chat>, caller: Profile, request: ListMessages) -> Result {
    let ListMessages { room, before, after, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = match (before, after) {
        (None, None) => Range::Latest,
        (Some(before), None) => Range::Before(before),
        (None, Some(after)) => Range::After(after),
        (Some(_), Some(_)) => {
            let expected = "left out where after is given";
            return Err(ChatError::invalid("before", Problem::Malformed { expected }).into());
        }
    };
    let mut messages = chat.messages(&caller, &room, range, size.fetch()).await?;
    let edge = match range {
        Range::After(_) => size.cut(&mut messages).then(|| messages.last()),
        Range::Before(_) | Range::Latest => size.cut_front(&mut messages).then(|| messages.first()),
    };
    let next = edge.flatten().map(|message| message.offset.to_string());
    Ok(Answer::Found(to_json(&Page { items: messages.iter().map(Message::from).collect(), next })))
}

/// `event.list`: the room's log, in the order of the offsets.
///
/// # Errors
/// `room_not_found`, `limit_malformed`.
pub async fn list_events(chat: Arc<Chat>, caller: Profile, request: ListEvents) -> Result {
    let ListEvents { room, after, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = Range::After(after.unwrap_or_default());
    let mut log = chat.log(&caller, &room, range, size.fetch()).await?;
    size.cut(&mut log.events);
    let end = log.access.room.offset;
    let last = log.events.last().map(|event| event.offset);
    let page = LogPage {
        items: log.events.iter().map(|event| Event::from(&**event)).collect(),
        next: last.filter(|last| *last < end).map(|last| last.to_string()),
        offset: end.get(),
        epoch: log.access.room.epoch.as_str(),
    };
    Ok(Answer::Found(to_json(&page)))
}

/// `presence.get`: the users connected to the room, by their ids, each once.
///
/// # Errors
/// `room_not_found`, `limit_malformed`.
pub async fn get_presence(chat: Arc<Chat>, caller: Profile, request: ListMembers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut connected = chat.presence(&caller, &request.room).await?;
    connected.retain(|presence| request.cursor.is_none_or(|cursor| presence.user.id > cursor));
    connected.sort_by_key(|presence| presence.user.id);
    let mut items: Vec<Present<'_>> = connected
        .chunk_by(|one, other| one.user.id == other.user.id)
        .map(|of_user| Present { user: User::from(&of_user[0].user), connections: of_user.len() as u64 })
        .take(size.fetch())
        .collect();
    let more = size.cut(&mut items);
    let next = items.last().filter(|_| more).map(|present| present.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items, next })))
}

fn member_answer((member, changed): (chat_core::Member, bool)) -> Answer {
    let json = to_json(&Member::from(&member));
    if changed { Answer::Created(json) } else { Answer::Found(json) }
}
