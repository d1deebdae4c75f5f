//! What can go wrong with files.

use chat_db::DbError;

/// Why a call about files was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// There is no such upload, or it is another user's, or it has ended.
    #[error("there is no such upload")]
    NotFound,
    /// The part does not begin where the kept bytes end.
    #[error("the upload goes on at byte {offset}")]
    WrongOffset {
        /// Where they end.
        offset: u64,
    },
    /// The file is larger than is taken, or has more bytes than were announced.
    #[error("the file must be at most {limit} bytes long")]
    TooLarge {
        /// The most.
        limit: u64,
    },
    /// It comes in too many pieces; nothing more of it is taken.
    #[error("the file comes in more than {limit} pieces: begin anew with larger ones")]
    TooManyParts {
        /// The most.
        limit: usize,
    },
    /// Files of this type are not taken here. The upload is gone.
    #[error("files of the type {found} are not taken here")]
    TypeNotAllowed {
        /// What the bytes are.
        found: String,
    },
    /// The picture has too many pixels to be looked at. The upload is gone.
    #[error("a picture must have at most {limit} pixels")]
    PictureTooLarge {
        /// The most.
        limit: u64,
    },
    /// The user has as many uploads that no message has, or as many bytes of them, as are allowed.
    #[error("the limit of {limit} {what} is reached")]
    LimitReached {
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// A message has it: it ends with the message.
    #[error("a message has this file: delete the message")]
    Attached,
    /// The link was not made by this server.
    #[error("this link is not valid")]
    LinkInvalid,
    /// It was good once: get a new one.
    #[error("this link has expired")]
    LinkExpired,
    /// The bytes stopped coming. What came is kept.
    #[error("the bytes stopped coming; the upload goes on at byte {offset}")]
    Cut {
        /// Where it goes on.
        offset: u64,
    },
    /// Too many files are being received or looked at: try again later.
    #[error("too many files are being received: try again")]
    Busy,
    /// Where the bytes are kept cannot be used now.
    #[error("the store of files: {detail}")]
    Storage {
        /// What it says.
        detail: String,
    },
    /// The database cannot be used now.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for FilesError {
    fn from(error: diesel::result::Error) -> FilesError {
        FilesError::Db(error.into())
    }
}

impl From<object_store::Error> for FilesError {
    fn from(error: object_store::Error) -> FilesError {
        FilesError::Storage { detail: error.to_string() }
    }
}
