//! What can go wrong inside.

use chat_core::ChatError;
use chat_db::DbError;

/// Why a job of the store did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The rules refuse the command.
    #[error(transparent)]
    Refused(#[from] ChatError),
    /// The database cannot be used now.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A room is not as it was remembered.
    #[error("a room was changed by another node")]
    Stale,
    /// A row holds what was never written into it.
    #[error("the table {table} has a value that cannot be: {detail}")]
    Damaged {
        /// Where.
        table: &'static str,
        /// What.
        detail: String,
    },
}

impl HistoryError {
    /// Whether it comes of a command and not of the state that the database is in: another command may well
    /// succeed.
    pub fn is_of_commands(&self) -> bool {
        match self {
            HistoryError::Db(error) => matches!(error, DbError::Failed { .. }),
            HistoryError::Refused(_) | HistoryError::Damaged { .. } | HistoryError::Stale => true,
        }
    }

    /// What the caller is told. Why the database cannot be used, it says itself in the log.
    pub fn told(self) -> ChatError {
        match self {
            HistoryError::Refused(error) => error,
            HistoryError::Db(error @ (DbError::Failed { .. } | DbError::Damaged { .. })) => {
                log::error!("{error}");
                ChatError::Unavailable
            }
            HistoryError::Db(error) => {
                log::debug!("{error}");
                ChatError::Unavailable
            }
            HistoryError::Damaged { .. } | HistoryError::Stale => {
                log::error!("{self}");
                ChatError::Unavailable
            }
        }
    }
}

impl From<diesel::result::Error> for HistoryError {
    fn from(error: diesel::result::Error) -> HistoryError {
        HistoryError::Db(error.into())
    }
}
