//! Limits of a user hold over all nodes, about.

use chat_core::{ChatError, Limits, Rate, RoomKind, UserId};

use crate::support::{Shared, eventually, profile};

#[tokio::test]
async fn connections_of_a_user_are_counted_at_all_nodes() {
    let shared = Shared::new();
    let limits = Limits { connections_per_user: 3, ..Limits::default() };
    let a = shared.node_with(shared.settings(), limits.clone()).await.unwrap();
    let b = shared.node_with(shared.settings(), limits).await.unwrap();
    let one: UserId = profile(1).id;
    let knows = |node: &crate::support::Node, count: usize| {
        let backplane = node.backplane.clone();
        eventually("the others' connections are known", move || {
            let backplane = backplane.clone();
            async move { chat_core::Backplane::connections_elsewhere(&*backplane, one) == count }
        })
    };
    let (first, second) = (a.connect(1), a.connect(1));
    let third = b.connect(1);
    knows(&b, 2).await;
    knows(&a, 1).await;
    assert!(a.try_connect(1, None).is_err() && b.try_connect(1, None).is_err());
    b.connect(2);
    a.chat.hub().disconnect(&first.connection);
    knows(&b, 1).await;
    b.connect(1);
    a.chat.hub().disconnect(&second.connection);
    b.chat.hub().disconnect(&third.connection);
    // A node that dies takes its count with it.
    let fourth = b.connect(1);
    let _here = a.connect(1);
    knows(&a, 2).await;
    drop((b, fourth));
    knows(&a, 0).await;
}

#[tokio::test]
async fn messages_of_a_user_are_counted_at_all_nodes() {
    let shared = Shared::new();
    let limits = Limits { messages: Some(Rate { per_minute: 1, burst: 20 }), ..Limits::default() };
    let a = shared.node_with(shared.settings(), limits.clone()).await.unwrap();
    let b = shared.node_with(shared.settings(), limits).await.unwrap();
    a.create_room(1, "r", RoomKind::Public).await;
    for _ in 0..19 {
        a.send(1, "r").await.unwrap();
    }
    eventually("the other node counts them too", || async {
        matches!(b.send(1, "r").await, Err(ChatError::TooManyRequests { .. }))
    })
    .await;
}
