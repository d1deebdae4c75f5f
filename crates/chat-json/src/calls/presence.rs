//! Who is here.

use std::collections::HashMap;
use std::sync::Arc;

use chat_core::{Chat, Presence, Profile, Status, StatusChanges, UserId};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ListMembers, NameUser, SetPresence};
use crate::shape::{Page, Present, User, UserPresence};
use crate::write::to_json;

/// `presence.get`: the users connected to the room, by their ids, each once.
///
/// # Errors
/// `room_not_found`, `limit_malformed`.
pub async fn get_presence(chat: Arc<Chat>, caller: Profile, request: ListMembers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut connected = chat.presence(&caller, &request.room).await?;
    connected.retain(|presence| request.cursor.is_none_or(|cursor| presence.user.id > cursor));
    connected.sort_by_key(|presence| presence.user.id);
    let of_users: Vec<&[Presence]> =
        connected.chunk_by(|one, other| one.user.id == other.user.id).take(size.fetch()).collect();
    let users: Vec<UserId> = of_users.iter().map(|of_user| of_user[0].user.id).collect();
    let statuses: HashMap<UserId, Status> = chat.statuses(&users).await?.into_iter().collect();
    let mut items: Vec<Present<'_>> = of_users
        .into_iter()
        .map(|of_user| Present {
            user: User::from(&of_user[0].user),
            connections: of_user.len() as u64,
            availability: chat.availability(of_user).into(),
            status: statuses.get(&of_user[0].user.id).map_or("", |status| status.text.as_str()),
        })
        .collect();
    let more = size.cut(&mut items);
    let next = items.last().filter(|_| more).map(|present| present.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// `user.presence`: whether a user is there, and what they say of themselves.
///
/// # Errors
/// `user_not_found`.
pub async fn get_user_presence(chat: Arc<Chat>, caller: Profile, request: NameUser) -> Result {
    let presence = chat.user_presence(&caller, request.user).await?;
    Ok(Answer::Found(to_json(&UserPresence::from(&presence))))
}

/// `presence.set`
///
/// # Errors
/// `status_too_long`, `status_forbidden_character`, `too_many_requests`.
pub async fn set_presence(chat: Arc<Chat>, caller: Profile, request: SetPresence) -> Result {
    let changes = StatusChanges { text: request.status, hidden: request.hidden };
    let presence = chat.set_status(&caller, changes).await?;
    Ok(Answer::Found(to_json(&UserPresence::from(&presence))))
}
