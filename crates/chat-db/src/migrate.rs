//! The schema and its history: one tree of migrations for each engine, with the same names.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{Connection, DbError, DbSettings, on_backend, open};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Names the lock that programs starting at the same time take on a PostgreSQL database: "chat" and a number.
const LOCK: i64 = 0x6368_6174_0001;

/// Opens a connection and applies what the schema lacks; returns the names of what was applied.
pub(crate) fn migrate(settings: &DbSettings) -> Result<(Connection, Vec<String>), DbError> {
    let mut connection = Connection::open(settings)?;
    open::check_server(&mut connection)?;
    // All in one transaction: whoever starts meanwhile waits, and then finds nothing to do.
    let applied = connection.transaction(|connection| {
        lock(connection)?;
        refuse_newer(connection)?;
        let applied = match connection {
            Connection::Sqlite(c) => names(c.run_pending_migrations(SQLITE)),
            Connection::Postgres(c) => names(c.run_pending_migrations(POSTGRES)),
        };
        applied.map_err(failed)
    })?;
    Ok((connection, applied))
}

/// Takes back all migrations, the latest first; returns their names. What the tables hold is lost.
///
/// # Errors
/// [`DbError::Migration`], and as opening fails.
pub fn revert_all(settings: &DbSettings) -> Result<Vec<String>, DbError> {
    let mut connection = Connection::open(settings)?;
    connection.transaction(|connection| {
        lock(connection)?;
        let reverted = match connection {
            Connection::Sqlite(c) => names(c.revert_all_migrations(SQLITE)),
            Connection::Postgres(c) => names(c.revert_all_migrations(POSTGRES)),
        };
        reverted.map_err(failed)
    })
}

/// SQLite's write transaction is the lock. It waits as long as the other needs, on PostgreSQL too.
fn lock(connection: &mut Connection) -> Result<(), DbError> {
    if matches!(connection, Connection::Postgres(_)) {
        connection.take_time()?;
        connection.execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
    }
    Ok(())
}

impl Connection {
    /// Whether the schema is this program's.
    ///
    /// # Errors
    /// [`DbError::Older`], [`DbError::Newer`], [`DbError::Migration`]
    pub fn check_schema(&mut self) -> Result<(), DbError> {
        let (known, applied) = refuse_newer(self)?;
        let older = known.into_iter().filter(|version| !applied.contains(version)).min();
        older.map_or(Ok(()), |migration| Err(DbError::Older { migration }))
    }
}

/// The versions that are known, and those that are applied.
fn refuse_newer(connection: &mut Connection) -> Result<(Vec<String>, Vec<String>), DbError> {
    let known = match connection {
        Connection::Sqlite(_) => versions(MigrationSource::<Sqlite>::migrations(&SQLITE)),
        Connection::Postgres(_) => versions(MigrationSource::<Pg>::migrations(&POSTGRES)),
    };
    let known = known.map_err(failed)?;
    let applied = on_backend!(connection, c => c.applied_migrations()).map_err(failed)?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    match applied.iter().filter(|version| !known.contains(version)).min() {
        Some(newer) => Err(DbError::Newer { migration: newer.clone() }),
        None => Ok((known, applied)),
    }
}

/// The version of the newest migration; the engines have the same.
pub(crate) fn newest() -> Result<String, DbError> {
    let known = versions(MigrationSource::<Sqlite>::migrations(&SQLITE)).map_err(failed)?;
    Ok(known.into_iter().max().unwrap_or_default())
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn names(versions: Result<Vec<MigrationVersion<'_>>, Failure>) -> Result<Vec<String>, Failure> {
    Ok(versions?.iter().map(ToString::to_string).collect())
}

fn versions<Engine: diesel::backend::Backend>(
    migrations: Result<Vec<Box<dyn Migration<Engine>>>, Failure>,
) -> Result<Vec<String>, Failure> {
    Ok(migrations?.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn failed(error: Failure) -> DbError {
    DbError::Migration { detail: error.to_string() }
}
