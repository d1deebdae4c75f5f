//! The database: SQLite or PostgreSQL, threads, group commit and migrations.
//!
//! [`Db`] owns threads that read and threads that write, each with a connection of its own. Reads are snapshots;
//! writes are gathered, committed together, and answered after the commit in their order. A connection that is
//! cut comes back by itself.

mod connection;
mod copy;
mod db;
mod error;
mod latency;
mod link;
mod migrate;
mod open;
mod reader;
mod settings;
mod url;
mod writer;

pub use connection::Connection;
pub use copy::find_damage;
pub use db::{Db, Lane, Manner};
pub use error::DbError;
pub use latency::CommitLatency;
pub use migrate::revert_all;
pub use settings::DbSettings;
pub use url::{DbUrl, InvalidUrl};
