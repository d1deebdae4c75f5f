//! A connection to either engine.

use std::num::NonZeroU32;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryResult, SqliteConnection, sql_query};

/// The beginning of the number of a lock on named work. Locks are a whole database's, and several programs may share one, each
/// with a schema of its own.
const LOCK_OF_WORK: &str = "hashtextextended(concat(current_schema(), ' ', ";

/// A connection to one of the engines. [`on_backend!`](crate::on_backend) runs one Diesel expression on either.
pub enum Connection {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(PgConnection),
}

/// Runs an expression on the connection of whichever engine it is: it is compiled once for each.
///
/// `on_backend!(connection, c => users::table.count().get_result(c))`
#[macro_export]
macro_rules! on_backend {
    ($connection:expr, $bound:ident => $body:expr) => {
        match $connection {
            $crate::Connection::Sqlite($bound) => $body,
            $crate::Connection::Postgres($bound) => $body,
        }
    };
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Everything it reads is of one moment.
    Read,
    /// Reads see what others have committed until then.
    Write,
}

impl Connection {
    /// Runs a body inside a transaction in which everything that is read is of one moment. Nothing may be
    /// written.
    ///
    /// # Errors
    /// The body's, or that the transaction could not be begun or ended.
    pub fn snapshot<T, E: From<DieselError>>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin(Purpose::Read)?;
        self.end(body)
    }

    /// Runs a body inside a transaction that writes: all that it did is kept when it returns Ok, nothing when
    /// it does not. On SQLite it has the file for itself.
    ///
    /// # Errors
    /// The body's, or that the transaction could not be begun or committed.
    pub fn transaction<T, E: From<DieselError>>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin(Purpose::Write)?;
        self.end(body)
    }

    /// Inside a transaction: runs a body whose changes alone are taken back when it returns an error.
    ///
    /// # Errors
    /// The body's, or that the savepoint could not be set or ended, such as where there is no transaction any more.
    pub fn savepoint<T, E: From<DieselError>>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        // It would be a transaction of its own, whose changes nobody could take back.
        if self.depth().is_none_or(|depth| depth == 0) {
            return Err(DieselError::NotInTransaction.into());
        }
        on_backend!(&mut *self, c => AnsiTransactionManager::begin_transaction(c))?;
        self.end(body)
    }

    /// Writes something that changes nothing, in the current transaction: with its commit it is known that the disk
    /// takes more.
    ///
    /// # Errors
    /// The engine's.
    pub fn touch(&mut self) -> QueryResult<()> {
        match self {
            // The first page again.
            Connection::Sqlite(c) => c.batch_execute("PRAGMA user_version = 0"),
            // A transaction with a number has a record of its commit in the log.
            Connection::Postgres(c) => c.batch_execute("SELECT txid_current()"),
        }
    }

    /// Lifts the time-outs for the current transaction, for work that takes as long as it takes.
    ///
    /// # Errors
    /// The engine's.
    pub fn take_time(&mut self) -> QueryResult<()> {
        match self {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(c) => c.batch_execute(
                "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
                 SET LOCAL idle_in_transaction_session_timeout = 0;",
            ),
        }
    }

    /// Keeps all others from writing into these tables until the transaction ends, as SQLite does anyway.
    ///
    /// # Errors
    /// The engine's.
    pub fn have_alone(&mut self, tables: &[&str]) -> QueryResult<()> {
        match self {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(c) => {
                c.batch_execute(&format!("LOCK TABLE {} IN EXCLUSIVE MODE", tables.join(", ")))
            }
        }
    }

    /// Whether the transaction has work of this name for itself until it ends; false while another node's has. A program
    /// alone with its SQLite file always has. Who keeps its tables in another schema does other work.
    ///
    /// # Errors
    /// The engine's.
    pub fn try_lock(&mut self, work: &str) -> QueryResult<bool> {
        match self {
            Connection::Sqlite(_) => Ok(true),
            Connection::Postgres(c) => {
                let lock = sql::<Bool>("pg_try_advisory_xact_lock(")
                    .sql(LOCK_OF_WORK)
                    .bind::<Text, _>(work)
                    .sql("), 0))");
                diesel::select(lock).get_result(c)
            }
        }
    }

    /// As [`Connection::try_lock`], but waits for the other node's transaction; for work that is short and seldom.
    ///
    /// # Errors
    /// The engine's.
    pub fn lock(&mut self, work: &str) -> QueryResult<()> {
        match self {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(c) => {
                sql_query(format!("SELECT pg_advisory_xact_lock({LOCK_OF_WORK}$1), 0))"))
                    .bind::<Text, _>(work)
                    .execute(c)
                    .map(drop)
            }
        }
    }

    /// Runs statements that return nothing.
    ///
    /// # Errors
    /// The engine's.
    pub fn execute(&mut self, sql: &str) -> QueryResult<()> {
        on_backend!(self, c => c.batch_execute(sql))
    }

    pub(crate) fn begin(&mut self, purpose: Purpose) -> QueryResult<()> {
        match self {
            Connection::Sqlite(c) => {
                let sql = match purpose {
                    Purpose::Read => "BEGIN",
                    // One that reads first and then writes fails at once when another wrote in between.
                    Purpose::Write => "BEGIN IMMEDIATE",
                };
                AnsiTransactionManager::begin_transaction_sql(c, sql)
            }
            Connection::Postgres(c) => {
                let sql = match purpose {
                    Purpose::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    Purpose::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
                };
                AnsiTransactionManager::begin_transaction_sql(c, sql)
            }
        }
    }

    /// Commits what was begun last, or releases its savepoint.
    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        on_backend!(self, c => AnsiTransactionManager::commit_transaction(c))
    }

    /// Takes back what was done since the last beginning.
    pub(crate) fn roll_back(&mut self) -> QueryResult<()> {
        on_backend!(self, c => AnsiTransactionManager::rollback_transaction(c))
    }

    fn end<T, E: From<DieselError>>(
        &mut self,
        body: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        match body(self) {
            Ok(value) => {
                self.commit()?;
                Ok(value)
            }
            Err(error) => match self.roll_back() {
                // It was lost with the connection, or the engine had ended it: the error says why.
                Ok(()) | Err(DieselError::BrokenTransactionManager) => Err(error),
                Err(worse) => Err(worse.into()),
            },
        }
    }

    /// How many transactions and savepoints are open; none where that is not known.
    pub(crate) fn depth(&mut self) -> Option<u32> {
        on_backend!(self, c => {
            let depth = AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth();
            depth.ok().map(|depth| depth.map_or(0, NonZeroU32::get))
        })
    }

    /// Whether the connection can be used on after something failed on it, and what was open was taken back.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.depth() == Some(0) && self.execute("SELECT 1").is_ok()
    }
}
