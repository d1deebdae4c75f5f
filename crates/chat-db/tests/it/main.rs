//! The database on real files and a real server.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on shall panic; its tables explain themselves"
)]

mod faults;
mod opening;
mod schema;
mod writing;

use chat_db::{Connection, Db, DbError, DbSettings, Lane, Manner, on_backend};
use chat_testdb::TestDatabase;
use diesel::prelude::*;

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

/// The settings of a test's database.
fn settings(database: &TestDatabase) -> DbSettings {
    DbSettings::new(database.url().parse().unwrap())
}

/// A database that has a table to write into.
fn database() -> (TestDatabase, DbSettings, Db) {
    let database = TestDatabase::new();
    let settings = settings(&database);
    let db = Db::open(&settings).unwrap();
    direct(&settings).execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL)").unwrap();
    (database, settings, db)
}

/// A connection beside the database's own.
fn direct(settings: &DbSettings) -> Connection {
    Connection::open(settings).unwrap()
}

fn lane(db: &Db) -> Lane {
    db.lane("notes")
}

fn insert(connection: &mut Connection, id: i64) -> Result<i64, Failure> {
    on_backend!(connection, c => diesel::insert_into(notes::table)
        .values((notes::id.eq(id), notes::word.eq("word")))
        .execute(c))?;
    Ok(id)
}

fn ids(connection: &mut Connection) -> Result<Vec<i64>, Failure> {
    Ok(on_backend!(connection, c => notes::table.select(notes::id).order(notes::id).load(c))?)
}
