//! What happens to a database while it is used.

use std::sync::mpsc;
use std::time::Duration;

use chat_testdb::{Durability, Engine, Server};

use super::*;

#[tokio::test]
async fn a_full_disk_is_answered_and_recovered_from() {
    let database = TestDatabase::of(Engine::Sqlite);
    let db = Db::open(&settings(&database)).unwrap();
    let execute =
        |sql: &'static str| db.write(lane(&db), move |connection| Ok::<_, Failure>(connection.execute(sql)?));
    execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL)").await.unwrap();
    db.write(lane(&db), |connection| insert(connection, 1)).await.unwrap();
    execute("PRAGMA max_page_count = 1").await.unwrap();
    let fill = "INSERT INTO notes VALUES (2, printf('%1000000s', 'x'))";
    assert_eq!(execute(fill).await, Err(Failure::Db(DbError::DiskFull)));
    // A new connection, or the same with more room: either way the writer goes on.
    execute("PRAGMA max_page_count = 100000").await.unwrap();
    db.write(lane(&db), |connection| insert(connection, 3)).await.unwrap();
    assert_eq!(db.read(ids).await.unwrap(), [1, 3]);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_and_then_told() {
    let database = TestDatabase::of(Engine::Sqlite);
    let settings = DbSettings { timeout: Duration::from_millis(200), ..settings(&database) };
    let db = Db::open(&settings).unwrap();
    let mut other = direct(&settings);
    other.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL); BEGIN IMMEDIATE").unwrap();
    let (answer, held) = tokio::sync::oneshot::channel();
    db.submit(lane(&db), |connection| insert(connection, 1), |result| answer.send(result).unwrap());
    assert_eq!(held.await.unwrap(), Err(Failure::Db(DbError::Locked)));
    assert_eq!(db.read(ids).await.unwrap(), [], "reading goes on");
    other.execute("COMMIT").unwrap();
    db.write(lane(&db), |connection| insert(connection, 2)).await.unwrap();
    assert_eq!(db.read(ids).await.unwrap(), [2]);
}

/// A server of the test's own, with the table.
fn server() -> (Server, DbSettings, Db) {
    let server = Server::start(Durability::Off);
    let settings = DbSettings::new(server.url().parse().unwrap());
    let db = Db::open(&settings).unwrap();
    direct(&settings).execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, word TEXT NOT NULL)").unwrap();
    (server, settings, db)
}

#[tokio::test]
async fn connections_that_were_cut_in_a_pause_are_replaced_unseen() {
    let (server, _, db) = server();
    db.write(lane(&db), |connection| insert(connection, 1)).await.unwrap();
    server.cut_connections();
    db.write(lane(&db), |connection| insert(connection, 2)).await.unwrap();
    assert_eq!(db.read(ids).await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_server_that_dies_is_told_and_comes_back_with_all_that_was_acknowledged() {
    let (server, _, db) = server();
    db.write(lane(&db), |connection| insert(connection, 1)).await.unwrap();
    server.kill();
    let (answer, answers) = mpsc::channel();
    db.submit_as(
        Manner::Patient,
        lane(&db),
        |connection| insert(connection, 2),
        move |result| answer.send(result).unwrap(),
    );
    let away = db.write(lane(&db), |connection| insert(connection, 3)).await;
    assert!(matches!(away, Err(Failure::Db(DbError::Open { .. } | DbError::Lost { .. }))), "{away:?}");
    assert!(db.read(ids).await.is_err());
    server.start_again();
    // Nobody asks; the thread that writes tries by itself.
    let patient = tokio::task::spawn_blocking(move || answers.recv().unwrap()).await.unwrap();
    assert_eq!(patient, Ok(2));
    db.write(lane(&db), |connection| insert(connection, 4)).await.unwrap();
    assert_eq!(db.read(ids).await.unwrap(), [1, 2, 4]);
}

#[tokio::test]
async fn a_connection_that_is_cut_within_a_batch_fails_the_batch_alone() {
    let (server, _, db) = server();
    let db = &db;
    let cut = db.write(lane(db), move |connection| {
        insert(connection, 1)?;
        server.cut_connections();
        insert(connection, 2)?;
        Ok::<_, Failure>(server)
    });
    let lost = cut.await.err().unwrap();
    assert!(matches!(lost, Failure::Db(DbError::Lost { .. })), "{lost:?}");
}
