//! Attachments: which uploads a message may bring.

use super::Deed;
use crate::{Attachment, Limits, Problem, UploadId, Violation};

const FIELD: &str = "attachments";

impl Deed<'_> {
    /// What a message says of these uploads, or what is wrong with them. Another user's is as unknown as one that was never
    /// there, that is not complete, or that another message has.
    pub(super) fn attachments(
        &self,
        uploads: &[UploadId],
        limits: &Limits,
    ) -> Result<Vec<Attachment>, Violation> {
        let most = limits.attachments_per_message;
        let wrong = |problem| Violation { field: FIELD, problem };
        if uploads.len() > most {
            return Err(wrong(Problem::Count { least: 0, most, what: "uploads" }));
        }
        let mut attachments: Vec<Attachment> = Vec::with_capacity(uploads.len());
        for id in uploads {
            if attachments.iter().any(|attachment| attachment.id == *id) {
                return Err(wrong(Problem::Malformed { expected: "a list that names each upload once" }));
            }
            let own = |upload: &&&crate::Upload| upload.attachment.id == *id && upload.owner == self.actor.id;
            let upload = self.facts.uploads.iter().find(own);
            let upload = upload.ok_or_else(|| {
                wrong(Problem::Unknown { what: "complete upload of yours that no message has" })
            })?;
            attachments.push(upload.attachment.clone());
        }
        Ok(attachments)
    }
}
