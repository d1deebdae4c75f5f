//! What happens to the database while people talk: senders get the temporary error, connections stay, the server
//! comes back by itself and says so, and nothing acknowledged is missing, double or out of order.

use std::collections::{BTreeMap, HashSet};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chat_db::{Connection, DbSettings};
use chat_testdb::{Durability, Engine};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::socket::Socket;
use crate::support::*;

/// How long clients wait before they try again.
const PAUSE: Duration = Duration::from_millis(20);

const WRITERS: usize = 4;

/// A connection that has to stay, whatever happens.
async fn connect(server: &Server, token: &str) -> Socket {
    Socket::connect(&server.url, token, Duration::from_secs(60)).await.unwrap()
}

async fn publish(socket: &mut Socket, name: &str) -> Value {
    let body = json!({ "channel": "room:r", "data": { "text": name, "client_id": name } });
    socket.call("publish", body).await.expect("the connection stays")
}

/// People in a room, some of whom write without a pause.
struct Talk {
    server: Server,
    token: String,
    /// The server has to do without its database for this long at least.
    refused: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    writers: Vec<tokio::task::JoinHandle<BTreeMap<u64, String>>>,
    reader: tokio::task::JoinHandle<Vec<u64>>,
    /// A connection that was there from the beginning.
    socket: Socket,
}

