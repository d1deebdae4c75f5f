//! Attachments: the files that a message brings, and the port that gives links to their bytes.

use crate::{Timestamp, UploadId, UserId};

/// What a message says of a file that it brings. It never changes while the message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Attachment {
    /// The upload; with the message, the attachment's name.
    pub id: UploadId,
    /// The file's name for people: no path, no control characters, 1 to 255 bytes.
    pub name: String,
    /// What the bytes are, such as `image/png`: found in them, not told by whoever uploaded them.
    pub media_type: String,
    /// How many bytes there are.
    pub size: u64,
    /// How large the picture is, if it is one that can be shown.
    pub picture: Option<Dimensions>,
    /// How large the small picture is that was made of it; none where the picture is small itself.
    pub thumbnail: Option<Dimensions>,
}

/// Of a picture, the right way up, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dimensions {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// An upload that is complete and that no message has yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Who uploaded it: nobody else may attach it.
    pub owner: UserId,
    /// What a message will say of it.
    pub attachment: Attachment,
}

/// Which bytes of an attachment are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Variant {
    /// Those that were uploaded.
    #[default]
    Original,
    /// The small picture.
    Thumbnail,
}

/// Where bytes can be had for a while, by whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLink {
    /// Relative to the server: `/files/…`.
    pub url: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Gives links to what was uploaded.
pub trait FileLinks: Send + Sync + 'static {
    /// A link; none where no files are kept.
    fn link(&self, upload: UploadId, variant: Variant) -> Option<FileLink>;
}

/// Gives none: for a chat without files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl FileLinks for NoFiles {
    fn link(&self, _: UploadId, _: Variant) -> Option<FileLink> {
        None
    }
}
