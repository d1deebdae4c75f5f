//! The server is killed again and again while people write and read, on both databases: nothing that was
//! acknowledged is missing, nothing is there twice, and everyone saw the same in the same order.
//!
//! `CHAT_CRASH_KILLS` says how often (20), `CHAT_CRASH_SEED` with which random moments; `cargo xtask crash` sets both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

#[path = "../people/mod.rs"]
mod people;
#[path = "../it/socket.rs"]
mod socket;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod support;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use chat_testdb::Engine;
use reqwest::Client;

use people::{People, Random, Scene, number, seed};
use support::{Place, start};

/// How many rooms there are.
const ROOMS: usize = 4;

/// The longest that a server lives once it serves.
const LIFE: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_sqlite() {
    run(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_postgres() {
    run(Engine::Postgres).await;
}

async fn run(engine: Engine) {
    let kills = number("CHAT_CRASH_KILLS", 20);
    let seed = seed("CHAT_CRASH_SEED");
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
        urls: Arc::new([server.url.clone()]),
        tokens: [server.enter("ann").await, server.enter("bob").await],
        client: Client::builder().timeout(Duration::from_secs(10)).build().unwrap(),
        patience: Duration::from_secs(60),
        first_room: 0,
        rooms: ROOMS,
        window: 8,
        stop: Arc::default(),
        acknowledged: Arc::default(),
        repeated: Arc::default(),
    };
    scene.furnish(&server).await;
    let people = People::begin(&scene);
    for kill in 1..=kills {
        tokio::time::sleep(LIFE.mul_f64(random.below(1000) as f64 / 1000.0)).await;
        server.signal("KILL");
        server = serve();
        if kill % 10 == 0 {
            println!("{kill} kills, {}", scene.tell());
        }
    }
    let history = people.finish().await;
    println!("{engine:?}: {}, {} messages in the logs", scene.tell(), history.messages());
    if let Err(violation) = history.check() {
        panic!("{violation}\nCHAT_CRASH_SEED={seed}, the files are in {}", place.directory.keep().display());
    }
    server.signal("TERM");
}
