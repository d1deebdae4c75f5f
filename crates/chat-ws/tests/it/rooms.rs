//! Subscriptions, messages, history and presence (client protocol, sections 5, 7, 11 and 12).

use std::sync::Arc;

use async_trait::async_trait;
use chat_core::*;
use chat_ws::SocketSettings;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::*;

on_both_ways! {
    channels_that_are_not_the_callers_have_their_errors,
    who_comes_back_gets_what_was_missed_or_is_told_that_it_cannot,
    nothing_is_lost_or_doubled_at_the_seam_between_recovery_and_live,
    a_refused_message_says_why_in_a_stable_word,
    history_is_read_from_either_side,
    joins_leaves_and_presence_name_connections_and_users,
    a_subscription_that_the_server_ends_is_pushed,
    whoever_waits_for_previews_goes_on_meanwhile,
}

/// Looks at a page when it is told to.
struct Slow(Notify);

#[async_trait]
impl Previewer for Slow {
    async fn preview(&self, url: &str) -> Option<Preview> {
        self.0.notified().await;
        let (url, title) = (url.to_owned(), "A".to_owned());
        Some(Preview { url, title, description: String::new(), site_name: String::new(), image: None })
    }
}

async fn whoever_waits_for_previews_goes_on_meanwhile(way: Way) {
    let slow = Arc::new(Slow(Notify::new()));
    let chat = Chat::in_memory(Limits::default()).with_previewer(slow.clone());
    let server = server_of(way, chat, SocketSettings::default());
    let room = server.room("r", RoomKind::Public).await;
    server.send(&room, "https://a.example").await;
    let (mut client, _) = server.connect("7").await;
    let asked = json!({ "method": "preview.list", "data": { "room": "r", "offset": 2 } });
    client.say(&json!({ "id": 90, "rpc": asked })).await;
    assert!(client.call("rpc", json!({ "method": "room.list" })).await["rpc"].is_object());
    slow.0.notify_one();
    let reply = client.reply(90).await;
    assert_eq!(reply["rpc"]["data"]["items"][0]["title"], "A", "{reply}");
}

async fn channels_that_are_not_the_callers_have_their_errors(way: Way) {
    let server = server_with(
        way,
        Limits { subscriptions_per_connection: 2, ..Limits::default() },
        SocketSettings::default(),
    );
    server.room("private", RoomKind::Private).await;
    for room in ["a", "b", "c"] {
        server.room(room, RoomKind::Public).await;
    }
    let (mut client, _) = server.connect("7").await;
    let long = format!("room:{}", "x".repeat(300));
    let cases = [
        (json!({ "channel": "room:nowhere" }), 102),
        (json!({ "channel": "room:private" }), 102),
        (json!({ "channel": "room:not a room" }), 102),
        (json!({ "channel": "somewhere" }), 102),
        (json!({ "channel": "user:8" }), 103),
        (json!({ "channel": "user:7" }), 105),
        (json!({ "channel": long }), 107),
        (json!({ "channel": "room:a", "tf": { "key": "k", "cmp": "eq" } }), 107),
        (json!({ "channel": "room:a", "type": 1 }), 108),
        (json!({ "channel": "room:a", "recover": true, "offset": 9_007_199_254_740_993_u64 }), 107),
    ];
    for (body, code) in cases {
        assert_eq!(client.error("subscribe", body.clone()).await, code, "{body}");
    }
    client.subscribe(&room_id("a")).await;
    assert_eq!(client.error("subscribe", json!({ "channel": "room:a" })).await, 105);
    client.subscribe(&room_id("b")).await;
    assert_eq!(client.error("subscribe", json!({ "channel": "room:c" })).await, 106);
    assert_eq!(client.call("unsubscribe", json!({ "channel": "room:b" })).await["unsubscribe"], json!({}));
    assert_eq!(client.call("unsubscribe", json!({ "channel": "room:b" })).await["unsubscribe"], json!({}));
    client.subscribe(&room_id("c")).await;
    assert_eq!(client.error("sub_refresh", json!({ "channel": "room:b", "token": "x" })).await, 103);
    assert_eq!(client.error("sub_refresh", json!({ "channel": "room:c" })).await, 107);
}

