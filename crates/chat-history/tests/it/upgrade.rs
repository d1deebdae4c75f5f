//! Databases as earlier versions have left them.

use std::path::Path;

use chat_db::Connection;
use chat_history::transfer;
use diesel::result::Error as DieselError;

use super::*;

/// Goes one way with a migration, and keeps what that has come to.
fn migrate(world: &World, name: &str, way: &str) {
    let engine = match Engine::of_run() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(engine).join(name);
    let sql = std::fs::read_to_string(folder.join(format!("{way}.sql"))).unwrap();
    let mut connection = Connection::open(&world.settings).unwrap();
    connection.transaction(|connection| connection.execute(&sql).map_err(DbError::from)).unwrap();
}

/// All that the tables hold.
fn records(world: &World) -> Vec<transfer::RoomRecord> {
    let mut connection = Connection::open(&world.settings).unwrap();
    let mut records = Vec::new();
    let mut give = |record| {
        records.push(record);
        Ok::<_, DieselError>(())
    };
    transfer::export(&mut connection, &mut give).unwrap();
    records
}

const ONE_ROW: &str = "2026-11-26-000025_one_row_a_message";

#[tokio::test]
async fn what_an_older_node_commits_meanwhile_is_not_lost() {
    // On SQLite, whoever migrates writes alone.
    if Engine::of_run() == Engine::Sqlite {
        return;
    }
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    migrate(&world, ONE_ROW, "down");
    let mut older = Connection::open(&world.settings).unwrap();
    older
        .execute(
            r#"BEGIN; UPDATE rooms SET "offset" = 2;
               INSERT INTO events SELECT key, 2, 1, 1, 'u1', 'U1', 'message.created', NULL FROM rooms;
               INSERT INTO messages (room_key, "offset", sender_id, text) SELECT key, 2, 1, 'late' FROM rooms"#,
        )
        .unwrap();
    std::thread::scope(|scope| {
        let migrating = scope.spawn(|| migrate(&world, ONE_ROW, "up"));
        let mut looks = Connection::open(&world.settings).unwrap();
        let waiting = "SELECT count(*) AS count FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while count(&mut looks, waiting).unwrap() == 0 {
            assert!(!migrating.is_finished(), "it waits for the older node");
            std::thread::yield_now();
        }
        older.execute("COMMIT").unwrap();
    });
    let world = world.reopen();
    let log = whole_log(&*world.store, "r").await;
    assert_eq!(log.last().and_then(|event| event.created()).unwrap().text, "late");
}

#[tokio::test]
async fn messages_that_were_two_rows_each_are_all_there_as_one() {
    let world = world();
    let submit = async |command: Command| world.store.submit(command).await.unwrap();
    for room in ["r", "s"] {
        submit(create(1, room, RoomKind::Public)).await;
        submit(command(2, room, Action::Join)).await;
        submit(send_named(1, room, "hi @u2", "a")).await;
        let sent = offset(3);
        let answer = NewMessage { text: "answer".into(), reply_to: Some(sent), ..NewMessage::default() };
        submit(command(2, room, Action::Send { message: answer, present: vec![] })).await;
        submit(command(2, room, Action::React { message: sent, reaction: "👍".parse().unwrap() })).await;
        let changes = MessageChanges { text: "ho".into(), data: Some("[1]".into()) };
        submit(command(1, room, Action::Edit { message: sent, changes, present: vec![] })).await;
        submit(command(1, room, Action::Pin { message: sent })).await;
        submit(command(1, room, Action::Delete { message: offset(4) })).await;
        let short = NewMessage { text: "short".into(), expires_in: Some(9999), ..NewMessage::default() };
        submit(command(2, room, Action::Send { message: short, present: vec![] })).await;
    }
    let (kept, log) = (records(&world), whole_log(&*world.store, "r").await);
    assert_eq!(log.iter().map(|event| event.offset.get()).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    let World { db, settings, _database, .. } = world;
    db.close();
    let world = World { _database, ..open(settings, Limits::default(), Clock::system()) };

    migrate(&world, ONE_ROW, "down");
    let mut connection = Connection::open(&world.settings).unwrap();
    let made = r#"SELECT count(*) AS count FROM events AS e
        JOIN messages AS m ON m.room_key = e.room_key AND m."offset" = e."offset" AND m.sender_id = e.actor_id
        WHERE e.kind = 'message.created' AND e.body IS NULL"#;
    assert_eq!(count(&mut connection, made).unwrap(), 6);
    assert_eq!(count(&mut connection, "SELECT count(*) AS count FROM events").unwrap(), 18);
    migrate(&world, ONE_ROW, "up");
    assert_eq!(records(&world), kept);
    let world = world.reopen();
    assert_eq!(whole_log(&*world.store, "r").await, log);
    let Ok(Outcome::Message { message, repeated: true }) =
        world.store.submit(send_named(1, "r", "again", "a")).await
    else {
        panic!("the name is known")
    };
    assert_eq!((message.offset, message.text.as_str()), (offset(3), "ho"));
}
