//! Every query of the store must find its rows by an index: the plans of all that it runs are read.

use std::sync::{Arc, Mutex};

use chat_core::{
    Action, Command, Limits, NewMessage, NewRoom, Offset, Profile, Range, Role, RoomChanges, RoomFilter,
    RoomId, RoomKind, UserId,
};
use chat_db::{Connection, Db, DbSettings};
use diesel::Connection as _;
use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;

use crate::{purge, read, write};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

fn profile(number: i64) -> Profile {
    let id = UserId::new(number).unwrap();
    Profile { id, username: "u".into(), display_name: "u".into() }
}

/// Runs one of each thing that the store does.
fn run_everything(connection: &mut Connection) {
    let room: RoomId = "r".parse().unwrap();
    let limits = Limits::default();
    let mut execute = |action| {
        let command = Command { room: room.clone(), actor: profile(1), action };
        write::execute(connection, &command, &limits).unwrap()
    };
    execute(Action::CreateRoom(NewRoom { name: "R".into(), topic: String::new(), kind: RoomKind::Public }));
    execute(Action::ChangeRoom(RoomChanges { name: Some("S".into()), ..RoomChanges::default() }));
    execute(Action::Invite { user: profile(2), role: Role::Member });
    execute(Action::SetRole { user: profile(2).id, role: Role::Reader });
    let message =
        NewMessage { text: "x".into(), client_id: Some("1".parse().unwrap()), ..NewMessage::default() };
    execute(Action::Send(message.clone()));
    execute(Action::Send(message.clone()));
    execute(Action::Send(NewMessage { reply_to: Some(Offset::new(5).unwrap()), client_id: None, ..message }));
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
        write::execute(connection, &command, &limits).unwrap()
    };
    let deleted = execute(Action::DeleteRoom).deleted.unwrap();
    purge::unpurged(connection).unwrap();
    purge::portion(connection, deleted).unwrap();
}

#[test]
fn no_query_looks_through_a_whole_table() {
    let dir = tempfile::tempdir().unwrap();
    let settings = DbSettings::new(dir.path().join("chat.db"));
    Db::open(&settings).unwrap().close();
    let mut connection = Connection::establish(settings.path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    let queries = Arc::new(Mutex::new(Vec::new()));
    let seen = queries.clone();
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            seen.lock().unwrap().push(query.to_string());
        }
    });
    run_everything(&mut connection);
    let queries = std::mem::take(&mut *queries.lock().unwrap());
    assert!(queries.len() > 40, "{}", queries.len());
    for query in queries {
        let query = query.split(" -- binds").next().unwrap_or_default();
        let plan: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(&mut connection).unwrap();
        for step in plan {
            assert!(!step.detail.starts_with("SCAN"), "{query}: {}", step.detail);
        }
    }
}
