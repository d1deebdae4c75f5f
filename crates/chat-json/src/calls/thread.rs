//! Threads.

use std::sync::Arc;

use chat_core::{Chat, Offset, Profile, ThreadCursor, Timestamp};

use super::message::{next, range};
use super::read::wrong_cursor;
use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{GetMessage, ListOwn, ListReplies, NameMessage};
use crate::shape::{FollowedThread, Message, Page, ThreadView};
use crate::write::to_json;

/// `thread.get`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `format_malformed`.
pub async fn get_thread(chat: Arc<Chat>, caller: Profile, request: GetMessage) -> Result {
    let thread = chat.thread(&caller, &request.room, request.offset).await?;
    Ok(Answer::Found(to_json(&ThreadView::from(&thread).offered(request.format))))
}

/// `thread.messages`: its replies in ascending order, paged as `message.list`.
///
/// # Errors
/// `room_not_found`, `message_not_found`, `limit_malformed`, `format_malformed`, `before_malformed` when it is
/// given together with `after`.
pub async fn list_replies(chat: Arc<Chat>, caller: Profile, request: ListReplies) -> Result {
    let ListReplies { room, offset, before, after, limit, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let range = range(before, after)?;
    let mut replies = chat.replies(&caller, &room, offset, range, size.fetch()).await?;
    let next = next(&mut replies, range, size);
    let items = replies.iter().map(|reply| Message::from(reply).offered(format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

/// `thread.list`: the threads that the caller follows, those first where somebody replied last.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`, `format_malformed`.
pub async fn list_threads(chat: Arc<Chat>, caller: Profile, request: ListOwn) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let after = request.cursor.map(|text| cursor(&text).ok_or_else(wrong_cursor)).transpose()?;
    let mut followed = chat.followed(&caller, after, size.fetch()).await?;
    let more = size.cut(&mut followed);
    let next = followed.last().filter(|_| more).map(|thread| {
        let ThreadCursor { active_at, room, root } = thread.cursor();
        format!("{}.{root}.{room}", active_at.as_micros())
    });
    let items = followed.iter().map(|thread| FollowedThread::from(thread).offered(request.format)).collect();
    Ok(Answer::Found(to_json(&Page { items, next })))
}

fn cursor(text: &str) -> Option<ThreadCursor> {
    let (at, rest) = text.split_once('.')?;
    let (root, room) = rest.split_once('.')?;
    let active_at = Timestamp::from_micros(at.parse().ok()?);
    Some(ThreadCursor { active_at, room: room.parse().ok()?, root: Offset::new(root.parse().ok()?).ok()? })
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
