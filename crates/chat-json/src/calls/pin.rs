//! Pins.

use std::sync::Arc;

use chat_core::{Chat, Offset, Profile};

use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{ListPins, NameMessage};
use crate::shape::{Page, Pin};
use crate::write::to_json;

/// `pin.add`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `message_deleted`, `not_a_member`, `forbidden`, `limit_reached`,
/// `too_many_requests`.
pub async fn add_pin(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.pin(&caller, &request.room, request.offset).await?;
    Ok(Answer::Done)
}

/// `pin.remove`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `not_a_member`, `forbidden`, `too_many_requests`.
pub async fn remove_pin(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.unpin(&caller, &request.room, request.offset).await?;
    Ok(Answer::Done)
}

/// `pin.list`: the message pinned last first.
///
/// # Errors
/// `room_not_found`, `banned`, `limit_malformed`, `format_malformed`.
pub async fn list_pins(chat: Arc<Chat>, caller: Profile, request: ListPins) -> Result {
    let ListPins { room, limit, cursor, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let mut pins = chat.pins(&caller, &room, cursor.unwrap_or(Offset::MAX), size.fetch()).await?;
    let more = size.cut(&mut pins);
    let next = pins.last().filter(|_| more).map(|pin| pin.offset.to_string());
    let items = pins.iter().map(|pin| Pin::from(pin).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}
