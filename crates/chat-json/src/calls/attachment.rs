//! Attachments.

use std::sync::Arc;

use chat_core::{Chat, Profile};

use super::{Answer, Result};
use crate::request::NameAttachment;
use crate::shape::FileLink;
use crate::write::to_json;

/// `attachment.link`: where its bytes can be had, for a few minutes and without a log-in.
///
/// # Errors
/// `room_not_found`, `message_not_found`, `attachment_not_found`, `attachment_malformed`, `variant_malformed`,
/// `variant_unknown`.
pub async fn link_attachment(chat: Arc<Chat>, caller: Profile, request: NameAttachment) -> Result {
    let NameAttachment { room, offset, attachment, variant } = request;
    let link = chat.attachment_link(&caller, &room, offset, attachment, variant).await?;
    Ok(Answer::Found(to_json(&FileLink::from(&link))))
}
