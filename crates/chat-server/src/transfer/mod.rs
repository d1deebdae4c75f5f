//! Moving everything from one database to another, and copies of a database.

mod backup;
mod error;
mod export;
mod file;
mod import;
mod progress;
mod record;

pub use backup::backup;
pub use error::TransferError;
pub use export::export;
pub use import::import;
