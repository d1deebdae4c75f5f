//! Bookmarks: messages that one keeps for oneself, of all rooms.

use std::sync::Arc;

use chat_core::{BookmarkCursor, Chat, Offset, Profile, Timestamp};

use super::read::wrong_cursor;
use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{AddBookmark, ListOwn, NameMessage};
use crate::shape::{Bookmark, Page};
use crate::write::to_json;

/// `bookmark.add`
///
/// # Errors
/// `room_not_found`, `banned`, `message_not_found`, `message_deleted`, `note_too_long`, `limit_reached`,
/// `too_many_requests`.
pub async fn add_bookmark(chat: Arc<Chat>, caller: Profile, request: AddBookmark) -> Result {
    let AddBookmark { room, offset, note } = request;
    let (bookmark, new) = chat.bookmark(&caller, &room, offset, note).await?;
    let json = to_json(&Bookmark::from(&bookmark));
    Ok(if new { Answer::Created(json) } else { Answer::Found(json) })
}

/// `bookmark.remove`
///
/// # Errors
/// `too_many_requests`.
pub async fn remove_bookmark(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.unbookmark(&caller, &request.room, request.offset).await?;
    Ok(Answer::Done)
}

/// `bookmark.list`: the latest first, without those in rooms that the caller may not read now.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`, `format_malformed`.
pub async fn list_bookmarks(chat: Arc<Chat>, caller: Profile, request: ListOwn) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let after = request.cursor.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let mut bookmarks = chat.bookmarks(&caller, after, size.fetch()).await?;
    let more = size.cut(&mut bookmarks);
    let next = bookmarks.last().filter(|_| more).map(|bookmark| {
        let BookmarkCursor { at, room, message } = bookmark.cursor();
        format!("{}.{message}.{room}", at.as_micros())
    });
    let items = bookmarks.iter().map(|bookmark| Bookmark::from(bookmark).offered(request.format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

fn cursor(text: &str) -> Option<BookmarkCursor> {
    let (at, rest) = text.split_once('.')?;
    let (message, room) = rest.split_once('.')?;
    let at = Timestamp::from_micros(at.parse().ok()?);
    Some(BookmarkCursor { at, room: room.parse().ok()?, message: Offset::new(message.parse().ok()?).ok()? })
}
