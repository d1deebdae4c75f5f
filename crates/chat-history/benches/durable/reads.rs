//! How long reading takes in a database of many messages.

use std::time::{Duration, Instant};

use chat_core::*;
use chat_db::{Connection, Db, DbSettings, on_backend};
use chat_history::History;
use chat_testdb::{Engine, TestDatabase};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::sends::Nowhere;
use crate::table::{count, milliseconds, print, quantile};
use crate::{bare, fill, name};

/// How often each is done.
const TIMES: u64 = 2000;

pub fn run(engines: &[Engine], messages: u64) {
    let mut rows = Vec::new();
    for &engine in engines {
        let server = bare::server(engine);
        let database = server.as_ref().map_or_else(|| TestDatabase::of(engine), TestDatabase::on);
        let settings = DbSettings::new(database.url().parse().unwrap());
        let begun = Instant::now();
        fill::run(&settings, messages);
        eprintln!("{}: {messages} messages in {} s", name(engine), begun.elapsed().as_secs());
        for (what, mut took) in measure(&settings, messages / fill::ROOMS) {
            took.sort();
            rows.push(vec![
                name(engine).to_owned(),
                what.to_owned(),
                milliseconds(quantile(&took, 0.5)),
                milliseconds(quantile(&took, 0.99)),
            ]);
        }
    }
    println!("{} messages in {} rooms", count(messages as f64), count(fill::ROOMS as f64));
    print(&["engine", "what", "p50 ms", "p99 ms"], &rows);
}

fn measure(settings: &DbSettings, each: u64) -> Vec<(&'static str, Vec<Duration>)> {
    let db = Db::open(settings).unwrap();
    let store = History::new(db.clone(), Limits::default(), std::sync::Arc::new(Nowhere));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let visitor = UserId::new(fill::VISITOR).unwrap();
    let measured = runtime.block_on(async {
        let mut pages = Vec::new();
        let mut recoveries = Vec::new();
        let mut lists = Vec::new();
        let mut counts = Vec::new();
        for n in 0..TIMES {
            // Numbers that follow one another nowhere near one another.
            let room: RoomId = format!("room-{}", n * 7919 % fill::ROOMS + 1).parse().unwrap();
            let before = Offset::new(n * 104_729 % each + 50).unwrap();
            let begun = Instant::now();
            let page = store.messages(&room, visitor, Range::Before(before), 50).await.unwrap();
            pages.push(begun.elapsed());
            assert!(!page.is_empty());

            let begun = Instant::now();
            let log = store.log(&room, None, Range::After(Offset::new(1).unwrap()), 1000).await.unwrap();
            recoveries.push(begun.elapsed());
            assert_eq!(log.unwrap().events.len(), each.min(1000) as usize);

            if n % 10 == 0 {
                let begun = Instant::now();
                let rooms = store.rooms(visitor, RoomFilter::Mine, None, 500).await.unwrap();
                lists.push(begun.elapsed());
                assert_eq!(rooms.len(), 500);
                let begun = Instant::now();
                let unread = db.read(unread).await.unwrap();
                counts.push(begun.elapsed());
                assert_eq!(unread.len(), 500);
            }
        }
        vec![
            ("history page of 50", pages),
            ("recovery of 1,000 events", recoveries),
            ("room list of a user in 500 rooms", lists),
            ("unread counts of these 500 rooms", counts),
        ]
    });
    db.close();
    measured
}

#[derive(QueryableByName)]
struct Unread {
    #[diesel(sql_type = BigInt)]
    #[expect(dead_code, reason = "read like any answer")]
    count: i64,
}

/// What of each of the visitor's rooms follows a mark some way before its end; the marks are given here.
fn unread(connection: &mut Connection) -> Result<Vec<Unread>, chat_db::DbError> {
    let query = format!(
        r#"SELECT (SELECT count(*) FROM messages AS m WHERE m.room_key = r.key
                       AND m."offset" > r."offset" - r.key % 100) AS count
           FROM members AS me JOIN rooms AS r ON r.key = me.room_key WHERE me.user_id = {}"#,
        fill::VISITOR
    );
    Ok(on_backend!(connection, c => diesel::sql_query(query).load(c))?)
}
