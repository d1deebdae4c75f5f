//! Messages, sent and read.

use std::sync::Arc;

use chat_core::{Chat, ChatError, NewMessage, Offset, Problem, Profile, Range};
use futures_util::future::BoxFuture;

use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{Data, GetMessage, ListMessages, SendMessage};
use crate::shape::{Message, Page};
use crate::write::to_json;

/// The message, and whether it was there before.
pub type Sent = BoxFuture<'static, std::result::Result<(Arc<chat_core::Message>, bool), ChatError>>;

/// `message.send`. The message takes its place in the order when this is called, not when the future is
/// polled.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `too_many_requests`, `unavailable`, and what is wrong with
/// the values.
pub fn send_message(chat: &Chat, caller: &Profile, request: SendMessage) -> BoxFuture<'static, Result> {
    let sent = send(chat, caller, request);
    Box::pin(async move {
        let (message, repeated) = sent.await?;
        // Whose reactions a repeated one has, is not known here.
        let json = to_json(&Message::in_event(&message));
        Ok(if repeated { Answer::Found(json) } else { Answer::Created(json) })
    })
}

/// The same, without an answer in JSON.
pub(crate) fn send(chat: &Chat, caller: &Profile, request: SendMessage) -> Sent {
    let SendMessage { room, text, attachments, client_id, reply_to, expires_in, data } = request;
    let data = data.map(Data::into_string);
    chat.send(caller, &room, NewMessage { text, data, attachments, reply_to, client_id, expires_in })
}

/// `message.get`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `format_malformed`.
pub async fn get_message(chat: Arc<Chat>, caller: Profile, request: GetMessage) -> Result {
    let message = chat.message(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&Message::from(&message).offered(request.format))))
}

/// `message.list`: in ascending order. `next` is what to continue with: as `after` where `after` was given,
/// as `before` otherwise.
///
/// # Errors
/// `room_not_found`, `limit_malformed`, `format_malformed`, `before_malformed` when it is given together with
/// `after`.
pub async fn list_messages(chat: Arc<Chat>, caller: Profile, request: ListMessages) -> Result {
    let ListMessages { room, before, after, limit, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = range(before, after)?;
    let mut messages = chat.messages(&caller, &room, range, size.fetch()).await?;
    let next = next(&mut messages, range, size);
    let items = messages.iter().map(|message| Message::from(message).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// The part of a list of messages that `before` and `after` name.
pub(super) fn range(before: Option<Offset>, after: Option<Offset>) -> std::result::Result<Range, ChatError> {
    match (before, after) {
        (None, None) => Ok(Range::Latest),
        (Some(before), None) => Ok(Range::Before(before)),
        (None, Some(after)) => Ok(Range::After(after)),
        (Some(_), Some(_)) => {
            let expected = "left out where after is given";
            Err(ChatError::invalid("before", Problem::Malformed { expected }))
        }
    }
}

/// Cuts a list of messages to its page, and says what to continue with.
pub(super) fn next(messages: &mut Vec<chat_core::Message>, range: Range, size: Size) -> Option<String> {
    let edge = match range {
        Range::After(_) => size.cut(messages).then(|| messages.last()),
        Range::Before(_) | Range::Latest => size.cut_front(messages).then(|| messages.first()),
    };
    edge.flatten().map(|message| message.offset.to_string())
}
