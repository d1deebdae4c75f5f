//! Every query of the accounts must find its rows by an index: the plans of all are read.

use chat_core::Timestamp;
use chat_db::{Connection, Db, DbSettings};
use chat_testdb::plans::{Queries, assert_indexed};
use chat_testdb::{Engine, TestDatabase};

use crate::repository::{self, session_row};
use crate::{Listed, NewAct, NewUser, UsersError, acts};

/// Runs one of each thing that is done with accounts.
fn run_everything(connection: &mut Connection) -> Result<(), UsersError> {
    let now = Timestamp::from_micros(1);
    let later = Timestamp::from_micros(2);
    assert!(repository::is_first(connection)?);
    let new = NewUser { username: "ann".into(), email: "ann@x".into(), password: String::new() };
    let user = repository::insert_user(connection, &new, "hash", now, false)?.id();
    assert!(repository::insert_user(connection, &new, "hash", now, false).is_err());
    let session = repository::insert_session(connection, user, "", now, later)?;
    repository::insert_refresh_token(connection, session, b"hash", None)?;
    for name in ["ann", "ann@x"] {
        assert!(repository::find_credentials(connection, name)?.is_some());
    }
    assert!(repository::find_session_user(connection, session, user, now)?.is_some());
    assert!(repository::find_refresh_token(connection, b"hash", now)?.is_some());
    assert!(repository::use_refresh_token(connection, b"hash", session, now, later)?);
    repository::insert_refresh_token(connection, session, b"next", Some(b"hash"))?;
    assert!(repository::use_refresh_token(connection, b"hash", session, now, later)?);
    assert_eq!(repository::living_sessions(connection, &[session, session + 1], now)?, [session]);
    repository::find_user(connection, user)?;
    assert_eq!(repository::find_named(connection, "a", 20)?.len(), 1);
    for listed in [Listed::ByUsername("a".into()), Listed::ByEmail("a".into())] {
        assert_eq!(repository::list_users(connection, &listed, None, 20)?.len(), 1);
    }
    assert_eq!(repository::count_sessions(connection, &[user], now)?, [(user, 1)]);
    let by = repository::find_user(connection, user)?.ok_or(UsersError::UserNotFound)?.profile;
    acts::insert(connection, &by, &NewAct::of("user.disable"), now)?;
    assert_eq!(acts::list(connection, None, 20)?.len(), 1);
    repository::password_hash(connection, user)?;
    repository::set_display_name(connection, user, "Ann")?;
    repository::set_password(connection, user, "hash")?;
    repository::set_disabled(connection, user, None)?;
    repository::set_admin(connection, user, true)?;
    let sessions = repository::sessions_of(connection, user, now)?;
    assert_eq!(session_row(&sessions[0].id), Some(session));
    repository::end_other_sessions(connection, user, Some(session))?;
    repository::end_session(connection, user, session + 1)?;
    repository::sweep(connection, now, now)?;
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
    assert!(queries.assert_indexed(c) > 15);
}

#[test]
fn no_query_looks_through_a_whole_table_of_postgres() {
    let (_database, mut connection) = connection(Engine::Postgres);
    connection.transaction(run_everything).unwrap();
    let Connection::Postgres(c) = &mut connection else { panic!() };
    assert!(assert_indexed(c, &[]) > 10);
}
