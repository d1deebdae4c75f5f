//! The database on real files.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on shall panic; its tables explain themselves"
)]

mod opening;
mod writing;

use chat_db::{Connection, Db, DbError, DbSettings};
use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use diesel::prelude::*;
use tempfile::TempDir;

diesel::table! {
    notes (id) {
        id -> BigInt,
        word -> Text,
    }
}

/// What a job of these tests can fail with.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    Db(DbError),
    Refused,
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Failure {
        Failure::Db(error)
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Failure {
        Failure::Db(error.into())
    }
}

/// A directory with a database that has a table to write into.
fn database() -> (TempDir, DbSettings, Db) {
    let dir = tempfile::tempdir().unwrap();
    let settings = DbSettings::new(dir.path().join("chat.db"));
    let db = Db::open(&settings).unwrap();
    direct(&settings)
        .batch_execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL)")
        .unwrap();
    (dir, settings, db)
}

/// A connection beside the database's own.
fn direct(settings: &DbSettings) -> Connection {
    Connection::establish(settings.path.to_str().unwrap()).unwrap()
}

fn insert(connection: &mut Connection, id: i64) -> Result<i64, Failure> {
    diesel::insert_into(notes::table)
        .values((notes::id.eq(id), notes::word.eq("word")))
        .execute(connection)?;
    Ok(id)
}

fn ids(connection: &mut Connection) -> Result<Vec<i64>, Failure> {
    Ok(notes::table.select(notes::id).order(notes::id).load(connection)?)
}