impl Talk {
    async fn begin(server: Server, text: usize) -> Talk {
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        let (refused, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let writers = (0..WRITERS)
            .map(|writer| {
                let client = server.client.clone();
                let url = format!("{}/api/v1/rooms/r/messages", server.url);
                let (refused, stop, token) = (refused.clone(), stop.clone(), token.clone());
                tokio::spawn(async move {
                    let mut acknowledged = BTreeMap::new();
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let name = format!("{writer}.{number}");
                        let body = json!({ "text": padded(&name, text), "client_id": name });
                        let answer = client.post(&url).bearer_auth(&token).json(&body).send().await.unwrap();
                        match answer.status() {
                            StatusCode::CREATED | StatusCode::OK => {
                                let message: Value = answer.json().await.unwrap();
                                acknowledged.insert(message["offset"].as_u64().unwrap(), name);
                                number += 1;
                            }
                            StatusCode::SERVICE_UNAVAILABLE => {
                                assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
                                refused.fetch_add(1, Ordering::Relaxed);
                                tokio::time::sleep(PAUSE).await;
                            }
                            _ => panic!("{answer:?}"),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let reader = tokio::spawn(read(connect(&server, &token).await, stop.clone()));
        let socket = connect(&server, &token).await;
        Talk { server, token, refused, stop, writers, reader, socket }
    }

    /// Waits until the server says that it is ready, or is not, and senders are told the same.
    async fn until_ready(&mut self, ready: bool) {
        let url = format!("{}/health/ready", self.server.url);
        loop {
            let status = self.server.client.get(&url).send().await.unwrap().status();
            if (status == StatusCode::OK) == ready {
                break;
            }
            assert!(matches!(status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{status}");
            tokio::time::sleep(PAUSE).await;
        }
        while !ready && self.refused.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(PAUSE).await;
        }
        // A disk that is full for others may still take a few short messages; and a connection that was cut may be
        // seen by this one first.
        for n in 0.. {
            let reply = publish(&mut self.socket, &format!("socket {ready} {n}")).await;
            let kept = reply["publish"].is_object();
            if !kept {
                assert_eq!(reply["error"]["code"], 100, "{reply}");
                assert_eq!(reply["error"]["temporary"], true, "{reply}");
            }
            if kept == ready {
                return;
            }
        }
    }

    /// Ends the talk, and checks what everyone has of it. Returns the log of the server.
    async fn end(mut self) -> String {
        self.stop.store(true, Ordering::Relaxed);
        let mut acknowledged = BTreeMap::new();
        for writer in self.writers {
            let more = writer.await.unwrap();
            assert!(!more.is_empty());
            acknowledged.extend(more);
        }
        // The reader ends with the first event after the stop.
        publish(&mut self.socket, "the end").await;
        let seen = self.reader.await.unwrap();
        let log = messages(&self.server, &self.token).await;
        for (index, (offset, _)) in log.iter().enumerate() {
            assert_eq!(*offset, index as u64 + 2, "offsets have no gap");
        }
        let names: HashSet<&str> = log.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names.len(), log.len(), "nothing is there twice");
        let log: BTreeMap<u64, String> = log.into_iter().collect();
        for (offset, name) in &acknowledged {
            assert_eq!(log.get(offset), Some(name), "what was acknowledged is there");
        }
        // The reader came when something had been said already.
        let all: Vec<u64> = log.keys().copied().skip_while(|offset| Some(offset) != seen.first()).collect();
        assert_eq!(seen, all, "a member saw the log, each once, in order");
        self.server.signal("TERM");
        self.server.log()
    }
}

/// A text that does not compress, so that it takes room.
fn padded(name: &str, length: usize) -> String {
    let mut state = name.bytes().fold(7_u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(33 + (state >> 40) as u8 % 90)
    };
    format!("{name} {}", std::iter::repeat_with(&mut next).take(length).collect::<String>())
}

/// Follows the room until something is said after the stop, and returns the offsets that it saw. Where the server
/// ends the subscription for want of its log, it subscribes again and recovers.
async fn read(mut socket: Socket, stop: Arc<AtomicBool>) -> Vec<u64> {
    let mut epoch = Value::Null;
    let mut seen: Vec<u64> = Vec::new();
    let mut subscribed = false;
    loop {
        if !subscribed {
            let mut body = json!({ "channel": "room:r" });
            if let Some(last) = seen.last() {
                body = json!({ "channel": "room:r", "recover": true, "offset": last, "epoch": epoch });
            }
            let reply = socket.call("subscribe", body).await.expect("the connection stays");
            if reply["error"].is_object() {
                assert_eq!(reply["error"]["code"], 100, "{reply}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            subscribed = true;
            epoch = reply["subscribe"]["epoch"].clone();
            assert!(seen.is_empty() || reply["subscribe"]["recovered"] == true, "{reply}");
            let missed = reply["subscribe"]["publications"].as_array().cloned().unwrap_or_default();
            seen.extend(missed.iter().map(|publication| publication["offset"].as_u64().unwrap()));
        }
        let line = socket.line().await.expect("the connection stays");
        let publication = &line["push"]["pub"];
        if publication.is_object() {
            seen.push(publication["offset"].as_u64().unwrap());
            if stop.load(Ordering::Relaxed) && publication["data"]["message"]["text"] == "the end" {
                return seen;
            }
        }
        if line["push"]["unsubscribe"].is_object() {
            subscribed = false;
        }
    }
}

/// The room's messages: offset and `client_id` of each.
async fn messages(server: &Server, token: &str) -> Vec<(u64, String)> {
    let mut messages = Vec::new();
    let mut after = "0".to_owned();
    loop {
        let path = format!("/rooms/r/messages?limit=200&after={after}");
        let (status, page) = server.call(Method::GET, &path, token, None).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for message in page["items"].as_array().unwrap() {
            let name = message["client_id"].as_str().unwrap().to_owned();
            messages.push((message["offset"].as_u64().unwrap(), name));
        }
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return messages,
        }
    }
}

fn assert_told(log: &str) {
    for line in ["the database cannot be written: ", "the database can be written again"] {
        assert!(log.contains(line), "{line:?} is missing in\n{log}");
    }
}

/// Time-outs that a test can wait for.
///
/// Nobody is pinged: one connection is not read while a test waits, however long a disk takes to fill.
const QUICK: &[(&str, &str)] =
    &[("CHAT_DATABASE__TIMEOUT_SECONDS", "1"), ("CHAT_CONNECTION__PING_SECONDS", "3600")];

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_killed_and_started_again() {
    let postgres = chat_testdb::Server::start(Durability::Off);
    let place = Place::on(&postgres);
    let mut talk = Talk::begin(start(place.server(QUICK)), 10).await;
    for _ in 0..2 {
        postgres.kill();
        talk.until_ready(false).await;
        postgres.start_again();
        talk.until_ready(true).await;
        talk.refused.store(0, Ordering::Relaxed);
    }
    assert_told(&talk.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connections_to_postgres_are_cut() {
    let postgres = chat_testdb::Server::start(Durability::Off);
    let place = Place::on(&postgres);
    let mut talk = Talk::begin(start(place.server(QUICK)), 10).await;
    for _ in 0..20 {
        postgres.cut_connections();
        talk.until_ready(true).await;
    }
    talk.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_of_postgres_is_full() {
    // The segments of its log have 16 MiB.
    let postgres = chat_testdb::Server::start_on_small_disk(20 << 20);
    let place = Place::on(&postgres);
    let mut talk = Talk::begin(start(place.server(QUICK)), 16_000).await;
    while talk.refused.load(Ordering::Relaxed) < 10 {
        tokio::time::sleep(PAUSE).await;
    }
    postgres.make_room();
    talk.until_ready(true).await;
    assert_told(&talk.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_of_sqlite_is_full() {
    let place = Place::of(Engine::Sqlite);
    let mut environment = vec![("CHAT_LISTEN", "127.0.0.1:0"), ("CHAT_LIMITS__RATES", "off")];
    environment.extend([("CHAT_AUTH__BCRYPT_COST", "4")].iter().chain(QUICK));
    // No file may grow beyond 512 KiB: the write-ahead log soon wants to.
    let server = start(place.under("trap '' XFSZ; ulimit -S -f 1024;", &environment));
    let process = server.process.id().to_string();
    let mut talk = Talk::begin(server, 8000).await;
    talk.until_ready(false).await;
    let room = Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status();
    assert!(room.unwrap().success());
    talk.until_ready(true).await;
    assert_told(&talk.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_sqlite_is_locked_by_another_process() {
    let place = Place::of(Engine::Sqlite);
    let mut talk = Talk::begin(start(place.server(QUICK)), 10).await;
    let url = format!("sqlite:{}", place.path().join("data/chat.db").display());
    let mut other = Connection::open(&DbSettings::new(url.parse().unwrap())).unwrap();
    other.execute("BEGIN IMMEDIATE").unwrap();
    talk.until_ready(false).await;
    other.execute("ROLLBACK").unwrap();
    talk.until_ready(true).await;
    assert_told(&talk.end().await);
}
