//! Messages that are sent later, by the real program.

use std::time::Duration;

use chat_core::Timestamp;
use chat_json::Time;
use chat_testdb::{Engine, NatsServer, TestDatabase};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::socket::Socket;
use crate::support::*;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

fn in_millis(millis: u64) -> String {
    Time(Timestamp::now().after(Duration::from_millis(millis))).to_string()
}

/// Waits until a room's last message says this, on a connection that is there already.
async fn heard(reader: &mut Socket, text: &str) {
    loop {
        let line = reader.line().await.expect("it comes");
        if line["push"]["pub"]["data"]["message"]["text"] == text {
            return;
        }
    }
}

#[tokio::test]
async fn what_was_due_while_the_server_was_down_is_sent_once_when_it_is_back() {
    let place = Place::new();
    let mut server = start(place.server(&[]));
    let token = server.enter("ann").await;
    server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    for (text, millis) in [("first", 1500), ("second", 1600)] {
        let body = json!({ "text": text, "send_at": in_millis(millis) });
        assert_eq!(server.post("/rooms/r/scheduled", &token, body).await.0, StatusCode::CREATED);
    }
    server.signal("KILL");
    server = start(place.server(&[]));
    let mut reader = Socket::connect(&server.url, &token, PATIENCE).await.unwrap();
    let since = json!({ "channel": "room:r", "recover": true, "offset": 1 });
    reader.call("subscribe", since).await.unwrap();
    let behind = async |server: &Server, reader: &mut Socket, text: &str| {
        // Behind those that were to be sent before.
        let body = json!({ "text": text, "send_at": in_millis(2000) });
        assert_eq!(server.post("/rooms/r/scheduled", &token, body).await.0, StatusCode::CREATED);
        heard(reader, text).await;
    };
    behind(&server, &mut reader, "behind them").await;
    // Perhaps before it is noted that this one was sent: then it is tried again, and sent no more.
    server.signal("KILL");
    let server = start(place.server(&[]));
    let mut reader = Socket::connect(&server.url, &token, PATIENCE).await.unwrap();
    reader.call("subscribe", json!({ "channel": "room:r" })).await.unwrap();
    behind(&server, &mut reader, "at last").await;
    let texts = server.texts(&token, "r").await;
    assert_eq!(texts, ["first", "second", "behind them", "at last"]);
}

#[tokio::test]
async fn two_nodes_send_it_once() {
    let (nats, database) = (NatsServer::start(), TestDatabase::of(Engine::Postgres));
    let (places, url) = ([Place::bare(), Place::bare()], nats.url());
    let shared = [
        ("CHAT_DATABASE_URL", database.url()),
        ("CHAT_NATS_URL", &url),
        ("CHAT_TOKEN_KEY", "the same for all nodes, and long enough"),
        ("CHAT_FILES__ENABLED", "false"),
    ];
    let [one, two] = places.each_ref().map(|place| start(place.server(&shared)));
    let token = one.enter("ann").await;
    one.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    let mut reader = Socket::connect(&two.url, &token, PATIENCE).await.unwrap();
    reader.call("subscribe", json!({ "channel": "room:r" })).await.unwrap();
    // Both are woken at the same time.
    let at = in_millis(500);
    for server in [&one, &two] {
        for n in 0..5 {
            let body = json!({ "text": format!("{n}"), "send_at": at, "client_id": n.to_string() });
            let (status, _) = server.post("/rooms/r/scheduled", &token, body).await;
            assert!(status.is_success(), "{status}");
        }
    }
    let body = json!({ "text": "last", "send_at": in_millis(900) });
    assert_eq!(two.post("/rooms/r/scheduled", &token, body).await.0, StatusCode::CREATED);
    heard(&mut reader, "last").await;
    let mut texts = one.texts(&token, "r").await;
    assert_eq!(texts.pop().as_deref(), Some("last"));
    texts.sort_unstable();
    assert_eq!(texts, ["0", "1", "2", "3", "4"]);
    let (_, list) = one.call(Method::GET, "/scheduled", &token, None).await;
    assert!(list["items"].as_array().unwrap().len() <= 1, "{list}");
}
