//! The room socket of the classic API.

use chat_core::*;
use chat_ws::{ClassicSettings, SocketSettings};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::http::Request;

use crate::support::*;

on_both_ways! {
    classic_and_native_clients_are_in_one_room,
    whoever_may_not_enter_is_told_before_the_upgrade,
    the_last_messages_come_first_when_they_are_asked_for,
    a_message_that_cannot_be_sent_is_answered_to_its_sender_alone,
    the_address_is_believed_only_where_that_is_switched_on,
    who_is_removed_is_closed,
}

const JOINED: &str = "A new user has joined the room";
const LEFT: &str = "user left the chat";

fn request(server: &Server, path: &str, token: &str) -> Request<()> {
    let mut request = server.request(&format!("/ws/joinRoom/{path}"));
    if !token.is_empty() {
        request.headers_mut().insert("cookie", format!("jwt={token}").parse().unwrap());
    }
    request
}

struct Socket(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

async fn open(server: &Server, path: &str, token: &str) -> Socket {
    Socket(tokio_tungstenite::connect_async(request(server, path, token)).await.unwrap().0)
}

impl Socket {
    /// The next object: its text and its username.
    async fn next(&mut self) -> (String, String) {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Frame::Text(text) => {
                    let object: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(object["roomId"], "r");
                    assert_eq!(object.as_object().unwrap().len(), 3);
                    let text = |field: &str| object[field].as_str().unwrap().to_owned();
                    return (text("content"), text("username"));
                }
                Frame::Ping(_) | Frame::Pong(_) => {}
                other @ (Frame::Binary(_) | Frame::Close(_) | Frame::Frame(_)) => panic!("{other:?}"),
            }
        }
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Frame::text(text)).await.unwrap();
    }
}

fn said(content: &str, username: &str) -> (String, String) {
    (content.to_owned(), username.to_owned())
}

async fn classic_and_native_clients_are_in_one_room(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    let (mut native, _) = server.connect("1").await;
    native.subscribe(&room).await;
    let mut one = open(&server, "r?userId=99&username=somebody", "7").await;
    assert_eq!(one.next().await, said(JOINED, "u7"), "who one is says the token");
    let mut two = open(&server, "r", "8").await;
    assert_eq!(two.next().await, said(JOINED, "u8"));
    assert_eq!(one.next().await, said(JOINED, "u8"));

    one.say("as it stands: {\"not\":\"json\"}").await;
    assert_eq!(one.next().await, said("as it stands: {\"not\":\"json\"}", "u7"));
    assert_eq!(two.next().await, said("as it stands: {\"not\":\"json\"}", "u7"));
    server.send(&room, "from the other side").await;
    assert_eq!(one.next().await, said("from the other side", "u1"));
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let publication = native.publication().await;
        texts.extend(publication["data"]["message"]["text"].as_str().map(str::to_owned));
    }
    assert_eq!(texts, ["as it stands: {\"not\":\"json\"}", "from the other side"]);
    two.0.close(None).await.unwrap();
    assert_eq!(one.next().await, said(LEFT, "u8"));
}

async fn whoever_may_not_enter_is_told_before_the_upgrade(way: Way) {
    let server = server(way);
    server.room("r", RoomKind::Private).await;
    server.room("p", RoomKind::Public).await;
    let cases = [
        ("p", "", 401),
        ("p", "forged", 401),
        ("p", "expired", 401),
        ("p", "away", 503),
        ("nowhere", "7", 404),
        ("r", "7", 404),
        ("p?history=many", "7", 400),
    ];
    for (path, token, status) in cases {
        assert_eq!(server.refused(request(&server, path, token)).await, status, "{path} {token}");
    }
}

async fn the_last_messages_come_first_when_they_are_asked_for(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    for n in 0..5 {
        server.send(&room, &n.to_string()).await;
    }
    let mut socket = open(&server, "r?history=2", "7").await;
    assert_eq!(socket.next().await, said("3", "u1"));
    assert_eq!(socket.next().await, said("4", "u1"));
    assert_eq!(socket.next().await, said(JOINED, "u7"));
}

async fn a_message_that_cannot_be_sent_is_answered_to_its_sender_alone(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    server.chat.join(&user(7), &room).await.unwrap();
    server.chat.set_role(&user(1), &room, user(7).id, Role::Reader).await.unwrap();
    let mut owner = open(&server, "r", "1").await;
    assert_eq!(owner.next().await, said(JOINED, "u1"));
    let mut reader = open(&server, "r", "7").await;
    assert_eq!(reader.next().await, said(JOINED, "u7"));
    assert_eq!(owner.next().await, said(JOINED, "u7"));
    reader.say("let me").await;
    let (content, username) = reader.next().await;
    assert!(content.starts_with("message not sent: "), "{content}");
    assert_eq!(username, "");
    owner.say(&"x".repeat(16_385)).await;
    assert_eq!(owner.next().await, said("message not sent: text must be at most 16384 bytes long", ""));
    owner.say("fine").await;
    assert_eq!(owner.next().await, said("fine", "u1"));
    assert_eq!(reader.next().await, said("fine", "u1"), "and nothing of the refused ones");
}

async fn the_address_is_believed_only_where_that_is_switched_on(way: Way) {
    let classic = ClassicSettings { trust_query: true, ..ClassicSettings::default() };
    let server = server_with(way, Limits::default(), SocketSettings { classic, ..SocketSettings::default() });
    server.room("r", RoomKind::Public).await;
    let mut socket = open(&server, "r?userId=42&username=zoe", "").await;
    assert_eq!(socket.next().await, said(JOINED, "zoe"));
    socket.say("hello").await;
    assert_eq!(socket.next().await, said("hello", "zoe"));
    for query in ["r", "r?userId=0&username=x", "r?userId=1", "r?userId=1&username=%0A"] {
        assert_eq!(server.refused(request(&server, query, "")).await, 400, "{query}");
    }
    let off = ClassicSettings { enabled: false, ..ClassicSettings::default() };
    let server =
        server_with(way, Limits::default(), SocketSettings { classic: off, ..SocketSettings::default() });
    server.room("r", RoomKind::Public).await;
    assert_eq!(server.refused(request(&server, "r", "7")).await, 404);
}

async fn who_is_removed_is_closed(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    let mut socket = open(&server, "r", "7").await;
    assert_eq!(socket.next().await, said(JOINED, "u7"));
    server.chat.remove(&user(1), &room, user(7).id).await.unwrap();
    let Frame::Close(Some(close)) = socket.0.next().await.unwrap().unwrap() else { panic!("no close") };
    assert_eq!(u16::from(close.code), 3507);
}
