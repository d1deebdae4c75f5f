//! Who writes now.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::{Answer, Result};
use crate::request::NameRoom;

/// `typing.start`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `too_many_requests`.
pub async fn start_typing(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.typing(&caller, &request.room, true).await?;
    Ok(Answer::Done)
}

/// `typing.stop`
///
/// # Errors
/// As [`start_typing`].
pub async fn stop_typing(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.typing(&caller, &request.room, false).await?;
    Ok(Answer::Done)
}
