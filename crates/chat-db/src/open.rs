//! Connections and the schema.

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{Connection, DbError, DbSettings};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Opens a connection with the settings that every one has.
pub(crate) fn connect(settings: &DbSettings) -> Result<Connection, DbError> {
    let path = &settings.path;
    let open = |detail: String| DbError::Open { path: path.clone(), detail };
    let name = path.to_str().ok_or_else(|| open("its path is not UTF-8".to_owned()))?;
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty())
        && !directory.is_dir()
    {
        return Err(open(format!("{} is not a directory", directory.display())));
    }
    let mut connection = SqliteConnection::establish(name).map_err(|error| open(error.to_string()))?;
    // The time-out first, so that the others wait for another process. FULL: a commit is on the disk.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;",
        settings.timeout.as_millis()
    ))?;
    Ok(connection)
}

/// Applies what the schema lacks; returns the names of what was applied.
pub(crate) fn migrate(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let failed = |detail: String| DbError::Migration { detail };
    // Refused before anything is tried: a database that is only read cannot even be asked what it lacks.
    connection.immediate_transaction(|_| Ok::<_, diesel::result::Error>(()))?;
    let applied = connection.applied_migrations().map_err(|error| failed(error.to_string()))?;
    let known = known()?;
    if let Some(newer) =
        applied.iter().map(ToString::to_string).filter(|version| !known.contains(version)).min()
    {
        return Err(DbError::Newer { migration: newer });
    }
    let applied = connection.run_pending_migrations(MIGRATIONS).map_err(|error| failed(error.to_string()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

fn known() -> Result<Vec<String>, DbError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        MIGRATIONS.migrations().map_err(|error| DbError::Migration { detail: error.to_string() })?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
