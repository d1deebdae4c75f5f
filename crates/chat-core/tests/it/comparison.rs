//! What hints did not bring is found by comparison with the store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chat_core::*;

use crate::support::*;

/// A backplane that loses everything.
struct Mute;

impl Backplane for Mute {
    fn publish(&self, _: &[Arc<Event>]) {}

    fn behind(&self, _: &[RoomId]) {}
}

/// A chat of whose events the hub hears by comparison alone.
struct Deaf {
    world: World,
    comparison: Arc<Comparison>,
}

impl Deaf {
    fn new() -> Deaf {
        let (local, arrivals) = LocalBackplane::new(16);
        let world = World::over(Limits::default(), |_| Arc::new(Mute));
        let hub = world.chat.hub().clone();
        tokio::spawn(FanOut::new(hub.clone(), world.store.clone()).run(arrivals));
        let comparison = Arc::new(Comparison::new(hub, world.store.clone(), Arc::new(local)));
        Deaf { world, comparison }
    }

    fn run(&self, every: Duration) {
        let comparison = self.comparison.clone();
        tokio::spawn(async move { comparison.run(every).await });
    }

    async fn reader(&self, room: &RoomId) -> Client {
        let reader = self.world.connect(2);
        self.world.subscribe(&reader, room).await.unwrap();
        let begun = frames(&reader, 2).await;
        assert!(begun[0].starts_with("at "), "{begun:?}");
        reader
    }
}

const SOON: Duration = Duration::from_millis(20);
const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn what_was_lost_comes_by_itself_and_when_it_is_asked_for() {
    for every in [SOON, NEVER] {
        let deaf = Deaf::new();
        let (ann, room, other) = (profile(1), room_id("r"), room_id("other"));
        for id in [&room, &other] {
            deaf.world.chat.create_room(&ann, Some(id.clone()), new_room(RoomKind::Public)).await.unwrap();
        }
        let (reader, elsewhere) = (deaf.reader(&room).await, deaf.reader(&other).await);
        deaf.run(every);
        for offset in 2..10 {
            deaf.world.chat.send(&ann, &room, text("x")).await.unwrap();
            match (every == NEVER, offset % 2) {
                (false, _) => {}
                (true, 0) => deaf.comparison.ask([room.clone()]),
                (true, _) => deaf.comparison.ask_all(),
            }
            assert_eq!(frames(&reader, 1).await, [format!("e{offset}")]);
        }
        deaf.world.chat.send(&ann, &other, text("y")).await.unwrap();
        deaf.comparison.ask_all();
        assert_eq!(frames(&elsewhere, 1).await, ["e2"]);
    }
}

#[tokio::test]
async fn who_asks_all_the_time_does_not_keep_it_from_the_other_rooms() {
    let deaf = Deaf::new();
    let (ann, room) = (profile(1), room_id("r"));
    deaf.world.chat.create_room(&ann, Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    let reader = deaf.reader(&room).await;
    deaf.world.chat.send(&ann, &room, text("x")).await.unwrap();
    let comparison = deaf.comparison.clone();
    tokio::spawn(async move {
        loop {
            comparison.ask([room_id("other")]);
            tokio::task::yield_now().await;
        }
    });
    deaf.run(SOON);
    assert_eq!(frames(&reader, 1).await, ["e2"]);
}

#[tokio::test]
async fn a_room_that_has_gone_unheard_ends_its_subscriptions() {
    let deaf = Deaf::new();
    let (ann, room) = (profile(1), room_id("r"));
    deaf.world.chat.create_room(&ann, Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    let reader = deaf.reader(&room).await;
    deaf.world.chat.delete_room(&ann, &room).await.unwrap();
    deaf.run(SOON);
    assert_eq!(frames(&reader, 2).await, ["ended Removed", "removed r"]);
}

/// Says that a log-in named `over` has ended.
struct Over;

#[async_trait]
impl Authenticator for Over {
    async fn authenticate(&self, _: &str) -> Result<Identity, AuthError> {
        Err(AuthError::Invalid)
    }

    async fn ended(&self, sessions: &[(UserId, SessionId)]) -> Result<Vec<(UserId, SessionId)>, AuthError> {
        Ok(sessions.iter().filter(|(_, session)| session.as_str() == "over").cloned().collect())
    }
}

#[tokio::test]
async fn a_log_in_that_has_ended_unheard_loses_its_connections() {
    let deaf = Deaf::new();
    let over = deaf.world.connect_in(1, Some("over".into()));
    let stays = deaf.world.connect_in(1, Some("stays".into()));
    tokio::spawn(compare_sessions(deaf.world.chat.hub().clone(), Arc::new(Over), SOON));
    assert_eq!(frames(&over, 1).await, ["session over"]);
    let mut rest = Vec::new();
    assert_eq!(over.outbox.next(&mut rest).await, Err(CloseReason::SessionEnded));
    assert_eq!(frames(&stays, 1).await, ["session over"]);
}
