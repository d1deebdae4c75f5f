//! Events reach every node, in order, once, whatever NATS does.

use std::net::TcpListener;
use std::time::Duration;

use chat_core::{CloseReason, Limits, NewMessage, Offset, OwnChange, Role, RoomKind};
use chat_testdb::{NatsServer, Proxy};

use crate::support::{Shared, eventually, profile, room_id};

#[tokio::test]
async fn what_is_sent_at_any_node_is_seen_at_all_in_one_order() {
    let shared = Shared::new();
    let nodes = [shared.node().await, shared.node().await, shared.node().await];
    nodes[0].create_room(1, "r", RoomKind::Public).await;
    let mut clients = Vec::new();
    for (number, node) in (1..).zip(&nodes) {
        let client = node.connect(number);
        node.subscribe(&client, "r").await;
        node.chat.join(&profile(number), &room_id("r")).await.unwrap();
        clients.push(client);
    }
    for turn in 0..300 {
        nodes[turn % 3].send(1 + (turn % 3) as i64, "r").await.unwrap();
    }
    for client in &mut clients {
        // The two who joined after the first, and the messages.
        let head = 3 + 300;
        client.until("e4").await;
        client.events(5, head).await;
    }
}

#[tokio::test]
async fn a_node_hears_of_the_rooms_and_users_that_it_has_and_of_no_others() {
    let monitor = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let shared = Shared::with(NatsServer::start_with(&["-m", &monitor.to_string()]));
    let node = shared.node().await;
    for room in ["a", "b"] {
        node.create_room(1, room, RoomKind::Public).await;
    }
    let hears = |wanted: &'static [&'static str]| {
        eventually("the subjects are as they should be", move || async move {
            Shared::subjects(monitor) == wanted
        })
    };
    hears(&[]).await;
    let (one, two) = (node.connect(1), node.connect(2));
    hears(&["user.1", "user.2"]).await;
    node.subscribe(&one, "a").await;
    node.subscribe(&two, "a").await;
    node.subscribe(&two, "b").await;
    hears(&["room.a", "room.b", "user.1", "user.2"]).await;
    node.chat.hub().unsubscribe(&one.connection, &room_id("a"));
    node.chat.hub().disconnect(&two.connection);
    hears(&["user.1"]).await;
    node.chat.hub().disconnect(&one.connection);
    hears(&[]).await;
}

#[tokio::test]
async fn what_nats_loses_comes_from_the_log() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let mut reader = b.connect(2);
    b.subscribe(&reader, "r").await;
    a.send(1, "r").await.unwrap();
    reader.until("e2").await;
    shared.nats.kill();
    for _ in 0..50 {
        a.send(1, "r").await.unwrap();
    }
    shared.nats.start_again();
    reader.events(3, 52).await;
    // And it is as before.
    let (mut here, mut last) = (a.connect(3), 0);
    a.subscribe(&here, "r").await;
    for _ in 0..10 {
        last = b.send(1, "r").await.unwrap();
    }
    here.events(53, last).await;
    reader.events(53, last).await;
}

#[tokio::test]
async fn a_node_that_was_cut_off_tells_and_hears_what_was_missed() {
    let shared = Shared::new();
    let proxy = Proxy::to(shared.nats.address());
    let mut settings = shared.settings();
    settings.servers = vec![format!("nats://{}", proxy.address())];
    let far = shared.node_with(settings, Limits::default()).await.unwrap();
    let near = shared.node().await;
    near.create_room(1, "r", RoomKind::Public).await;
    let (mut there, mut here) = (far.connect(2), near.connect(3));
    far.subscribe(&there, "r").await;
    near.subscribe(&here, "r").await;
    far.settled().await;
    // Past the look that comes with each new room.
    for offset in [2, 3] {
        near.send(1, "r").await.unwrap();
        there.events(offset, offset).await;
    }
    proxy.cut();
    eventually("the cut is noticed", || async { !far.backplane.is_connected() }).await;
    far.send(1, "r").await.unwrap();
    near.send(1, "r").await.unwrap();
    // Its own shows the near one that something is missing.
    here.until("e5").await;
    proxy.mend();
    there.events(4, 5).await;
    // A silence that ends loses nothing, it is only late.
    proxy.silence();
    near.send(1, "r").await.unwrap();
    here.until("e6").await;
    proxy.mend();
    there.events(6, 6).await;
    proxy.delay(Duration::from_millis(30));
    near.send(1, "r").await.unwrap();
    there.events(7, 7).await;
}

