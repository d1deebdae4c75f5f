//! What a power cut leaves of SQLite's files, as far as files can show it: copies of a moment, and a write-ahead
//! log that ends anywhere.

use std::fs;
use std::path::Path;

use chat_db::DbUrl;
use chat_testdb::Engine;
use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use futures_util::future::join_all;

use super::*;

fn world_in(directory: &Path) -> World {
    open(DbSettings::new(DbUrl::Sqlite(directory.join("chat.db"))), Limits::default(), Clock::system())
}

#[tokio::test]
async fn what_was_acknowledged_is_in_a_copy_of_the_files_taken_at_any_moment_after() {
    let directory = tempfile::tempdir().unwrap();
    let world = world_in(directory.path());
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    for round in 0..5 {
        let sends = (0..50).map(|n| world.store.submit(send(1, "r", &format!("{round}.{n}"))));
        let acknowledged = 1 + (round + 1) * 50;
        join_all(sends).await.into_iter().for_each(|sent| drop(sent.unwrap()));
        // As a killed process leaves them: nothing closed, the log beside the file.
        let copy = tempfile::tempdir().unwrap();
        for file in fs::read_dir(directory.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
        let found = world_in(copy.path());
        let log = whole_log(&*found.store, "r").await;
        assert_eq!(log.len(), acknowledged);
        assert!(log.iter().enumerate().all(|(index, event)| event.offset.get() == index as u64 + 1));
    }
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    offset: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    end: i64,
}

/// What a database of these two files holds of the only room: its messages, and the end of its log.
fn opened(directory: &Path, file: &[u8], log: &[u8]) -> (Vec<String>, i64) {
    let path = directory.join("chat.db");
    let _ = fs::remove_file(directory.join("chat.db-shm"));
    fs::write(&path, file).unwrap();
    fs::write(directory.join("chat.db-wal"), log).unwrap();
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // Closing it moves the log into the file; nobody needs that on the disk.
    connection.batch_execute("PRAGMA synchronous = OFF").unwrap();
    let places: Vec<Place> = diesel::sql_query(
        r#"SELECT m."offset", m.text, r."offset" AS end FROM rooms r
           JOIN messages m ON m.room_key = r.key ORDER BY m."offset""#,
    )
    .load(&mut connection)
    .unwrap();
    assert!(places.iter().enumerate().all(|(index, place)| place.offset == index as i64 + 2), "no gap");
    (places.iter().map(|place| place.text.clone()).collect(), places.first().map_or(0, |place| place.end))
}

#[tokio::test]
async fn a_log_that_is_cut_at_any_length_opens_to_what_was_committed_until_there() {
    if Engine::of_run() != Engine::Sqlite {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // Small pages: a commit has as many of them, and fewer places to be cut at.
    SqliteConnection::establish(directory.path().join("chat.db").to_str().unwrap())
        .unwrap()
        .batch_execute("PRAGMA page_size = 512; VACUUM")
        .unwrap();
    // The schema is in the file then, and the log begins with the room.
    world_in(directory.path()).db.close();
    let world = world_in(directory.path());
    let log = directory.path().join("chat.db-wal");
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let mut texts = Vec::new();
    let mut ends = Vec::new();
    for n in 0..12 {
        // Some are longer than a page.
        let text = format!("{n} {}", "x".repeat(n * 90));
        world.store.submit(send_named(1, "r", &text, &n.to_string())).await.unwrap();
        texts.push(text);
        ends.push(fs::metadata(&log).unwrap().len() as usize);
    }
    let (file, log) = (fs::read(directory.path().join("chat.db")).unwrap(), fs::read(&log).unwrap());
    assert_eq!(log.len(), ends[11]);
    let copy = tempfile::tempdir().unwrap();
    // Every length between two commits, and all others in steps that fall on every place within a frame.
    let every = ends[1]..=ends[2];
    for length in (ends[0]..=ends[11]).filter(|length| every.contains(length) || length % 61 == 0) {
        let committed = ends.iter().filter(|end| **end <= length).count();
        let (found, end) = opened(copy.path(), &file, &log[..length]);
        assert_eq!(found, texts[..committed], "cut at {length} of {}", log.len());
        assert_eq!(end, committed as i64 + 1);
    }
}
