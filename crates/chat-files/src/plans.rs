//! Every query of the files must find its rows by an index: the plans of all are read.

use chat_core::{Dimensions, Timestamp, UploadId, UserId};
use chat_db::{Connection, Db, DbSettings};
use chat_testdb::plans::{Queries, assert_indexed};
use chat_testdb::{Engine, TestDatabase};

use crate::FilesError;
use crate::parts::Part;
use crate::picture::Picture;
use crate::rows::{self, Row};

/// Runs one of each thing that is done with uploads.
fn run_everything(connection: &mut Connection) -> Result<(), FilesError> {
    let (now, later) = (Timestamp::from_micros(1), Timestamp::from_micros(10));
    let owner = UserId::new(1).unwrap();
    let row = |id| Row {
        id,
        owner,
        name: "a".into(),
        size: 3,
        received: 0,
        parts: vec![],
        expires_at: Some(later),
        media_type: None,
        picture: None,
        thumbnail: None,
    };
    let [one, two] = [UploadId::generate(), UploadId::generate()];
    rows::insert(connection, &row(one), now)?;
    rows::insert(connection, &row(two), now)?;
    assert_eq!(rows::count(connection, owner)?, (2, 6));
    let whole = Row { received: 3, parts: vec![Part { name: "p".into(), bytes: 3 }], ..row(one) };
    assert!(rows::append(connection, &whole, 0)?);
    assert!(!rows::append(connection, &whole, 0)?);
    let picture = Picture { size: Dimensions { width: 1, height: 2 }, thumbnail: None };
    assert!(rows::complete(connection, one, "image/png", Some(&picture), later)?);
    assert!(!rows::complete(connection, one, "image/gif", None, later)?);
    let found = rows::find(connection, one)?.unwrap();
    assert_eq!((found.media_type.as_deref(), found.picture), (Some("image/png"), Some(picture.size)));
    assert!(rows::abandon(connection, two, now)?);
    assert!(!rows::abandon(connection, two, now)?);
    assert_eq!(rows::find(connection, two)?, None);
    assert_eq!(rows::expire(connection, later, 10)?, 0);
    assert_eq!(rows::expire(connection, Timestamp::from_micros(11), 10)?, 1);
    let mut removed = rows::removed(connection, later, 10)?;
    assert_eq!(removed, [two]);
    removed.push(one);
    rows::forget(connection, &removed)?;
    rows::insert(connection, &row(one), now)?;
    connection.execute(&format!(
        "UPDATE uploads SET room_key = 1, message = 1, expires_at = NULL WHERE id = '{one}'"
    ))?;
    assert_eq!(rows::sweep(connection, "", later, 10)?, Some(one.to_string()));
    assert_eq!(rows::removed(connection, later, 10)?, [one]);
    Ok(())
}

fn connection(engine: Engine) -> (TestDatabase, Connection) {
    let database = TestDatabase::of(engine);
    let settings = DbSettings::new(database.url().parse().unwrap());
    Db::open(&settings).unwrap().close();
    let connection = Connection::open(&settings).unwrap();
    (database, connection)
}

#[test]
fn no_query_looks_through_a_whole_table_of_sqlite() {
    let (_database, mut connection) = connection(Engine::Sqlite);
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    let queries = Queries::of(c);
    connection.transaction(run_everything).unwrap();
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    // The one that only sets the scene is not the files' own.
    assert!(queries.assert_indexed(c) > 10);
}

#[test]
fn no_query_looks_through_a_whole_table_of_postgres() {
    let (_database, mut connection) = connection(Engine::Postgres);
    connection.transaction(run_everything).unwrap();
    let Connection::Postgres(c) = &mut connection else { panic!() };
    assert!(assert_indexed(c, &[]) > 5);
}
