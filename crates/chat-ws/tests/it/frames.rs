//! Frames of WebSocket itself (RFC 6455), and many commands in one.

use chat_core::*;
use chat_ws::SocketSettings;
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message as Message_;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::*;

on_both_ways! {
    frames_that_are_too_big_binary_or_no_utf8_close_with_their_codes,
    fragments_are_put_together,
    many_commands_in_one_frame_are_carried_out_in_their_order,
    a_newline_in_a_payload_breaks_no_frame,
}

fn fragment(bytes: impl Into<Vec<u8>>, code: Data, last: bool) -> Message_ {
    Message_::Frame(Frame::message(bytes.into(), OpCode::Data(code), last))
}

async fn frames_that_are_too_big_binary_or_no_utf8_close_with_their_codes(way: Way) {
    let server = server(way);
    let cases = [
        (vec![Message_::text("x".repeat(65_537))], 1009),
        (
            vec![
                fragment("x".repeat(40_000), Data::Text, false),
                fragment("x".repeat(40_000), Data::Continue, true),
            ],
            1009,
        ),
        (vec![Message_::binary(&b"{}"[..])], 3506),
        (vec![fragment([0xff, 0xfe], Data::Text, true)], 1007),
        (vec![fragment("{}", Data::Continue, true)], 1002),
    ];
    for (index, (frames, code)) in cases.into_iter().enumerate() {
        for connected in [false, true] {
            let mut client = if connected { server.connect("7").await.0 } else { server.open().await };
            for frame in frames.clone() {
                client.socket.send(frame).await.unwrap();
            }
            assert_eq!(client.closed().await, code, "case {index}, connected {connected}");
        }
    }
}

async fn fragments_are_put_together(way: Way) {
    let server = server(way);
    let mut client = server.open().await;
    let text = r#"{"id":1,"connect":{"token":"7"}}"#;
    client.socket.send(fragment(&text[..9], Data::Text, false)).await.unwrap();
    client.socket.send(Message_::Ping("are you there".into())).await.unwrap();
    client.socket.send(fragment(&text[9..20], Data::Continue, false)).await.unwrap();
    client.socket.send(fragment(&text[20..], Data::Continue, true)).await.unwrap();
    assert!(client.reply(1).await["connect"].is_object());
}

async fn many_commands_in_one_frame_are_carried_out_in_their_order(way: Way) {
    let server =
        server_with(way, Limits::default(), SocketSettings { in_flight: 2, ..SocketSettings::default() });
    for room in ["a", "b"] {
        server.room(room, RoomKind::Public).await;
    }
    let mut client = server.open().await;
    let mut commands = vec![json!({ "id": 1, "connect": { "token": "1" } })];
    for (id, room) in [(2, "a"), (3, "b")] {
        commands.push(json!({ "id": id, "subscribe": { "channel": format!("room:{room}") } }));
    }
    for n in 0..20 {
        let data = json!({ "text": n.to_string() });
        commands.push(json!({ "id": 4 + n, "publish": { "channel": "room:a", "data": data } }));
    }
    let lines: Vec<String> = commands.iter().map(Value::to_string).collect();
    client.say_text(&lines.join("\n")).await;
    assert!(client.line().await["connect"].is_object(), "first the connect reply");
    assert!(client.line().await["subscribe"].is_object());
    assert!(client.line().await["subscribe"].is_object());
    let (mut acks, mut texts) = (Vec::new(), Vec::new());
    while acks.len() < 20 || texts.len() < 20 {
        let line = client.line().await;
        match line["id"].as_u64() {
            Some(id) => {
                assert_eq!(line["publish"], json!({}), "{line}");
                acks.push(id);
            }
            None => texts.push(line["push"]["pub"]["data"]["message"]["text"].as_str().unwrap().to_owned()),
        }
    }
    assert_eq!(texts, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    acks.sort_unstable();
    assert_eq!(acks, (4..24).collect::<Vec<_>>());
}

async fn a_newline_in_a_payload_breaks_no_frame(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    let (mut client, _) = server.connect("1").await;
    client.subscribe(&room).await;
    client
        .say_text("{\"id\":9,\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"r\",\n\"text\":\"a\\nb\",\n\"data\":{\n\"k\":\n1}}}}")
        .await;
    let publication = client.publication().await;
    assert_eq!(publication["data"]["message"]["text"], "a\nb");
    assert_eq!(publication["data"]["message"]["data"], json!({ "k": 1 }));
}