#[tokio::test]
async fn what_is_sent_before_nats_knows_who_wishes_to_hear_it_is_not_missed() {
    let shared = Shared::new();
    let proxy = Proxy::to(shared.nats.address());
    let mut settings = shared.settings();
    settings.servers = vec![format!("nats://{}", proxy.address())];
    let near = shared.node().await;
    let far = shared.node_with(settings, Limits::default()).await.unwrap();
    near.create_room(1, "r", RoomKind::Public).await;
    let third = shared.node().await;
    let mut witness = third.connect(4);
    third.subscribe(&witness, "r").await;
    third.settled().await;
    proxy.silence();
    let mut there = far.connect(2);
    far.subscribe(&there, "r").await;
    near.send(1, "r").await.unwrap();
    witness.events(2, 2).await;
    proxy.mend();
    there.events(2, 2).await;
}

#[tokio::test]
async fn a_node_that_could_not_tell_has_the_others_look() {
    let shared = Shared::new();
    let proxy = Proxy::to(shared.nats.address());
    let mut settings = shared.settings();
    settings.servers = vec![format!("nats://{}", proxy.address())];
    let near = shared.node().await;
    let far = shared.node_with(settings, Limits::default()).await.unwrap();
    near.create_room(1, "r", RoomKind::Public).await;
    let mut here = near.connect(3);
    near.subscribe(&here, "r").await;
    near.settled().await;
    proxy.cut();
    eventually("the cut is noticed", || async { !far.backplane.is_connected() }).await;
    far.send(1, "r").await.unwrap();
    proxy.mend();
    here.events(2, 2).await;
}

#[tokio::test]
async fn an_event_that_nats_does_not_take_is_read_from_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("nats.conf");
    std::fs::write(&file, "max_payload: 4096").unwrap();
    let shared = Shared::with(NatsServer::start_with(&["-c", file.to_str().unwrap()]));
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let mut reader = b.connect(2);
    b.subscribe(&reader, "r").await;
    b.settled().await;
    // The first may also be found by the look that comes with each new room.
    for offset in [2, 3] {
        let long = NewMessage { text: "x".repeat(8192), ..NewMessage::default() };
        a.chat.send(&profile(1), &room_id("r"), long).await.unwrap();
        reader.events(offset, offset).await;
    }
}

#[tokio::test]
async fn who_is_invited_and_removed_is_told_at_whatever_node() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Private).await;
    let mut guest = b.connect(2);
    b.settled().await;
    a.chat.invite(&profile(1), &room_id("r"), profile(2).id, Role::Member).await.unwrap();
    guest.until("added r").await;
    b.subscribe(&guest, "r").await;
    b.settled().await;
    a.chat.remove(&profile(1), &room_id("r"), profile(2).id).await.unwrap();
    guest.until("ended Removed").await;
    guest.until("removed r").await;
    // Of a room that goes while someone reads it.
    a.chat.invite(&profile(1), &room_id("r"), profile(2).id, Role::Member).await.unwrap();
    guest.until("added r").await;
    b.subscribe(&guest, "r").await;
    b.settled().await;
    a.chat.delete_room(&profile(1), &room_id("r")).await.unwrap();
    guest.until("ended Removed").await;
}

#[tokio::test]
async fn a_log_in_that_ends_ends_its_connections_at_all_nodes() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    let mut phone = b.connect_in(1, Some("phone".into()));
    let mut desk = b.connect_in(1, Some("desk".into()));
    b.settled().await;
    a.chat.end_session(profile(1).id, &"phone".into());
    phone.until("session phone").await;
    assert_eq!(phone.closed().await, CloseReason::SessionEnded);
    desk.until("session phone").await;
}

#[tokio::test]
async fn how_far_one_has_read_is_told_to_ones_devices_at_all_nodes() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    a.send(1, "r").await.unwrap();
    let (mut here, mut there) = (a.connect(1), b.connect(1));
    b.settled().await;
    a.chat.mark_read(&profile(1), &room_id("r"), Offset::new(2).unwrap()).await.unwrap();
    here.until("read r 2").await;
    there.until("read r 2").await;
    // And what is a user's alone.
    let (room, message) = (room_id("r"), Offset::new(2).unwrap());
    a.chat.bookmark(&profile(1), &room, message, None).await.unwrap();
    let added = format!("own {:?}", OwnChange::BookmarkAdded(room, message));
    here.until(&added).await;
    there.until(&added).await;
}
