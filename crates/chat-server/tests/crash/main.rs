//! The server is killed again and again while people write and read, on both databases: nothing that was
//! acknowledged is missing, nothing is there twice, and everyone saw the same in the same order.
//!
//! `CHAT_CRASH_KILLS` says how often (20), `CHAT_CRASH_SEED` with which random moments; `cargo xtask crash` sets both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod check;
mod reader;
#[path = "../it/socket.rs"]
mod socket;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod support;
mod writer;

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use chat_testdb::Engine;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::watch;

use check::{Entry, History};
use support::{Place, Server, start};

/// Rooms, with two writers and a reader each.
const ROOMS: usize = 4;

/// The longest that a server lives once it serves.
const LIFE: Duration = Duration::from_millis(400);

/// How long a client waits before it tries again.
const PAUSE: Duration = Duration::from_millis(5);

/// What all clients know.
#[derive(Clone)]
struct Scene {
    url: String,
    /// Of two users.
    tokens: [String; 2],
    client: Client,
    /// Nothing new is written any more.
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    repeated: Arc<AtomicUsize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_sqlite() {
    run(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_postgres() {
    run(Engine::Postgres).await;
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

async fn run(engine: Engine) {
    let kills = number("CHAT_CRASH_KILLS", 20);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("CHAT_CRASH_SEED", now.as_millis() as u64);
    println!("{engine:?}: {kills} kills, CHAT_CRASH_SEED={seed}");
    let mut random = Random(seed);
    let place = Place::of(engine);
    // The same for every server of this place, so that clients find the next one.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let environment = [
        ("CHAT_LISTEN", address.as_str()),
        ("CHAT_AUTH__ACCESS_MINUTES", "1440"),
        ("CHAT_LIMITS__CONNECTIONS_PER_USER", "1000"),
    ];
    let serve = || start(place.server(&environment));
    let mut server = serve();
    let scene = Scene {
        url: server.url.clone(),
        tokens: [server.enter("ann").await, server.enter("bob").await],
        client: Client::builder().timeout(Duration::from_secs(10)).build().unwrap(),
        stop: Arc::default(),
        acknowledged: Arc::default(),
        repeated: Arc::default(),
    };
    let bob = &scene.tokens[1];
    let (_, user) = server.call(Method::GET, "/users/me", bob, None).await;
    let bobs_id = user["id"].as_str().map_or_else(|| user["id"].to_string(), str::to_owned);
    for room in 0..ROOMS {
        let room = format!("r{room}");
        server.post("/rooms", &scene.tokens[0], json!({ "id": room, "name": "R" })).await;
        let joined = server.call(Method::PUT, &format!("/rooms/{room}/members/{bobs_id}"), bob, None).await;
        assert!(joined.0.is_success(), "{joined:?}");
    }

    let (end, ends) = watch::channel(None);
    let mut writers = Vec::new();
    let mut readers = Vec::new();
    for room in 0..ROOMS {
        writers.push(tokio::spawn(writer::over_http(scene.clone(), room)));
        writers.push(tokio::spawn(writer::over_socket(scene.clone(), room)));
        readers.push(tokio::spawn(reader::follow(scene.clone(), room, ends.clone())));
    }
    for kill in 1..=kills {
        tokio::time::sleep(LIFE.mul_f64(random.below(1000) as f64 / 1000.0)).await;
        server.signal("KILL");
        server = serve();
        if kill % 10 == 0 {
            tell(kill, &scene);
        }
    }
    scene.stop.store(true, Ordering::Relaxed);
    let mut history = History::default();
    for writer in writers {
        history.writers.push(writer.await.unwrap());
    }
    let mut heads = HashMap::new();
    for room in 0..ROOMS {
        let log = log(&server, &scene, room, 0).await;
        heads.insert(room, log.last().unwrap().offset);
        history.logs.push(log);
    }
    end.send(Some(heads)).unwrap();
    for reader in readers {
        history.readers.push(reader.await.unwrap());
    }
    tell(kills, &scene);
    println!("{engine:?}: {} messages in the logs", history.logs.iter().map(Vec::len).sum::<usize>());
    if let Err(violation) = history.check() {
        panic!("{violation}\nCHAT_CRASH_SEED={seed}, the files are in {}", place.directory.keep().display());
    }
    server.signal("TERM");
}

fn tell(kills: u64, scene: &Scene) {
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "{kills} kills, {} messages acknowledged, {} sent again",
        count(&scene.acknowledged),
        count(&scene.repeated)
    );
}

/// The messages of a room's log after an offset.
async fn log(server: &Server, scene: &Scene, room: usize, after: u64) -> Vec<Entry> {
    page(&server.client, &scene.url, &scene.tokens[0], room, after).await.expect("the server serves")
}

/// All messages after an offset; none when the server goes meanwhile.
async fn page(client: &Client, url: &str, token: &str, room: usize, after: u64) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut after = after.to_string();
    loop {
        let url = format!("{url}/api/v1/rooms/r{room}/messages?limit=200&after={after}");
        let page: Value = client.get(url).bearer_auth(token).send().await.ok()?.json().await.ok()?;
        entries.extend(
            page["items"].as_array()?.iter().map(|message| Entry::of(message["offset"].as_u64(), message)),
        );
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return Some(entries),
        }
    }
}
