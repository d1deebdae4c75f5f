//! Three nodes, PostgreSQL and NATS, any of which fails while people write and read on all nodes: nothing that was
//! acknowledged is missing, everyone sees exactly the log, and who is present is known again within the term.
//!
//! `CHAT_CHAOS_MINUTES` says for how long (one round of each failure, with short terms), `CHAT_CHAOS_SEED` with which
//! random moments; `cargo xtask chaos` sets both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod classic;
mod nodes;
#[path = "../people/mod.rs"]
mod people;
mod residents;
#[path = "../it/socket.rs"]
mod socket;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_testdb::Engine;
use reqwest::Client;
use tokio::time::{sleep, timeout};

use classic::Classic;
use nodes::{NODES, Nodes, Terms};
use people::{People, Random, Scene, number, seed};
use residents::Residents;

/// How many rooms there are in each round.
const ROOMS: usize = 3;

/// How long all may take to come to an end once nothing fails any more.
const END: Duration = Duration::from_secs(120);

/// What can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    NodeKilled,
    NatsKilled,
    PostgresKilled,
    NodeFrozen,
    NatsCut,
    NatsSilent,
    NatsSlow,
    RollingRestart,
}

const FAILURES: [Failure; 8] = [
    Failure::NodeKilled,
    Failure::NatsKilled,
    Failure::PostgresKilled,
    Failure::NodeFrozen,
    Failure::NatsCut,
    Failure::NatsSilent,
    Failure::NatsSlow,
    Failure::RollingRestart,
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_whatever_fails() {
    // On PostgreSQL whatever the run is about: once is enough.
    if Engine::of_run() == Engine::Postgres {
        return;
    }
    let minutes = number("CHAT_CHAOS_MINUTES", 0);
    let terms = if minutes == 0 { Terms::SHORT } else { Terms::LONG };
    let seed = seed("CHAT_CHAOS_SEED");
    println!("{minutes} minutes, CHAT_CHAOS_SEED={seed}");
    let mut random = Random(seed);
    let mut nodes = Nodes::start(terms);
    let mut scene = Scene {
        urls: nodes.urls(),
        tokens: [nodes.first().enter("ann").await, nodes.first().enter("bob").await],
        client: Client::builder().timeout(Duration::from_secs(5)).build().unwrap(),
        patience: terms.patience,
        first_room: 0,
        rooms: ROOMS,
        window: 8,
        stop: Arc::default(),
        acknowledged: Arc::default(),
        repeated: Arc::default(),
    };
    let residents = Residents::settle(nodes.first(), &scene).await;
    residents.all_present(&scene, terms.presence).await.unwrap();

    let begun = Instant::now();
    let mut counts = [0; FAILURES.len()];
    let mut messages = 0;
    for round in 0.. {
        if if minutes == 0 { round == FAILURES.len() } else { begun.elapsed().as_secs() >= minutes * 60 } {
            break;
        }
        // Each once, then at random.
        let which = if round < FAILURES.len() { round } else { random.below(FAILURES.len() as u64) as usize };
        let failure = FAILURES[which];
        counts[which] += 1;
        // Where the database fails, or a node is frozen while it has a room locked, single messages are refused.
        let refuses = matches!(failure, Failure::PostgresKilled | Failure::NodeFrozen);
        scene.window = if refuses { 1 } else { 8 };
        scene.first_room = round * ROOMS;
        scene.stop = Arc::default();
        scene.furnish(nodes.first()).await;
        let people = People::begin(&scene);
        let classic = Classic::begin(&scene);
        pause(&mut random, 500).await;
        fail(failure, &mut nodes, &mut random).await;
        pause(&mut random, 1000).await;
        let finished = timeout(END, people.finish()).await;
        let history = finished.unwrap_or_else(|_| panic!("{failure:?} did not come to an end, seed {seed}"));
        let seen = classic.end().await;
        let checked = history.check().and_then(|()| classic::check(&seen, &history.logs[0]));
        let checked = match checked {
            Ok(()) => residents.all_present(&scene, terms.presence).await,
            Err(violation) => Err(violation),
        };
        if let Err(violation) = checked {
            panic!("{failure:?} in round {round}: {violation}\nCHAT_CHAOS_SEED={seed}\n{}", nodes.logs());
        }
        messages += history.messages();
        println!(
            "{:>4} s  {failure:?}: {} messages, all seen by {} readers; {}",
            begun.elapsed().as_secs(),
            history.messages(),
            history.readers.len(),
            scene.tell()
        );
    }
    println!(
        "{messages} messages in the logs; failures: {:?}",
        FAILURES.iter().zip(counts).collect::<Vec<_>>()
    );
    nodes.stop();
}

async fn pause(random: &mut Random, most: u64) {
    sleep(Duration::from_millis(random.below(most))).await;
}

/// Lets something fail for a while, and mends it.
async fn fail(failure: Failure, nodes: &mut Nodes, random: &mut Random) {
    let terms = nodes.terms;
    let node = random.below(NODES as u64) as usize;
    match failure {
        Failure::NodeKilled => {
            nodes.kill(node);
            pause(random, 2000).await;
            nodes.start_again(node);
        }
        Failure::NatsKilled => {
            nodes.nats.kill();
            pause(random, 3000).await;
            nodes.nats.start_again();
        }
        Failure::PostgresKilled => {
            nodes.postgres.kill();
            pause(random, 2000).await;
            nodes.postgres.start_again();
        }
        Failure::NodeFrozen => {
            nodes.signal(node, "STOP");
            sleep(terms.frozen).await;
            nodes.signal(node, "CONT");
        }
        Failure::NatsCut => {
            nodes.proxy(node).cut();
            sleep(terms.cut).await;
            nodes.proxy(node).mend();
        }
        Failure::NatsSilent => {
            nodes.proxy(node).silence();
            sleep(terms.cut).await;
            nodes.proxy(node).mend();
        }
        Failure::NatsSlow => {
            nodes.proxy(node).delay(Duration::from_millis(50 + random.below(200)));
            sleep(terms.cut).await;
            nodes.proxy(node).mend();
        }
        Failure::RollingRestart => {
            for node in 0..NODES {
                nodes.restart(node);
                pause(random, 500).await;
            }
        }
    }
}
