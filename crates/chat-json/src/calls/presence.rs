//! Who is here.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::ListMembers;
use crate::shape::{Page, Present, User};
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
    let mut items: Vec<Present<'_>> = connected
        .chunk_by(|one, other| one.user.id == other.user.id)
        .map(|of_user| Present { user: User::from(&of_user[0].user), connections: of_user.len() as u64 })
        .take(size.fetch())
        .collect();
    let more = size.cut(&mut items);
    let next = items.last().filter(|_| more).map(|present| present.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items, next })))
}
