//! Who is present is known at every node.

use chat_core::{RoomKind, StatusChanges};
use chat_testdb::Proxy;

use crate::support::{Shared, eventually, profile};

#[tokio::test]
async fn all_nodes_say_who_is_present_and_hear_who_comes_and_goes() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let (mut one, two) = (a.connect(1), b.connect(2));
    a.subscribe(&one, "r").await;
    assert_eq!(b.present("r").await, ["u1"]);
    a.settled().await;
    b.subscribe(&two, "r").await;
    one.until("joined u2").await;
    for node in [&a, &b] {
        assert_eq!(node.present("r").await, ["u1", "u2"]);
    }
    // And who writes.
    let room = "r".parse().unwrap();
    b.chat.join(&profile(2), &room).await.unwrap();
    b.chat.typing(&profile(2), &room, true).await.unwrap();
    one.until("u2 writes").await;
    // What a user says at one node is told where their connections are, and so is that they hide.
    let changes = StatusChanges { text: Some("tea".into()), hidden: None };
    a.chat.set_status(&profile(2), changes).await.unwrap();
    one.until("u2 is Online tea").await;
    let hide = |hidden| StatusChanges { text: None, hidden: Some(hidden) };
    a.chat.set_status(&profile(2), hide(true)).await.unwrap();
    one.until("left u2").await;
    assert_eq!(a.present("r").await, ["u1"]);
    a.chat.set_status(&profile(2), hide(false)).await.unwrap();
    one.until("joined u2").await;
    b.chat.hub().disconnect(&two.connection);
    one.until("left u2").await;
    assert_eq!(b.present("r").await, ["u1"]);
    // A user's own connections, wherever they are.
    let _third = b.connect(1);
    assert_eq!(b.chat.own_presence(&profile(1)).await.len(), 2);
}

#[tokio::test]
async fn more_than_fits_one_message_is_told_in_parts() {
    let shared = Shared::new();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let mut clients = Vec::new();
    for turn in 0..2500 {
        let client = a.connect(1 + turn % 50);
        a.subscribe(&client, "r").await;
        clients.push(client);
    }
    assert_eq!(b.present("r").await.len(), 2500);
}

#[tokio::test]
async fn a_node_that_dies_or_leaves_takes_its_connections_with_it() {
    let shared = Shared::new();
    let (a, b, c) = (shared.node().await, shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let (two, three) = (b.connect(2), c.connect(3));
    b.subscribe(&two, "r").await;
    c.subscribe(&three, "r").await;
    assert_eq!(a.present("r").await, ["u2", "u3"]);
    drop(b);
    assert_eq!(a.present("r").await, ["u3"], "who does not answer is not there");
    c.backplane.leave().await;
    eventually("who has left is not asked", || async { a.backplane.others() == 0 }).await;
    assert_eq!(a.present("r").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_node_that_is_silent_for_its_term_is_forgotten_and_comes_back() {
    let shared = Shared::new();
    let proxy = Proxy::to(shared.nats.address());
    let mut settings = shared.settings();
    settings.servers = vec![format!("nats://{}", proxy.address())];
    let a = shared.node().await;
    let b = shared.node_with(settings, chat_core::Limits::default()).await.unwrap();
    a.create_room(1, "r", RoomKind::Public).await;
    let two = b.connect(2);
    b.subscribe(&two, "r").await;
    eventually("the other is there", || async { a.backplane.others() == 1 }).await;
    proxy.silence();
    eventually("it is forgotten", || async { a.backplane.others() == 0 }).await;
    assert_eq!(a.present("r").await, Vec::<String>::new());
    proxy.mend();
    eventually("it is there again", || async { a.present("r").await == ["u2"] }).await;
}
