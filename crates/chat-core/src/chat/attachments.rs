//! Attachments: links to their bytes.

use super::Chat;
use crate::{ChatError, FileLink, Offset, Problem, Profile, RoomId, UploadId, Variant};

impl Chat {
    /// A link to the bytes of a message's attachment, for as long as the configuration says. Whoever has it needs no more
    /// than that; so it is short-lived, and given to those alone who may read the message now.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Banned`], [`ChatError::MessageNotFound`], [`ChatError::AttachmentNotFound`],
    /// [`ChatError::Invalid`] for a thumbnail where there is none, [`ChatError::Unavailable`].
    pub async fn attachment_link(
        &self,
        caller: &Profile,
        room: &RoomId,
        message: Offset,
        attachment: UploadId,
        variant: Variant,
    ) -> Result<FileLink, ChatError> {
        let message = self.message(caller, room, message).await?;
        let attachment = message.attachments.iter().find(|one| one.id == attachment);
        let attachment = attachment.ok_or(ChatError::AttachmentNotFound)?;
        if variant == Variant::Thumbnail && attachment.thumbnail.is_none() {
            return Err(ChatError::invalid(
                "variant",
                Problem::Unknown { what: "thumbnail of this attachment" },
            ));
        }
        self.files.link(attachment.id, variant).ok_or(ChatError::AttachmentNotFound)
    }
}