async fn who_comes_back_gets_what_was_missed_or_is_told_that_it_cannot(way: Way) {
    let server =
        server_with(way, Limits { recovery_events: 3, ..Limits::default() }, SocketSettings::default());
    let room = server.room("r", RoomKind::Public).await;
    let (mut client, _) = server.connect("7").await;
    let first = client.subscribe(&room).await;
    let epoch = first["epoch"].as_str().unwrap().to_owned();
    assert!(!epoch.is_empty());
    assert_eq!(
        (&first["offset"], &first["recoverable"], &first["positioned"]),
        (&json!(1), &json!(true), &json!(true))
    );
    assert_eq!(first.get("publications"), None);
    for n in 2..=4 {
        server.send(&room, &n.to_string()).await;
    }
    let back = async |offset: u64, epoch: &str, flag: u32| {
        let (mut client, _) = server.connect("7").await;
        let body =
            json!({ "channel": "room:r", "recover": true, "offset": offset, "epoch": epoch, "flag": flag });
        let reply = client.call("subscribe", body).await;
        (client, reply)
    };
    for epoch in [epoch.as_str(), ""] {
        let (mut client, reply) = back(1, epoch, 1).await;
        let result = &reply["subscribe"];
        assert_eq!(result["recovered"], true);
        assert_eq!(result["was_recovering"], true);
        assert_eq!(result["offset"], 1, "the offset that was asked for");
        let offsets: Vec<_> =
            result["publications"].as_array().unwrap().iter().map(|p| p["offset"].clone()).collect();
        assert_eq!(offsets, [2, 3, 4]);
        assert_eq!(result["publications"][0]["data"]["message"]["text"], "2");
        assert_eq!(
            client.call("unsubscribe", json!({ "channel": "room:r" })).await["unsubscribe"],
            json!({})
        );
    }
    let (_, reply) = back(4, &epoch, 0).await;
    assert_eq!(reply["subscribe"]["recovered"], true);
    assert_eq!(reply["subscribe"].get("publications"), None);
    for (offset, epoch) in [(0, epoch.as_str()), (5, &epoch), (4, "another"), (0, "_")] {
        let (_, reply) = back(offset, epoch, 0).await;
        let result = &reply["subscribe"];
        assert_eq!(result.get("recovered"), None, "{offset} {epoch}: {reply}");
        assert_eq!((&result["was_recovering"], &result["offset"]), (&json!(true), &json!(4)));
        let (mut client, reply) = back(offset, epoch, 2).await;
        assert_eq!(reply["error"]["code"], 112);
        client.subscribe(&room).await;
    }
    // And what follows its position may have been removed.
    let changes = RoomChanges { retention_seconds: Some(60), ..RoomChanges::default() };
    server.chat.change_room(&user(1), &room, changes).await.unwrap();
    let later = Timestamp::now().after(std::time::Duration::from_secs(61));
    server.chat.trim(later, false).await.unwrap();
    server.send(&room, "6").await;
    for (offset, recovered) in [(0, false), (3, false), (4, false), (5, true), (6, true)] {
        let (mut client, reply) = back(offset, &epoch, 0).await;
        let result = &reply["subscribe"];
        assert_eq!((result["recovered"] == true, &result["was_recovering"]), (recovered, &json!(true)));
        assert_eq!(result.get("publications").is_some(), offset == 5, "{reply}");
        let since = json!({ "offset": offset, "epoch": epoch });
        let read = json!({ "channel": "room:r", "limit": 9, "since": since });
        match offset {
            // Who has nothing reads what there is.
            0 | 5 | 6 => drop(client.call("history", read).await["history"]["offset"].as_u64().unwrap()),
            _ => assert_eq!(client.error("history", read).await, 112, "{offset}"),
        }
    }
}

async fn nothing_is_lost_or_doubled_at_the_seam_between_recovery_and_live(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    let sender = async {
        for n in 0..200 {
            server.send(&room, &n.to_string()).await;
            actix_web::rt::task::yield_now().await;
        }
    };
    let reader = async {
        let mut seen = 1;
        while seen < 201 {
            let (mut client, _) = server.connect("7").await;
            let body = json!({ "channel": "room:r", "recover": true, "offset": seen });
            let reply = client.call("subscribe", body).await;
            let recovered = reply["subscribe"]["publications"].as_array().cloned().unwrap_or_default();
            let mut take = |publication: &Value| {
                seen += 1;
                assert_eq!(publication["offset"], seen);
            };
            recovered.iter().for_each(&mut take);
            let live = (seen / 7) % 5;
            for _ in 0..live.min(201 - seen) {
                let publication = client.publication().await;
                seen += 1;
                assert_eq!(publication["offset"], seen);
            }
        }
    };
    futures_util::join!(sender, reader);
}

async fn a_refused_message_says_why_in_a_stable_word(way: Way) {
    let server = server(way);
    server.room("r", RoomKind::Public).await;
    let (mut owner, _) = server.connect("1").await;
    let long = "x".repeat(16_385);
    let cases = [
        (json!({ "channel": "room:r", "data": { "text": " " } }), 107, "text_empty: "),
        (json!({ "channel": "room:r", "data": { "text": long } }), 107, "text_too_long: "),
        (json!({ "channel": "room:r", "data": { "text": "x", "colour": 1 } }), 107, "unknown_field: "),
        (json!({ "channel": "room:r", "data": "x" }), 107, "wrong_type: "),
        (json!({ "channel": "room:r" }), 107, "missing_field: "),
        (json!({ "channel": "room:nowhere", "data": { "text": "x" } }), 102, "room_not_found: "),
        (json!({ "channel": "user:1", "data": {} }), 103, ""),
    ];
    for (body, code, word) in cases {
        let reply = owner.call("publish", body.clone()).await;
        assert_eq!(reply["error"]["code"], code, "{reply}");
        assert!(reply["error"]["message"].as_str().unwrap().starts_with(word), "{reply}");
    }
    let (mut stranger, _) = server.connect("7").await;
    let reply = stranger.call("publish", json!({ "channel": "room:r", "data": { "text": "x" } })).await;
    assert_eq!(reply["error"]["code"], 103);
    assert!(reply["error"]["message"].as_str().unwrap().starts_with("not_a_member: "), "{reply}");
    assert_eq!(stranger.error("rpc", json!({ "method": "no.such" })).await, 104);
    assert_eq!(stranger.error("rpc", json!({ "method": "room.get", "data": { "room": "x" } })).await, 102);
}

