//! Acknowledged sends a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_core::*;
use chat_db::{Db, DbSettings};
use chat_history::History;
use chat_testdb::{Engine, Server, TestDatabase};

use crate::table::{count, milliseconds, print, quantile};
use crate::{bare, name};

/// How many rooms the senders are spread over.
pub const ROOMS: usize = 100;

/// What they send: 100 bytes.
pub const TEXT: &str =
    "A message of an ordinary length, as people send them all day long to one another in rooms. One hundred.";

pub fn run(engines: &[Engine], senders: &[usize], seconds: u64, indexed: bool) {
    let mut rows = Vec::new();
    for &engine in engines {
        let server = bare::server(engine);
        for &senders in senders {
            // Side by side and by turns, so that both have the same share of the machine's moods.
            let mut limit = 0.0;
            let mut sent = 0.0;
            let mut took = Vec::new();
            for _ in 0..2 {
                limit += bare::run(engine, server.as_ref(), senders, seconds) / 2.0;
                let (rate, latencies) = send(engine, server.as_ref(), senders, seconds, indexed);
                sent += rate / 2.0;
                took.extend(latencies);
            }
            took.sort();
            rows.push(vec![
                name(engine).to_owned(),
                senders.to_string(),
                count(limit),
                count(sent),
                format!("{:.2}", sent / limit),
                milliseconds(quantile(&took, 0.5)),
                milliseconds(quantile(&took, 0.99)),
            ]);
        }
    }
    print(&["engine", "senders", "bare inserts/s", "acknowledged/s", "ratio", "p50 ms", "p99 ms"], &rows);
}

pub struct Nowhere;

impl Backplane for Nowhere {
    fn publish(&self, _: &[Arc<Event>]) {}

    fn behind(&self, _: &[RoomId]) {}
}

fn profile(number: usize) -> Profile {
    let id = UserId::new(number as i64 + 1).unwrap();
    Profile { id, username: "username".into(), display_name: "Display Name".into() }
}

/// Sends for so long, while messages are taken up into the index of searches or not; messages a second, and how long each took.
fn send(
    engine: Engine,
    server: Option<&Server>,
    senders: usize,
    seconds: u64,
    indexed: bool,
) -> (f64, Vec<Duration>) {
    let database = server.map_or_else(|| TestDatabase::of(engine), TestDatabase::on);
    let db = Db::open(&DbSettings::new(database.url().parse().unwrap())).unwrap();
    let limits = Limits { rooms_per_user: 1000, search: indexed, ..Limits::default() };
    let store = Arc::new(History::new(db.clone(), limits, Arc::new(Nowhere)));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let result = runtime.block_on(async {
        tokio::spawn(store.clone().keep_index());
        for room in 0..ROOMS.min(senders) {
            let new = NewRoom { name: "R".into(), topic: String::new(), kind: RoomKind::Public };
            submit(&store, 0, room, Action::CreateRoom(new)).await;
        }
        for sender in 1..senders {
            submit(&store, sender, sender, Action::Join).await;
        }
        let end = Instant::now() + Duration::from_secs(seconds);
        let tasks: Vec<_> = (0..senders)
            .map(|sender| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut took = Vec::new();
                    let mut begun = Instant::now();
                    while begun < end {
                        let client_id = Some(format!("{sender}-{}", took.len()).parse().unwrap());
                        let message = NewMessage { text: TEXT.into(), client_id, ..NewMessage::default() };
                        submit(&store, sender, sender, Action::Send { message, present: vec![] }).await;
                        let now = Instant::now();
                        took.push(now - begun);
                        begun = now;
                    }
                    took
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all
    });
    db.close();
    (result.len() as f64 / seconds as f64, result)
}

async fn submit(store: &History, user: usize, room: usize, action: Action) {
    let room = format!("r{}", room % ROOMS).parse().unwrap();
    store.submit(Command { room, actor: profile(user), action }).await.unwrap();
}
