//! The database: connections, threads, group commit and migrations.
//!
//! [`Db`] owns one writer thread and a few reader threads, each with a connection of its own. Reads are
//! snapshots; writes are gathered, committed together, and answered after the commit in their order.

mod db;
mod error;
mod open;
mod reader;
mod settings;
mod writer;

pub use db::Db;
pub use error::DbError;
pub use settings::DbSettings;

/// A connection to the database.
pub type Connection = diesel::sqlite::SqliteConnection;
