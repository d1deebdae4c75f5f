//! Every query of the store must find its rows by an index: the plans of all that it runs are read.

use std::sync::{Arc, Mutex};

use chat_core::{
    Action, Command, Limits, NewMessage, NewRoom, Offset, Profile, Range, Role, RoomChanges, RoomFilter,
    RoomId, RoomKind, UserId,
};
use chat_db::{Connection, Db, DbSettings};
use chat_testdb::{Engine, TestDatabase};
use diesel::Connection as _;
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use crate::work::Remembered;
use crate::{batch, purge, read};

fn profile(number: i64) -> Profile {
    let id = UserId::new(number).unwrap();
    Profile { id, username: "u".into(), display_name: "u".into() }
}

/// Runs one of each thing that the store does.
fn run_everything(connection: &mut Connection) -> QueryResult<()> {
    let room: RoomId = "r".parse().unwrap();
    let limits = Limits::default();
    let mut execute = |action| {
        let command = Command { room: room.clone(), actor: profile(1), action };
        let mut done = batch::execute(connection, &[&command], &limits).unwrap();
        done.answers.pop().unwrap().map_err(|error| error.to_string()).unwrap();
        done.rooms[0].key.unwrap()
    };
    execute(Action::CreateRoom(NewRoom { name: "R".into(), topic: String::new(), kind: RoomKind::Public }));
    execute(Action::ChangeRoom(RoomChanges { name: Some("S".into()), ..RoomChanges::default() }));
    execute(Action::Invite { user: profile(2), role: Role::Member });
    execute(Action::SetRole { user: profile(2).id, role: Role::Reader });
    let message =
        NewMessage { text: "x".into(), client_id: Some("1".parse().unwrap()), ..NewMessage::default() };
    execute(Action::Send(message.clone()));
    execute(Action::Send(message.clone()));
    execute(Action::Send(NewMessage {
        reply_to: Some(Offset::new(5).unwrap()),
        client_id: None,
        ..message.clone()
    }));
    execute(Action::Remove { user: profile(2).id });
    let one = profile(1).id;
    for filter in [RoomFilter::Public, RoomFilter::Mine] {
        read::rooms(connection, one, filter, None, 10).unwrap();
    }
    for range in [Range::Latest, Range::Before(Offset::MAX), Range::After(Offset::START)] {
        read::messages(connection, &room, range, 10).unwrap();
        read::log(connection, &room, Some(one), range, 10).unwrap();
    }
    read::members(connection, &room, None, 10).unwrap();
    let mut execute = |action| {
        let command = Command { room: room.clone(), actor: profile(1), action };
        let mut done = batch::execute(connection, &[&command], &limits).unwrap();
        done.answers.pop().unwrap().map_err(|error| error.to_string()).unwrap();
        done.rooms[0].key.unwrap()
    };
    let deleted = execute(Action::DeleteRoom);
    let send = Command { room: room.clone(), actor: profile(1), action: Action::Send(message) };
    let refused = batch::execute_trusting(connection, &[&send], &limits, &mut Remembered::default()).unwrap();
    assert!(refused.answers[0].is_err());
    purge::unpurged(connection).unwrap();
    purge::portion(connection, deleted).unwrap();
    Ok(())
}

/// A database with its schema, and a connection to it.
fn connection(engine: Engine) -> (TestDatabase, Connection) {
    let database = TestDatabase::of(engine);
    let settings = DbSettings::new(database.url().parse().unwrap());
    Db::open(&settings).unwrap().close();
    let connection = Connection::open(&settings).unwrap();
    (database, connection)
}

#[test]
fn no_query_looks_through_a_whole_table_of_sqlite() {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    let (_database, mut connection) = connection(Engine::Sqlite);
    let queries = Arc::new(Mutex::new(Vec::new()));
    let seen = queries.clone();
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            seen.lock().unwrap().push(query.to_string());
        }
    });
    connection.transaction(run_everything).unwrap();
    let queries = std::mem::take(&mut *queries.lock().unwrap());
    assert!(queries.len() > 40, "{}", queries.len());
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    for query in queries {
        let query = query.split(" -- binds").next().unwrap_or_default();
        let plan: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(c).unwrap();
        for step in plan {
            assert!(!step.detail.starts_with("SCAN"), "{query}: {}", step.detail);
        }
    }
}

#[test]
fn no_query_looks_through_a_whole_table_of_postgres() {
    #[derive(QueryableByName)]
    struct Prepared {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        statement: String,
        #[diesel(sql_type = Integer)]
        parameters: i32,
    }

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        #[diesel(column_name = "QUERY PLAN")]
        line: String,
    }

    let (_database, mut connection) = connection(Engine::Postgres);
    connection.transaction(run_everything).unwrap();
    // A table of three rows is best read whole; but that is switched off, so that only what cannot be read
    // otherwise shows.
    let Connection::Postgres(c) = &mut connection else { panic!() };
    let all = "SELECT name, statement, coalesce(array_length(parameter_types, 1), 0) AS parameters
                   FROM pg_prepared_statements WHERE statement ~ '^(SELECT|INSERT|UPDATE|DELETE)'";
    let prepared: Vec<Prepared> = diesel::sql_query(all).load(c).unwrap();
    assert!(prepared.len() > 20, "{}", prepared.len());
    for Prepared { name, statement, parameters } in prepared {
        let nulls = vec!["NULL"; parameters as usize].join(", ");
        let parameters = if nulls.is_empty() { nulls } else { format!("({nulls})") };
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE \"{name}\" {parameters}");
        let plan: Vec<Step> = diesel::sql_query(explain).load(c).unwrap();
        let count = |what: &str| plan.iter().filter(|step| step.line.contains(what)).count();
        let told = || plan.iter().map(|step| step.line.as_str()).collect::<Vec<_>>().join("\n");
        assert_eq!(count("Seq Scan"), 0, "{statement}\n{}", told());
        // Of the index of deleted rooms the whole is wanted.
        let indexes = count("Index Scan") + count("Index Only Scan") - count("on rooms_deleted");
        assert_eq!(indexes, count("Index Cond"), "{statement}\n{}", told());
    }
}
