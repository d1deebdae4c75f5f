//! Reactions.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ListReacted, NameReaction};
use crate::shape::{Page, Reacted, ReactionCount};
use crate::write::to_json;

/// `reaction.add`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `message_deleted`, `not_a_member`, `forbidden`, `limit_reached`,
/// `too_many_requests`, `reaction_malformed`.
pub async fn add_reaction(chat: Arc<Chat>, caller: Profile, request: NameReaction) -> Result {
    let NameReaction { room, offset, reaction } = request;
    let (count, changed) = chat.react(&caller, &room, offset, reaction).await?;
    let json = to_json(&ReactionCount::from(&count));
    Ok(if changed { Answer::Created(json) } else { Answer::Found(json) })
}

/// `reaction.remove`
///
/// # Errors
/// `room_not_found`, `message_not_found`, `message_deleted`, `not_a_member`, `forbidden`, `too_many_requests`,
/// `reaction_malformed`.
pub async fn remove_reaction(chat: Arc<Chat>, caller: Profile, request: NameReaction) -> Result {
    let NameReaction { room, offset, reaction } = request;
    chat.unreact(&caller, &room, offset, reaction).await?;
    Ok(Answer::Done)
}

/// `reaction.list`: who has put it there, in the order in which they did.
///
/// # Errors
/// `room_not_found`, `message_not_found`, `reaction_malformed`, `limit_malformed`.
pub async fn list_reacted(chat: Arc<Chat>, caller: Profile, request: ListReacted) -> Result {
    let ListReacted { room, offset, reaction, cursor, limit } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let after = cursor.unwrap_or_default();
    let mut reacted = chat.reacted(&caller, &room, offset, &reaction, after, size.fetch()).await?;
    let more = size.cut(&mut reacted);
    let next = reacted.last().filter(|_| more).map(|one| one.offset.to_string());
    Ok(Answer::Found(to_json(&Page { items: reacted.iter().map(Reacted::from).collect(), next })))
}
