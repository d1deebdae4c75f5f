//! Word filters.

use std::sync::Arc;

use chat_core::{Chat, NewFilter, Profile};

use super::{Answer, Result};
use crate::request::{NameRoom, SetFilter};
use crate::shape::Filter;
use crate::write::to_json;

/// `filter.get`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `direct_room`.
pub async fn get_filter(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    let filter = chat.filter(&caller, &request.room).await?;
    Ok(Answer::Found(to_json(&Filter::from(filter.as_deref()))))
}

/// `filter.set`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `direct_room`, `action_malformed`, `words_count`, `words_malformed`.
pub async fn set_filter(chat: Arc<Chat>, caller: Profile, request: SetFilter) -> Result {
    let SetFilter { room, action, words } = request;
    let room = chat.set_filter(&caller, &room, Some(NewFilter { action, words })).await?;
    Ok(Answer::Found(to_json(&Filter::from(room.filter.as_deref()))))
}

/// `filter.remove`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `direct_room`.
pub async fn remove_filter(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.set_filter(&caller, &request.room, None).await?;
    Ok(Answer::Done)
}
