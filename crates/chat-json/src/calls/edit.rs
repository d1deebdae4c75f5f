//! Messages, edited and deleted.

use std::sync::Arc;

use chat_core::{Chat, MessageChanges, Profile};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{Data, EditMessage, ListVersions, NameMessage};
use crate::shape::{Message, Page, Version};
use crate::write::to_json;

/// `message.edit`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `message_deleted`, `not_a_member`, `forbidden`, `too_late`,
/// `too_many_requests`, and what is wrong with the values.
pub async fn edit_message(chat: Arc<Chat>, caller: Profile, request: EditMessage) -> Result {
    let EditMessage { room, offset, text, data } = request;
    let changes = MessageChanges { text, data: data.map(Data::into_string) };
    chat.edit(&caller, &room, offset, changes).await?;
    // With the caller's reactions, which the change does not tell.
    let message = chat.message(&caller, &room, offset).await?;
    Ok(Answer::Found(to_json(&Message::from(&message))))
}

/// `message.delete`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `not_a_member`, `forbidden`, `too_late`, `too_many_requests`.
pub async fn delete_message(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.delete(&caller, &request.room, request.offset).await?;
    Ok(Answer::Done)
}

/// `message.versions`: what it said before, the oldest first.
///
/// # Errors
/// `room_not_found`, `message_not_found`, `not_a_member`, `forbidden`, `limit_malformed`.
pub async fn list_versions(chat: Arc<Chat>, caller: Profile, request: ListVersions) -> Result {
    let ListVersions { room, offset, cursor, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let after = cursor.unwrap_or_default();
    let mut versions = chat.versions(&caller, &room, offset, after, size.fetch()).await?;
    let more = size.cut(&mut versions);
    let next = versions.last().filter(|_| more).map(|version| version.offset.to_string());
    Ok(Answer::Found(to_json(&Page { items: versions.iter().map(Version::from).collect(), next })))
}
