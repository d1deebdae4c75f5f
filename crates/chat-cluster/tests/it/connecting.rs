//! Who may be one of several, and who may not.

use std::path::PathBuf;

use chat_cluster::{ClusterError, ClusterSettings};
use chat_core::{Limits, RoomKind};
use chat_testdb::NatsServer;

use crate::support::{Shared, eventually};

async fn refused(shared: &Shared, settings: ClusterSettings) -> ClusterError {
    match shared.node_with(settings, Limits::default()).await {
        Ok(_) => panic!("it is let in"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_node_with_another_token_key_is_refused_while_others_run() {
    let shared = Shared::new();
    let settings = ClusterSettings { key: "other".into(), ..shared.settings() };
    let first = shared.node().await;
    assert!(matches!(refused(&shared, settings.clone()).await, ClusterError::OtherKey));
    first.backplane.leave().await;
    drop(first);
    shared.node_with(settings, Limits::default()).await.unwrap();
}

#[tokio::test]
async fn another_installation_on_the_same_server_is_not_heard() {
    let shared = Shared::new();
    let ours = shared.node().await;
    let settings = ClusterSettings { installation: "other".into(), key: "other".into(), ..shared.settings() };
    let theirs = shared.node_with(settings, Limits::default()).await.unwrap();
    ours.create_room(1, "r", RoomKind::Public).await;
    let client = theirs.connect(2);
    theirs.subscribe(&client, "r").await;
    assert_eq!((ours.backplane.others(), theirs.backplane.others()), (0, 0));
    assert!(ours.present("r").await.is_empty());
}

#[tokio::test]
async fn user_and_password_stand_in_the_address() {
    let shared = Shared::with(NatsServer::start_with(&["--user", "chat", "--pass", "se/cret"]));
    let at = |who: &str| ClusterSettings {
        servers: vec![format!("nats://{who}{}", shared.nats.address())],
        ..shared.settings()
    };
    for wrong in ["", "chat:wrong@"] {
        let error = refused(&shared, at(wrong)).await;
        assert!(matches!(error, ClusterError::Refused { .. }), "{error:?}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
    let node = shared.node_with(at("chat:se%2Fcret@"), Limits::default()).await.unwrap();
    assert!(node.backplane.is_connected());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let shared = Shared::new();
    let missing = Some(PathBuf::from("/nowhere/nats.creds"));
    let settings = ClusterSettings { credentials_file: missing.clone(), ..shared.settings() };
    let error = refused(&shared, settings).await.to_string();
    assert!(error.contains("/nowhere/nats.creds"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_away_is_found_when_it_comes() {
    let shared = Shared::new();
    shared.nats.kill();
    let (a, b) = (shared.node().await, shared.node().await);
    a.create_room(1, "r", RoomKind::Public).await;
    let mut reader = b.connect(2);
    b.subscribe(&reader, "r").await;
    a.send(1, "r").await.unwrap();
    shared.nats.start_again();
    reader.events(2, 2).await;
    eventually("they find one another", || async { a.backplane.others() == 1 && b.backplane.others() == 1 })
        .await;
}
