//! Previews of links.

use std::sync::Arc;

use chat_core::{Chat, Profile};
use chat_markup::links;
use futures_util::future::join_all;

use super::{Answer, Result};
use crate::request::NameMessage;
use crate::shape::{Preview, Previews};
use crate::write::to_json;

/// `preview.list`: what the pages say of themselves to which the first links of the message lead.
///
/// # Errors
/// `previews_disabled`, `room_not_found`, `message_not_found`.
pub async fn list_previews(chat: Arc<Chat>, caller: Profile, request: NameMessage) -> Result {
    let previewer = chat.previewer()?;
    let message = chat.message(&caller, &request.room, request.offset).await?;
    let links = links(&message.text, chat_core::Preview::PER_MESSAGE);
    let previews = join_all(links.iter().map(|link| previewer.preview(link))).await;
    let items = previews.iter().flatten().map(Preview::from).collect();
    Ok(Answer::Found(to_json(&Previews { items })))
}
