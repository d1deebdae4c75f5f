//! Messages that are sent later.

use std::sync::Arc;

use chat_core::{Chat, NewMessage, Profile, ScheduledChanges, ScheduledCursor, Timestamp};

use super::read::wrong_cursor;
use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ChangeScheduled, Data, ListScheduled, NameScheduled, ScheduleMessage};
use crate::shape::{Page, Scheduled};
use crate::write::to_json;

/// `scheduled.add`
///
/// # Errors
/// Those of `message.send` but `too_many_requests` of a slow room; `send_at_malformed` for what has passed or is too far ahead;
/// `limit_reached`.
pub async fn add_scheduled(chat: Arc<Chat>, caller: Profile, request: ScheduleMessage) -> Result {
    let ScheduleMessage { room, text, send_at, client_id, reply_to, data } = request;
    let message =
        NewMessage { text, data: data.map(Data::into_string), reply_to, client_id, ..NewMessage::default() };
    let (scheduled, new) = chat.schedule(&caller, &room, message, send_at.0).await?;
    let json = to_json(&Scheduled::from(&scheduled));
    Ok(if new { Answer::Created(json) } else { Answer::Found(json) })
}

/// `scheduled.get`
///
/// # Errors
/// `scheduled_not_found`.
pub async fn get_scheduled(chat: Arc<Chat>, caller: Profile, request: NameScheduled) -> Result {
    let scheduled = chat.scheduled(&caller, &request.id).await?;
    Ok(Answer::Found(to_json(&Scheduled::from(&scheduled))))
}

/// `scheduled.list`: by the time at which they are sent.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`.
pub async fn list_scheduled(chat: Arc<Chat>, caller: Profile, request: ListScheduled) -> Result {
    let ListScheduled { room, limit, cursor: after } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let after = after.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let mut list = chat.all_scheduled(&caller, room, after, size.fetch()).await?;
    let more = size.cut(&mut list);
    let place = |one: &chat_core::Scheduled| format!("{}.{}", one.send_at.as_micros(), one.id);
    let next = list.last().filter(|_| more).map(place);
    Ok(Answer::Found(to_json(&Page { items: list.iter().map(Scheduled::from).collect(), next })))
}

fn cursor(text: &str) -> Option<ScheduledCursor> {
    let (at, id) = text.split_once('.')?;
    Some(ScheduledCursor { send_at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
}

/// `scheduled.change`: one that was refused waits again.
///
/// # Errors
/// `scheduled_not_found`, `being_sent`, and those of `scheduled.add`.
pub async fn change_scheduled(chat: Arc<Chat>, caller: Profile, request: ChangeScheduled) -> Result {
    let ChangeScheduled { id, text, send_at, data } = request;
    let send_at = send_at.map(|send_at| send_at.0);
    let changes = ScheduledChanges { text, data: data.map(Data::into_string), send_at };
    let scheduled = chat.reschedule(&caller, &id, changes).await?;
    Ok(Answer::Found(to_json(&Scheduled::from(&scheduled))))
}

/// `scheduled.remove`
///
/// # Errors
/// `scheduled_not_found`, `being_sent`, `too_many_requests`.
pub async fn remove_scheduled(chat: Arc<Chat>, caller: Profile, request: NameScheduled) -> Result {
    chat.unschedule(&caller, &request.id).await?;
    Ok(Answer::Done)
}
