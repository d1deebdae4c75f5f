//! What can go wrong with the database.

use std::path::PathBuf;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the database could not be opened or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The file cannot be opened: its directory is missing, or the rights are.
    #[error("cannot open the database {}: {detail}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// The file can be read but not written.
    #[error("the database is read-only")]
    ReadOnly,
    /// The file is not a database, or is damaged.
    #[error("the database is damaged or no database: {detail}")]
    Damaged {
        /// What SQLite says.
        detail: String,
    },
    /// The schema has changes that this program does not know.
    #[error("the database was written by a newer version of this program: it has {migration}")]
    Newer {
        /// The first change that is not known.
        migration: String,
    },
    /// A change of the schema failed; the database is as it was before it.
    #[error("cannot bring the database up to date: {detail}")]
    Migration {
        /// What went wrong.
        detail: String,
    },
    /// Another process holds the file.
    #[error("the database is locked by another process")]
    Locked,
    /// The disk is full, or the file as large as it may be.
    #[error("the disk of the database is full")]
    DiskFull,
    /// Too many jobs wait.
    #[error("the database is busy")]
    Busy,
    /// The job waited too long and was not begun.
    #[error("the database did not get to it in time")]
    Timeout,
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// Anything else that the engine reports.
    #[error("the database failed: {detail}")]
    Failed {
        /// What it says.
        detail: String,
    },
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> DbError {
        let detail = error.to_string();
        // SQLite's conditions reach us as texts only; these are fixed in its sources (sqlite3ErrStr).
        let says = |text: &str| detail.contains(text);
        if says("disk is full") {
            DbError::DiskFull
        } else if says("readonly database") {
            DbError::ReadOnly
        } else if says("database is locked") || says("table is locked") {
            DbError::Locked
        } else if says("malformed") || says("file is not a database") {
            DbError::Damaged { detail }
        } else if matches!(&error, DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)) {
            DbError::Closed
        } else {
            DbError::Failed { detail }
        }
    }
}
