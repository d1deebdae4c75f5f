//! From the handshake to the connect reply (client protocol, sections 1 and 4).

use std::time::Duration;

use chat_core::*;
use chat_ws::SocketSettings;
use serde_json::json;

use crate::support::*;

on_both_ways! {
    sockets_are_counted_before_anyone_says_who_they_are,
    a_good_token_is_answered_with_everything_an_sdk_needs,
    what_is_no_connect_closes_with_its_code,
    an_expired_token_is_an_error_and_ends_what_the_connection_can_do,
    who_says_nothing_is_stale,
    one_connection_too_many_is_told_so,
    pages_of_other_origins_and_other_protocols_are_refused_before_the_upgrade,
    a_cookie_is_enough_where_the_command_has_no_token,
}

async fn a_good_token_is_answered_with_everything_an_sdk_needs(way: Way) {
    let server = server(way);
    let (_client, reply) = server.connect("7@600").await;
    assert!(!reply["client"].as_str().unwrap().is_empty());
    assert!(!reply["version"].as_str().unwrap().is_empty());
    assert_eq!(reply["ping"], 25);
    assert_eq!(reply["pong"], true);
    assert_eq!(reply["expires"], true);
    assert!((590..=600).contains(&reply["ttl"].as_u64().unwrap()), "{reply}");
    assert_eq!(reply["subs"], json!({ "user:7": {} }));
    let (_client, reply) = server.connect("7").await;
    assert_eq!(reply.get("expires"), None);
}

async fn what_is_no_connect_closes_with_its_code(way: Way) {
    let server = server(way);
    let connect = r#"{"id":1,"connect":{"token":"7"}}"#;
    let cases = [
        (r#"{"id":1,"subscribe":{"channel":"room:r"}}"#.to_owned(), 3501),
        (r#"{"id":1,"rpc":{"method":"room.list"}}"#.to_owned(), 3501),
        ("{".to_owned(), 3501),
        (String::new(), 3501),
        ("[]".to_owned(), 3501),
        (r#"{"id":1,"dance":{}}"#.to_owned(), 3501),
        (r#"{"id":1,"connect":{}}"#.to_owned(), 3501),
        (r#"{"id":1,"connect":{"token":5}}"#.to_owned(), 3501),
        (r#"{"id":1,"connect":{"token":"forged"}}"#.to_owned(), 3500),
        (format!("{connect}\n{connect}"), 3501),
    ];
    for (text, code) in cases {
        let mut client = server.open().await;
        client.say_text(&text).await;
        assert_eq!(client.closed().await, code, "{text}");
    }
    assert_eq!(server.chat.hub().connection_count(), 0);
}

async fn an_expired_token_is_an_error_and_ends_what_the_connection_can_do(way: Way) {
    let settings = SocketSettings { stale: Duration::from_millis(300), ..SocketSettings::default() };
    let server = server_with(way, Limits::default(), settings);
    for (token, code) in [("expired", 109), ("away", 100)] {
        let connect = json!({ "id": 1, "connect": { "token": token } });
        // What follows in the same frame is not carried out.
        let mut client = server.open().await;
        client
            .say_text(&format!("{connect}\n{}", json!({ "id": 2, "rpc": { "method": "room.list" } })))
            .await;
        let reply = client.reply(1).await;
        assert_eq!(reply["error"]["code"], code);
        assert_eq!(reply["error"]["temporary"].as_bool().unwrap_or(false), code == 100);
        assert_eq!(client.closed().await, 3502, "silence has an end");

        let mut client = server.open().await;
        client.say(&connect).await;
        client.reply(1).await;
        client.say(&connect).await;
        assert_eq!(client.closed().await, 3501);
    }
}

async fn who_says_nothing_is_stale(way: Way) {
    let settings = SocketSettings { stale: Duration::from_millis(50), ..SocketSettings::default() };
    let server = server_with(way, Limits::default(), settings);
    assert_eq!(server.open().await.closed().await, 3502);
}

async fn one_connection_too_many_is_told_so(way: Way) {
    let server =
        server_with(way, Limits { connections_per_user: 1, ..Limits::default() }, SocketSettings::default());
    let (_first, _) = server.connect("7").await;
    let mut second = server.open().await;
    second.say(&json!({ "id": 1, "connect": { "token": "7" } })).await;
    assert_eq!(second.closed().await, 3504);
}

async fn pages_of_other_origins_and_other_protocols_are_refused_before_the_upgrade(way: Way) {
    let origins = vec!["https://chat.example.org".to_owned()];
    let server = server_with(way, Limits::default(), SocketSettings { origins, ..SocketSettings::default() });
    let from = |origin: &str| {
        let mut request = server.request("/connection/websocket");
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    assert_eq!(server.refused(from("https://evil.example.org")).await, 403);
    for origin in ["https://chat.example.org", &format!("http://{}", server.address)] {
        assert!(tokio_tungstenite::connect_async(from(origin)).await.is_ok(), "{origin}");
    }
    let speaking = |protocol: &str| {
        let mut request = server.request("/connection/websocket");
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        request
    };
    assert_eq!(server.refused(speaking("centrifuge-protobuf")).await, 400);
    assert_eq!(server.refused(server.request("/connection/websocket?cf_protocol=protobuf")).await, 400);
    let (_, answer) = tokio_tungstenite::connect_async(speaking("centrifuge-json")).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "centrifuge-json");
}

async fn a_cookie_is_enough_where_the_command_has_no_token(way: Way) {
    let server = server(way);
    let mut request = server.request("/connection/websocket?cf_protocol_version=v2");
    request.headers_mut().insert("cookie", "jwt=7".parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    use futures_util::{SinkExt, StreamExt};
    socket.send(r#"{"id":1,"connect":{}}"#.into()).await.unwrap();
    let reply = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(reply.contains(r#""subs":{"user:7":{}}"#), "{reply}");
}

async fn sockets_are_counted_before_anyone_says_who_they_are(way: Way) {
    let server = server_with(way, Limits { connections: 2, ..Limits::default() }, SocketSettings::default());
    let first = server.open().await;
    let _second = server.open().await;
    assert_eq!(server.refused(server.request("/connection/websocket")).await, 503);
    drop(first);
    while server.sockets.open_count() > 1 {
        actix_web::rt::task::yield_now().await;
    }
    server.open().await;
}