async fn history_is_read_from_either_side(way: Way) {
    let server =
        server_with(way, Limits { recovery_events: 4, ..Limits::default() }, SocketSettings::default());
    let room = server.room("r", RoomKind::Public).await;
    for n in 2..=6 {
        server.send(&room, &n.to_string()).await;
    }
    let (mut client, _) = server.connect("7").await;
    let offsets = |reply: &Value| -> Vec<u64> {
        let publications = reply["history"]["publications"].as_array().unwrap();
        publications.iter().map(|publication| publication["offset"].as_u64().unwrap()).collect()
    };
    let cases = [
        (json!({ "channel": "room:r" }), vec![]),
        (json!({ "channel": "room:r", "limit": 2 }), vec![1, 2]),
        (json!({ "channel": "room:r", "limit": -1 }), vec![1, 2, 3, 4]),
        (json!({ "channel": "room:r", "limit": 2, "reverse": true }), vec![6, 5]),
        (json!({ "channel": "room:r", "limit": 2, "since": { "offset": 3 } }), vec![4, 5]),
        (json!({ "channel": "room:r", "limit": 2, "since": { "offset": 3 }, "reverse": true }), vec![2, 1]),
        (json!({ "channel": "room:r", "limit": 2, "since": { "offset": 99 } }), vec![]),
    ];
    for (body, expected) in cases {
        let reply = client.call("history", body.clone()).await;
        assert_eq!(offsets(&reply), expected, "{body}");
        assert_eq!(reply["history"]["offset"], 6);
        assert!(!reply["history"]["epoch"].as_str().unwrap().is_empty());
    }
    let wrong = [
        (json!({ "channel": "room:r", "limit": 1, "since": { "offset": 0 }, "reverse": true }), 107),
        (json!({ "channel": "room:r", "limit": 1, "since": { "offset": 1, "epoch": "another" } }), 112),
        (json!({ "channel": "room:nowhere", "limit": 1 }), 102),
        (json!({ "channel": "user:7", "limit": 1 }), 108),
        (json!({ "channel": "user:8", "limit": 1 }), 103),
    ];
    for (body, code) in wrong {
        assert_eq!(client.error("history", body.clone()).await, code, "{body}");
    }
}

async fn joins_leaves_and_presence_name_connections_and_users(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    let (mut watcher, connected) = server.connect("7").await;
    let reply = watcher.call("subscribe", json!({ "channel": "room:r", "join_leave": true })).await;
    assert!(reply["subscribe"].is_object());
    let own = watcher.line().await;
    assert_eq!(
        own["push"]["join"]["info"]["client"], connected["client"],
        "its own joining comes after the reply"
    );
    let (mut other, _) = server.connect("8").await;
    other.subscribe(&room).await;
    let joined = watcher.line().await;
    assert_eq!(joined["push"]["join"]["info"]["user"], "8");
    assert_eq!(joined["push"]["join"]["info"]["conn_info"]["username"], "u8");
    let (mut second, _) = server.connect("8").await;
    second.subscribe(&room).await;
    watcher.line().await;
    let stats = watcher.call("presence_stats", json!({ "channel": "room:r" })).await;
    assert_eq!(stats["presence_stats"], json!({ "num_clients": 3, "num_users": 2 }));
    let presence = watcher.call("presence", json!({ "channel": "room:r" })).await;
    assert_eq!(presence["presence"]["presence"].as_object().unwrap().len(), 3);
    drop(second);
    assert_eq!(watcher.line().await["push"]["leave"]["info"]["user"], "8");
    other.call("unsubscribe", json!({ "channel": "room:r" })).await;
    assert_eq!(watcher.line().await["push"]["leave"]["info"]["user"], "8");
    assert_eq!(watcher.error("presence", json!({ "channel": "room:nowhere" })).await, 102);
}

async fn a_subscription_that_the_server_ends_is_pushed(way: Way) {
    let server = server(way);
    let room = server.room("r", RoomKind::Public).await;
    server.chat.join(&user(7), &room).await.unwrap();
    let (mut client, _) = server.connect("7").await;
    client.subscribe(&room).await;
    server.chat.remove(&user(1), &room, user(7).id).await.unwrap();
    assert_eq!(client.publication().await["data"]["type"], "member.left");
    let push = client.line().await;
    assert_eq!(push["push"]["channel"], "room:r");
    assert_eq!(push["push"]["unsubscribe"]["code"], 2000);
    assert_eq!(client.publication().await["data"], json!({ "type": "room.removed", "room": "r" }));
    client.subscribe(&room).await;
}
