//! What can go wrong on the way.

use std::io;
use std::path::PathBuf;

use chat_db::DbError;

/// Why nothing was moved: neither the file nor the database has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The file that would be written is there already.
    #[error("{} exists: name a file that does not", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line of the file is not what it should be.
    #[error("line {line}: {what}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The file as a whole is not what it should be.
    #[error("{0}")]
    Content(String),
    /// There is something in the database.
    #[error("the database {0} is not empty: import goes into an empty one")]
    NotEmpty(String),
    /// Only SQLite databases are files that can be copied.
    #[error("backup copies SQLite databases: for PostgreSQL use pg_dump, or export")]
    NotSqlite,
    /// The copy is damaged, and with it probably the database.
    #[error("the copy is damaged, and so may be the database: {0}")]
    Damaged(String),
    /// The database cannot be used.
    #[error("the database: {0}")]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for TransferError {
    fn from(error: diesel::result::Error) -> TransferError {
        TransferError::Db(error.into())
    }
}
