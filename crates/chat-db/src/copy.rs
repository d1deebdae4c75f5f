//! Copies of a SQLite database.

use std::path::Path;

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{SqliteConnection, sql_query};

use crate::{Connection, DbError};

impl Connection {
    /// Writes all that a SQLite database holds now into a file that is empty or not there; others write on
    /// meanwhile. Blocks.
    ///
    /// # Errors
    /// [`DbError`]; on PostgreSQL always.
    pub fn copy_into(&mut self, path: &Path) -> Result<(), DbError> {
        let Connection::Sqlite(connection) = self else {
            return Err(DbError::Failed { detail: "only SQLite databases are files".to_owned() });
        };
        let name = path.to_str().ok_or_else(|| DbError::Open {
            database: path.display().to_string(),
            detail: "its path is not UTF-8".to_owned(),
        })?;
        Ok(connection.batch_execute(&format!("VACUUM INTO '{}'", name.replace('\'', "''")))?)
    }
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

/// Looks through a SQLite file for damage; what it finds first. The file is left as it is. Blocks.
///
/// # Errors
/// [`DbError`] when it cannot even be read.
pub fn find_damage(path: &Path) -> Result<Option<String>, DbError> {
    let open = |detail: String| DbError::Open { database: path.display().to_string(), detail };
    let name = path.to_str().ok_or_else(|| open("its path is not UTF-8".to_owned()))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| open(error.to_string()))?;
    let findings: Vec<Finding> = sql_query("PRAGMA quick_check(1)").load(&mut connection)?;
    Ok(findings.into_iter().map(|finding| finding.quick_check).find(|finding| finding != "ok"))
}
