//! How connections end (client protocol, sections 9 and 10).

use std::time::Duration;

use chat_core::*;
use chat_ws::SocketSettings;
use serde_json::json;

use crate::support::*;

on_both_ways! {
    a_stop_closes_those_too_that_have_not_said_who_they_are,
    a_stop_of_the_node_and_the_end_of_a_session_have_their_codes,
    what_breaks_the_protocol_closes_with_its_code,
    pings_are_answered_or_the_connection_is_dead,
    a_token_that_ends_takes_the_connection_along_unless_it_is_renewed,
    a_refresh_takes_only_a_good_token_of_the_same_user_and_session,
}

async fn a_stop_of_the_node_and_the_end_of_a_session_have_their_codes(way: Way) {
    let server = server(way);
    let (mut phone, _) = server.connect("7:phone").await;
    let (mut desk, _) = server.connect("7:desk").await;
    server.chat.end_session(user(7).id, &SessionId::from("phone"));
    let told = json!({ "type": "session.ended", "session": "phone" });
    assert_eq!(phone.publication().await["data"], told);
    assert_eq!(phone.closed().await, 3503);
    assert_eq!(desk.publication().await["data"], told);
    server.chat.hub().all().iter().for_each(|connection| connection.close(CloseReason::Shutdown));
    assert_eq!(desk.closed().await, 3001);
}

async fn a_stop_closes_those_too_that_have_not_said_who_they_are(way: Way) {
    let server = server(way);
    let (mut known, _) = server.connect("7").await;
    let mut stranger = server.open().await;
    assert_eq!(server.sockets.open_count(), 2);
    server.sockets.close_all(CloseReason::Shutdown);
    assert_eq!(known.closed().await, 3001);
    assert_eq!(stranger.closed().await, 3001);
    drop((known, stranger));
    while server.sockets.open_count() > 0 {
        actix_web::rt::task::yield_now().await;
    }
}

async fn what_breaks_the_protocol_closes_with_its_code(way: Way) {
    let server = server(way);
    let cases = [
        (r#"{"id":2,"connect":{"token":"7"}}"#, 3501),
        (r#"{"id":2,"nonsense":{}}"#, 3501),
        (r#"{"id":2,"subscribe":{"channel":"room:r","delta":"unheard"}}"#, 3501),
        (r#"{"id":2,"subscribe":{}}"#, 3501),
        (r#"{"id":2,"refresh":{"token":""}}"#, 3501),
        (r#"{"send":{"data":{}}}"#, 3508),
        ("{}", 3501),
        ("nonsense", 3501),
        ("", 3501),
    ];
    for (text, code) in cases {
        let (mut client, _) = server.connect("7").await;
        client.say_text(text).await;
        assert_eq!(client.closed().await, code, "{text}");
    }
}

async fn pings_are_answered_or_the_connection_is_dead(way: Way) {
    let (ping, pong) = (Duration::from_millis(200), Duration::from_millis(100));
    let server =
        server_with(way, Limits::default(), SocketSettings { ping, pong, ..SocketSettings::default() });
    let (mut silent, _) = server.connect("7").await;
    silent.answers_pings = false;
    assert_eq!(silent.line().await, json!({}));
    assert_eq!(silent.closed().await, 3012);

    let (mut alive, _) = server.connect("7").await;
    alive.answers_pings = false;
    for _ in 0..3 {
        assert_eq!(alive.line().await, json!({}));
        alive.say_text("{}").await;
    }
    assert_eq!(alive.call("rpc", json!({ "method": "room.list" })).await["rpc"]["data"]["items"], json!([]));
}

async fn a_token_that_ends_takes_the_connection_along_unless_it_is_renewed(way: Way) {
    let expiry_grace = Duration::ZERO;
    let server =
        server_with(way, Limits::default(), SocketSettings { expiry_grace, ..SocketSettings::default() });
    let (mut left, _) = server.connect("7@1").await;
    let (mut kept, _) = server.connect("7@1").await;
    let renewed = kept.call("refresh", json!({ "token": "7@600" })).await;
    assert_eq!(renewed["refresh"]["expires"], true);
    assert!(renewed["refresh"]["ttl"].as_u64().unwrap() > 500);
    assert_eq!(left.closed().await, 3005);
    assert!(kept.call("rpc", json!({ "method": "room.list" })).await["rpc"].is_object());
}

async fn a_refresh_takes_only_a_good_token_of_the_same_user_and_session(way: Way) {
    let server = server(way);
    let cases = [("8", 3500), ("forged", 3500), ("expired", 3005), ("7:another", 3011)];
    for (token, code) in cases {
        let (mut client, _) = server.connect("7").await;
        client.say(&json!({ "id": 2, "refresh": { "token": token } })).await;
        assert_eq!(client.closed().await, code, "{token}");
    }
    let (mut client, _) = server.connect("7").await;
    assert_eq!(client.error("refresh", json!({ "token": "away" })).await, 100);
    assert!(client.call("rpc", json!({ "method": "room.list" })).await["rpc"].is_object());
}
