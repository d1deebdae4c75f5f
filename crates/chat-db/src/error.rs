//! What can go wrong with the database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the database could not be opened or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The file cannot be opened, or the server not reached.
    #[error("cannot open the database {database}: {detail}")]
    Open {
        /// The file, or the URL without its password.
        database: String,
        /// What the system or the server says.
        detail: String,
    },
    /// The server keeps texts in another encoding than UTF-8.
    #[error("the database keeps texts as {encoding}: make one with ENCODING 'UTF8' TEMPLATE template0")]
    Encoding {
        /// PostgreSQL's name of it.
        encoding: String,
    },
    /// It can be read but not written.
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
    /// The schema lacks changes.
    #[error("the database lacks {migration}: bring it up to date first")]
    Older {
        /// The first that it lacks.
        migration: String,
    },
    /// A change of the schema failed; the database is as it was before it.
    #[error("cannot bring the database up to date: {detail}")]
    Migration {
        /// What went wrong.
        detail: String,
    },
    /// Someone else holds what is needed: another process the file, another connection a row.
    #[error("the database is locked by another process")]
    Locked,
    /// The disk is full, or the file as large as it may be.
    #[error("the disk of the database is full")]
    DiskFull,
    /// Too many jobs wait.
    #[error("the database is busy")]
    Busy,
    /// The answer took too long; a job that had not begun will not be.
    #[error("the database did not get to it in time")]
    Timeout,
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// The connection was cut; whether what was under way was kept is open.
    #[error("the connection to the database is lost: {detail}")]
    Lost {
        /// What the library says.
        detail: String,
    },
    /// Anything else that the engine reports.
    #[error("the database failed: {detail}")]
    Failed {
        /// What it says.
        detail: String,
    },
}

/// What the engines say, and what it means. Diesel hands on texts only: SQLite's are fixed in its sources
/// (sqlite3ErrStr), PostgreSQL's are those of a server that speaks English; any other is `Failed`.
const SAYINGS: [(&str, DbError); 9] = [
    ("disk is full", DbError::DiskFull),
    ("No space left on device", DbError::DiskFull),
    ("File too large", DbError::DiskFull),
    ("readonly database", DbError::ReadOnly),
    ("read-only transaction", DbError::ReadOnly),
    ("database is locked", DbError::Locked),
    ("table is locked", DbError::Locked),
    ("due to lock timeout", DbError::Locked),
    ("due to statement timeout", DbError::Timeout),
];

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> DbError {
        let detail = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; ");
        let says = |text: &str| detail.contains(text);
        if matches!(&error, DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _))
            || matches!(&error, DieselError::BrokenTransactionManager)
            || says("terminating connection")
            || says("no connection to the server")
        {
            DbError::Lost { detail }
        } else if let Some((_, known)) = SAYINGS.iter().find(|(text, _)| says(text)) {
            known.clone()
        } else if says("malformed") || says("file is not a database") {
            DbError::Damaged { detail }
        } else {
            DbError::Failed { detail }
        }
    }
}
