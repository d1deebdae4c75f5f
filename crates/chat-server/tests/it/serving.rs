//! The server as a process: it starts, it stops, and it survives what happens to it.

use std::fs;
use std::net::TcpListener;

use chat_testdb::Engine;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::*;

#[test]
fn a_port_in_use_is_named_and_nothing_is_made() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, told) = refused(place.server(&[("CHAT_LISTEN", &address)]));
    assert_eq!(code, Some(1));
    assert!(told.contains(&format!("cannot listen on {address}")) && told.contains("CHAT_LISTEN"), "{told}");
    assert!(!place.path().join("data").exists());
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let place = Place::new();
    fs::write(place.path().join("file"), "").unwrap();
    let (code, told) = refused(place.server(&[("CHAT_DATA_DIR", "file/data")]));
    assert_eq!(code, Some(1));
    assert!(told.contains("the data directory file/data"), "{told}");
}

#[test]
fn a_damaged_database_stops_the_start_with_one_line() {
    let place = Place::of(Engine::Sqlite);
    fs::create_dir(place.path().join("data")).unwrap();
    fs::write(
        place.path().join("data/chat.db"),
        "no database, but more than a hundred bytes of text ".repeat(9),
    )
    .unwrap();
    let (code, told) = refused(place.server(&[]));
    assert_eq!(code, Some(1));
    assert_eq!(told.lines().filter(|line| line.contains("damaged or no database")).count(), 1, "{told}");
}

#[tokio::test]
async fn a_stop_by_signal_answers_flushes_and_exits_with_0() {
    for name in ["TERM", "INT"] {
        let place = Place::new();
        let mut server = start(place.server(&[]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        assert_eq!(
            server.post("/rooms/r/messages", &token, json!({ "text": "x" })).await.0,
            StatusCode::CREATED
        );
        assert_eq!(server.signal(name).code(), Some(0), "{name}");
        let wal = place.path().join("data/chat.db-wal");
        assert!(!wal.exists() || fs::metadata(wal).unwrap().len() == 0, "all is in the one file");
    }
}

#[tokio::test]
async fn a_killed_server_has_everything_that_it_acknowledged() {
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut server = start(place.server(&[]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        for n in 0..20 {
            let text = format!("{round}.{n}");
            let sent =
                server.post("/rooms/r/messages", &token, json!({ "text": text, "client_id": text })).await;
            assert_eq!(sent.0, StatusCode::CREATED);
            acknowledged.push(text);
        }
        server.signal("KILL");
        let server = start(place.server(&[]));
        let token = server.enter("ann").await;
        assert_eq!(server.texts(&token, "r").await, acknowledged);
    }
}

#[tokio::test]
async fn pages_of_configured_origins_may_call_and_no_others() {
    let place = Place::new();
    let server =
        start(place.server(&[("CHAT_HTTP__ORIGINS", "https://chat.example.org,http://localhost:3000")]));
    let ask = async |origin: &str| {
        let url = format!("{}/api/v1/rooms", server.url);
        let request = server.client.request(Method::OPTIONS, url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let answer = request.header("access-control-request-headers", "content-type").send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin");
        (answer.status(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    for origin in ["https://chat.example.org", "http://localhost:3000"] {
        assert_eq!(ask(origin).await, (StatusCode::OK, Some(origin.to_owned())));
    }
    assert_eq!(ask("https://evil.example.org").await, (StatusCode::BAD_REQUEST, None));
}

#[tokio::test]
async fn the_log_never_holds_a_password_a_token_or_a_text() {
    let place = Place::new();
    let mut server = start(place.server(&[("CHAT_LOG", "trace")]));
    let token = server.enter("ann").await;
    let text = "for your eyes only";
    server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    server.post("/rooms/r/messages", &token, json!({ "text": text })).await;
    server.post("/sessions", "", json!({ "username": "ann", "password": "a wrong password" })).await;
    server.call(Method::GET, "/rooms", &format!("{token}x"), None).await;
    server.signal("TERM");
    let log = server.log();
    assert!(log.contains("TRACE"), "{log}");
    for secret in [PASSWORD, "a wrong password", text, &token] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
