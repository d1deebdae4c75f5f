//! Threads.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::message::{next, range};
use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ListReplies, NameMessage};
use crate::shape::{Message, Page, ThreadView};
use crate::write::to_json;

/// `thread.get`
///
/// # Errors
/// `room_not_found`, `message_not_found`.
pub async fn get_thread(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    let thread = chat.thread(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&ThreadView::from(&thread))))
}

/// `thread.messages`: its replies in ascending order, paged as `message.list`.
///
/// # Errors
/// `room_not_found`, `message_not_found`, `limit_malformed`, `before_malformed` when it is given together with
/// `after`.
pub async fn list_replies(chat: Arc<Chat>, caller: Profile, request: ListReplies) -> Result {
    let ListReplies { room, offset, before, after, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = range(before, after)?;
    let mut replies = chat.replies(&caller, &room, offset, range, size.fetch()).await?;
    let next = next(&mut replies, range, size);
    Ok(Answer::Found(to_json(&Page { items: replies.iter().map(Message::from).collect(), next })))
}

/// `thread.follow`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `not_a_member`.
pub async fn follow_thread(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.follow(&caller, &request.room, request.offset, true).await?;
    Ok(Answer::Done)
}

/// `thread.unfollow`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `not_a_member`.
pub async fn unfollow_thread(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    chat.follow(&caller, &request.room, request.offset, false).await?;
    Ok(Answer::Done)
}
