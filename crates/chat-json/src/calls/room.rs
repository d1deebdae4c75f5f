//! Rooms.

use std::sync::Arc;

use chat_core::{Chat, NewRoom, Profile, Role, RoomChanges, RoomFilter, RoomKind};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ChangeRoom, CreateRoom, ListRooms, NameRoom, OpenDirect};
use crate::shape::{Page, Room};
use crate::write::to_json;

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

/// `direct.open`: the direct room of the caller and these others, made where there is none yet.
///
/// # Errors
/// `users_count`, `users_unknown`, `users_malformed`, `limit_reached`, `too_many_requests`.
pub async fn open_direct(chat: Arc<Chat>, caller: Profile, request: OpenDirect) -> Result {
    let (room, made) = chat.open_direct(&caller, &request.users).await?;
    let json = to_json(&Room { role: Some(Role::Member.into()), ..Room::from(&room) });
    Ok(if made { Answer::Created(json) } else { Answer::Found(json) })
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
    let ChangeRoom { room, name, topic, kind, read_only, slow_seconds, expire_seconds, retention_seconds } =
        request;
    let changes =
        RoomChanges { name, topic, kind, read_only, slow_seconds, expire_seconds, retention_seconds };
    chat.change_room(&caller, &room, changes).await?;
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
