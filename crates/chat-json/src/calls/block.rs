//! Blocks: whose direct messages one wants to have no more.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{ListUsers, NameUser};
use crate::shape::{Block, Page};
use crate::write::to_json;

/// `block.add`
///
/// # Errors
/// `user_unknown`, `user_malformed` for the caller, `limit_reached`, `too_many_requests`.
pub async fn add_block(chat: Arc<Chat>, caller: Profile, request: NameUser) -> Result {
    let (block, new) = chat.block(&caller, request.user).await?;
    let json = to_json(&Block::from(&block));
    Ok(if new { Answer::Created(json) } else { Answer::Found(json) })
}

/// `block.remove`
///
/// # Errors
/// `too_many_requests`.
pub async fn remove_block(chat: Arc<Chat>, caller: Profile, request: NameUser) -> Result {
    chat.unblock(&caller, request.user).await?;
    Ok(Answer::Done)
}

/// `block.list`: by their ids.
///
/// # Errors
/// `limit_malformed`, `cursor_malformed`.
pub async fn list_blocks(chat: Arc<Chat>, caller: Profile, request: ListUsers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut blocks = chat.blocks(&caller, request.cursor, size.fetch()).await?;
    let more = size.cut(&mut blocks);
    let next = blocks.last().filter(|_| more).map(|block| block.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: blocks.iter().map(Block::from).collect(), next })))
}
