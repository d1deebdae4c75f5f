//! Files on their way to a message, and from it: kept in parts in a directory or an S3-compatible store, looked at when they are
//! complete, and handed out over signed links.
//!
//! [`Files`] is the door. What may attach and read is decided elsewhere: `chat-core` asks its store for complete uploads, and
//! links are made for those who may read the message.

mod collect;
mod error;
mod files;
mod kind;
mod link;
mod name;
mod parts;
mod picture;
#[cfg(test)]
mod plans;
mod rows;
mod schema;
mod settings;
mod storage;

pub use error::FilesError;
pub use files::{Download, Files, Transfer};
pub use kind::TypePattern;
pub use settings::FilesSettings;
pub use storage::{S3Settings, Storage};
