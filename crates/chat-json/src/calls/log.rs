//! A room's log.

use std::sync::Arc;

use chat_core::{Chat, Profile, Range};

use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::ListEvents;
use crate::shape::{Event, LogPage};
use crate::write::to_json;

/// `event.list`: the room's log, in the order of the offsets.
///
/// # Errors
/// `room_not_found`, `limit_malformed`, `format_malformed`, `events_gone`.
pub async fn list_events(chat: Arc<Chat>, caller: Profile, request: ListEvents) -> Result {
    let ListEvents { room, after, limit, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = Range::After(after.unwrap_or_default());
    let mut log = chat.log(&caller, &room, range, size.fetch()).await?;
    size.cut(&mut log.events);
    let end = log.access.room.offset;
    let last = log.events.last().map(|event| event.offset);
    let page = LogPage {
        items: log.events.iter().map(|event| Event::from(&**event).offered(format)).collect(),
        next: last.filter(|last| *last < end).map(|last| last.to_string()),
        first: log.access.room.first.get(),
        offset: end.get(),
        epoch: log.access.room.epoch.as_str(),
    };
    Ok(Answer::Found(to_json(&page)))
}
