//! What a node does because it may be one of several.

use std::process::Command;
use std::time::Duration;

use chat_testdb::{Engine, NatsServer, TestDatabase};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::socket::Socket;
use crate::support::*;

/// The same for all nodes.
const KEY: &str = "the same for all nodes, and long enough";

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

fn node(place: &Place, database: &TestDatabase, nats: &str, key: &str) -> Command {
    let shared = [
        ("CHAT_DATABASE_URL", database.url()),
        ("CHAT_NATS_URL", nats),
        ("CHAT_TOKEN_KEY", key),
        ("CHAT_FILES__ENABLED", "false"),
    ];
    place.server(&shared)
}

#[tokio::test]
async fn a_message_sent_at_one_node_is_read_at_another() {
    let (nats, database) = (NatsServer::start(), TestDatabase::of(Engine::Postgres));
    let places = [Place::bare(), Place::bare()];
    let [one, two] = places.each_ref().map(|place| start(node(place, &database, &nats.url(), KEY)));
    let token = one.enter("ann").await;
    one.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    let mut reader = Socket::connect(&two.url, &token, PATIENCE).await.unwrap();
    reader.call("subscribe", json!({ "channel": "room:r" })).await.unwrap();
    one.post("/rooms/r/messages", &token, json!({ "text": "x" })).await;
    let line = reader.line().await.unwrap();
    assert_eq!(line["push"]["pub"]["data"]["message"]["text"], "x");
    let (_, present) = one.call(Method::GET, "/rooms/r/presence", &token, None).await;
    assert_eq!(present["items"][0]["user"]["username"], "ann");
    // Logged out at one, the connection at the other ends.
    let (status, _) = one.call(Method::DELETE, "/sessions/current", &token, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    while reader.line().await.is_some() {}
}

#[tokio::test]
async fn a_message_that_expires_is_ended_by_one_node_and_all_are_told() {
    let (nats, database) = (NatsServer::start(), TestDatabase::of(Engine::Postgres));
    let places = [Place::bare(), Place::bare()];
    let [one, two] = places.each_ref().map(|place| start(node(place, &database, &nats.url(), KEY)));
    let token = one.enter("ann").await;
    one.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    let mut reader = Socket::connect(&two.url, &token, PATIENCE).await.unwrap();
    reader.call("subscribe", json!({ "channel": "room:r" })).await.unwrap();
    let mut event = async || reader.line().await.unwrap()["push"]["pub"]["data"].clone();
    let (status, sent) = one.post("/rooms/r/messages", &token, json!({ "text": "x", "expires_in": 5 })).await;
    assert_eq!((status, &sent["offset"]), (StatusCode::CREATED, &json!(2)));
    let created = event().await;
    assert_eq!(created["message"]["expires_at"], sent["expires_at"]);
    let ended = event().await;
    assert_eq!((&ended["type"], &ended["offset"]), (&json!("message.deleted"), &json!(3)));
    assert_eq!(
        (&ended["message"]["text"], &ended["message"]["deleted_at"]),
        (&json!(""), &sent["expires_at"])
    );
    // Sent at another node than the last one, so that both have come to the end of the log.
    for (server, offset) in [(&two, 4), (&one, 5)] {
        let (_, next) = server.post("/rooms/r/messages", &token, json!({ "text": "next" })).await;
        assert_eq!(next["offset"], offset, "it was ended once");
    }
}

#[test]
fn what_keeps_it_from_being_one_of_several_is_one_line() {
    let nats = NatsServer::start_with(&["--user", "chat", "--pass", "secret"]);
    let database = TestDatabase::of(Engine::Postgres);
    let url = |who: &str| format!("nats://{who}@{}", nats.address());
    let place = Place::bare();
    let (code, told) = refused(node(&place, &database, &url("chat:wrong"), KEY));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("nats_url: the server refuses this node") && !told.contains("wrong"), "{told}");
    let first = start(node(&place, &database, &url("chat:secret"), KEY));
    let (code, told) = refused(node(&Place::bare(), &database, &url("chat:secret"), &KEY.replace('e', "E")));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("token_key"), "{told}");
    drop(first);
    let (code, told) = refused(place.server(&[("CHAT_NATS_URL", "nats://localhost:4222")]));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("SQLite") && told.contains("token_key"), "{told}");
}

