//! How far people have read.

use std::sync::Arc;

use chat_core::{Chat, ChatError, InboxCursor, Problem, Profile, Timestamp};

use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{ListOwn, ListReaders, NameMessage};
use crate::shape::{InboxRoom, Page, ReadMark, User};
use crate::write::to_json;

/// `read.mark`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `offset_unknown`, `too_many_requests`.
pub async fn mark_read(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    let mark = chat.mark_read(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&ReadMark::from(&mark))))
}

/// `read.unmark`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `offset_unknown`, `too_many_requests`.
pub async fn mark_unread(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    let mark = chat.mark_unread(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&ReadMark::from(&mark))))
}

/// `reader.list`: by their ids.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `message_not_found`, `limit_malformed`.
pub async fn list_readers(chat: Arc<Chat>, caller: Profile, request: ListReaders) -> Result {
    let ListReaders { room, offset, cursor, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let mut readers = chat.readers(&caller, &room, offset, cursor, size.fetch()).await?;
    let more = size.cut(&mut readers);
    let next = readers.last().filter(|_| more).map(|reader| reader.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: readers.iter().map(User::from).collect(), next })))
}

/// `inbox.list`: the caller's rooms, those first where somebody wrote last.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`, `format_malformed`.
pub async fn list_inbox(chat: Arc<Chat>, caller: Profile, request: ListOwn) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let after = request.cursor.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let mut inbox = chat.inbox(&caller, after, size.fetch()).await?;
    let more = size.cut(&mut inbox);
    let place = |one: &chat_core::InboxRoom| format!("{}.{}", one.active_at.as_micros(), one.mark.room);
    let next = inbox.last().filter(|_| more).map(place);
    let items = inbox.iter().map(|one| InboxRoom::from(one).offered(request.format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// What is wrong with a cursor that no page has given.
#[must_use]
pub fn wrong_cursor() -> ChatError {
    ChatError::invalid("cursor", Problem::Malformed { expected: "the next of the page before" })
}

fn cursor(text: &str) -> Option<InboxCursor> {
    let (at, room) = text.split_once('.')?;
    Some(InboxCursor { active_at: Timestamp::from_micros(at.parse().ok()?), room: room.parse().ok()? })
}
