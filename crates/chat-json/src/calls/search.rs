//! Searches.

use std::sync::Arc;

use chat_core::{
    Chat, ChatError, Offset, Profile, Query, Search, SearchCursor, SearchOrder, SearchPlace, Timestamp,
};

use super::read::wrong_cursor;
use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{Has, SearchMessages};
use crate::shape::{Found, Page};
use crate::write::to_json;

/// `message.search`: in all rooms that the caller may read, or one.
///
/// # Errors
/// `search_disabled`, `q_malformed`, `q_too_long`, `room_not_found`, `banned`, `limit_malformed`, `cursor_malformed`,
/// `format_malformed`, `too_many_requests`.
pub async fn search_messages(chat: Arc<Chat>, caller: Profile, request: SearchMessages) -> Result {
    let SearchMessages { q, room, sender, after, before, has, order, limit, cursor, format } = request;
    if !chat.limits().search {
        return Err(ChatError::SearchDisabled.into());
    }
    let query = Query::parse(&q).map_err(|problem| ChatError::invalid("q", problem))?;
    let size = Size::new(limit, chat.limits().page)?;
    let cursor = cursor.map(|text| read_cursor(&text, order).ok_or_else(wrong_cursor)).transpose()?;
    let with_attachment = has.is_some_and(|Has::Attachment| true);
    let search = Search { query, room, sender, after, before, with_attachment, order, cursor };
    let page = chat.search(&caller, &search, size.limit()).await?;
    let next = page.next.map(|cursor| write_cursor(&cursor, order));
    let items = page.found.iter().map(|found| Found::from(found).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// The order is part of it: a place in one means nothing in the other.
fn write_cursor(cursor: &SearchCursor, order: SearchOrder) -> String {
    let SearchCursor { top, score, place: SearchPlace { at, room, offset } } = cursor;
    format!("{}.{score}.{}.{}.{offset}.{room}", letter(order), top.as_micros(), at.as_micros())
}

fn letter(order: SearchOrder) -> &'static str {
    match order {
        SearchOrder::Rank => "f",
        SearchOrder::Recent => "t",
    }
}

fn read_cursor(text: &str, order: SearchOrder) -> Option<SearchCursor> {
    let mut parts = text.splitn(6, '.');
    parts.next().filter(|part| *part == letter(order))?;
    let score = parts.next()?.parse().ok()?;
    let top = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let offset = Offset::new(parts.next()?.parse().ok()?).ok()?;
    let room = parts.next()?.parse().ok()?;
    Some(SearchCursor { top, score, place: SearchPlace { at, room, offset } })
}