#[tokio::test]
async fn a_balancer_is_told_before_anything_stops() {
    let place = Place::new();
    let mut server = start(place.server(&[("CHAT_STOP__NOTICE_SECONDS", "2")]));
    let token = server.enter("ann").await;
    server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    let mut reader = Socket::connect(&server.url, &token, PATIENCE).await.unwrap();
    reader.call("subscribe", json!({ "channel": "room:r" })).await.unwrap();
    let ready = format!("{}/health/ready", server.url);
    let status = async || server.client.get(&ready).send().await.unwrap().status();
    assert_eq!(status().await, StatusCode::OK);
    let id = server.process.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    while status().await == StatusCode::OK {
        tokio::task::yield_now().await;
    }
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    // Everything goes on meanwhile.
    assert_eq!(server.post("/rooms/r/messages", &token, json!({ "text": "x" })).await.0, StatusCode::CREATED);
    assert_eq!(reader.line().await.unwrap()["push"]["pub"]["data"]["message"]["text"], "x");
    while reader.line().await.is_some() {}
    assert!(server.process.wait().unwrap().success());
}

#[tokio::test]
async fn who_is_disabled_beside_the_server_loses_their_connections() {
    let place = Place::new();
    let server = start(place.server(&[("CHAT_NODES__COMPARE_SECONDS", "1")]));
    let (ann, ben) = (server.enter("ann").await, server.enter("ben").await);
    let mut anns = Socket::connect(&server.url, &ann, PATIENCE).await.unwrap();
    let mut bens = Socket::connect(&server.url, &ben, PATIENCE).await.unwrap();
    let output = place.run(&["user", "disable", "ann"], &[], "");
    assert!(output.status.success(), "{output:?}");
    while anns.line().await.is_some() {}
    assert!(bens.call("presence", json!({ "channel": "user:2" })).await.is_some(), "the other stays");
}

#[tokio::test]
async fn whom_an_administrator_disables_at_one_node_is_cut_off_at_another() {
    let (nats, database) = (NatsServer::start(), TestDatabase::of(Engine::Postgres));
    let places = [Place::bare(), Place::bare()];
    let [one, two] = places.each_ref().map(|place| start(node(place, &database, &nats.url(), KEY)));
    // Of two who are first at once, at two nodes, one is.
    let sign_up = |server: &Server, name: &str| {
        let account =
            json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        let request = server.client.post(format!("{}/api/v1/users", server.url)).json(&account);
        async move { request.send().await.unwrap().json::<serde_json::Value>().await.unwrap() }
    };
    let (ann, ben) = tokio::join!(sign_up(&one, "ann"), sign_up(&two, "ben"));
    let (admin, other) = if ann["admin"] == true { (&ann, &ben) } else { (&ben, &ann) };
    assert_eq!((&admin["admin"], other.get("admin")), (&json!(true), None));
    let [admin, token] = [admin, other].map(|user| one.enter(user["username"].as_str().unwrap()));
    let (admin, token) = (admin.await, token.await);
    let mut reader = Socket::connect(&two.url, &token, PATIENCE).await.unwrap();
    let path = format!("/admin/users/{}/disabled", other["id"].as_str().unwrap());
    assert_eq!(one.call(Method::PUT, &path, &admin, None).await.0, StatusCode::OK);
    while reader.line().await.is_some() {}
    assert_eq!(two.call(Method::GET, "/users/me", &token, None).await.0, StatusCode::UNAUTHORIZED);
}
