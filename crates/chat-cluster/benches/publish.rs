//! What it costs to tell an event, with more nodes and more rooms that it does not concern.
//! `cargo bench -p chat-cluster`: a table of CPU time, of all nodes together (they are in this process) and of NATS.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on shall panic")]

#[path = "../tests/it/support.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod support;

use std::fs;
use std::time::Duration;

use chat_cluster::ClusterSettings;
use chat_core::{Limits, RoomKind};
use support::{Node, Shared};

/// How many events are told.
const EVENTS: u64 = 300_000;

/// How long the looks that follow a new room may take, which are not measured.
const LOOKS: Duration = Duration::from_secs(2);

/// How many subscriptions one connection has.
const EACH: usize = 1000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!(
        "| nodes | rooms on each other node | nodes, µs an event | NATS, µs an event |\n| --- | --- | --- | --- |"
    );
    for (nodes, rooms) in [(1, 0), (2, 10), (2, 1000), (2, 100_000), (4, 10), (4, 1000)] {
        let (ours, nats) = measure(nodes, rooms).await;
        println!("| {nodes} | {rooms} | {ours:.2} | {nats:.2} |");
    }
}

/// One node tells events of a room that nobody else has, beside others with rooms of their own.
async fn measure(nodes: usize, rooms: usize) -> (f64, f64) {
    let shared = Shared::new();
    let limits = Limits {
        messages: None,
        subscriptions_per_connection: EACH,
        rooms_per_user: u64::MAX,
        recent_bytes: 0,
        ..Limits::default()
    };
    let settings = ClusterSettings { term: Duration::from_secs(15), ..shared.settings() };
    let first = shared.node_with(settings.clone(), limits.clone()).await.unwrap();
    let mut others: Vec<Node> = Vec::new();
    let mut clients = Vec::new();
    for room in 0..rooms {
        first.create_room(1, &format!("r{room}"), RoomKind::Public).await;
    }
    for _ in 1..nodes {
        let node = shared.node_with(settings.clone(), limits.clone()).await.unwrap();
        for from in (0..rooms).step_by(EACH) {
            let client = node.connect(2);
            for room in from..rooms.min(from + EACH) {
                node.subscribe(&client, &format!("r{room}")).await;
            }
            clients.push(client);
        }
        others.push(node);
    }
    for node in &others {
        node.settled().await;
    }
    first.create_room(1, "hot", RoomKind::Public).await;
    let mut reader = first.connect(3);
    first.subscribe(&reader, "hot").await;
    tokio::time::sleep(LOOKS).await;
    let mut offset = 1;
    let before = (cpu(std::process::id()), cpu(shared.nats.pid()));
    while offset <= EVENTS {
        // As many as a commit may have, and then all that it takes until they have been told.
        for _ in 0..100 {
            offset = first.send(1, "hot").await.unwrap();
        }
        reader.until(&format!("e{offset}")).await;
        first.settled().await;
    }
    let each = |after: f64, before: f64| (after - before) * 1e6 / offset as f64;
    (each(cpu(std::process::id()), before.0), each(cpu(shared.nats.pid()), before.1))
}

/// Seconds that a process has used.
fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in parentheses may contain anything; utime and stime are the 14th and 15th fields, in hundredths.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
