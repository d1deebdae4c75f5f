//! What subscribers are told, and when they no longer are.

use std::sync::Arc;

use bytes::Bytes;
use chat_core::*;

use crate::support::*;

/// A world with a room of this kind that user 1 owns.
async fn world(kind: RoomKind) -> (World, RoomId) {
    let mut world = World::new(Limits::default());
    world.run_fan_out();
    let room = room_id("r");
    world.chat.create_room(&profile(1), Some(room.clone()), new_room(kind)).await.unwrap();
    (world, room)
}

#[tokio::test]
async fn the_reply_comes_first_then_every_later_event_once() {
    let (world, room) = world(RoomKind::Public).await;
    let reader = world.connect(2);
    world.subscribe(&reader, &room).await.unwrap();
    for n in 0..3 {
        world.chat.send(&profile(1), &room, text(&n.to_string())).await.unwrap();
    }
    assert_eq!(frames(&reader, 5).await, ["at 1", "joined u2", "e2", "e3", "e4"]);
}

#[tokio::test]
async fn a_removed_member_loses_the_subscription_at_once_and_hears_of_it() {
    let (world, room) = world(RoomKind::Private).await;
    world.chat.invite(&profile(1), &room, profile(2).id, Role::Member).await.unwrap();
    let member = world.connect(2);
    world.subscribe(&member, &room).await.unwrap();
    world.chat.remove(&profile(1), &room, profile(2).id).await.unwrap();
    world.chat.send(&profile(1), &room, text("among ourselves")).await.unwrap();
    let told = frames(&member, 6).await;
    assert_eq!(told, ["at 2", "joined u2", "added r", "e3", "ended Removed", "removed r"]);
    assert!(!world.chat.hub().is_subscribed(&member, &room));
    assert_eq!(world.subscribe(&member, &room).await, Err(ChatError::RoomNotFound));
}

#[tokio::test]
async fn a_room_made_private_keeps_only_its_members() {
    let (world, room) = world(RoomKind::Public).await;
    let (owner, stranger) = (world.connect(1), world.connect(2));
    world.subscribe(&owner, &room).await.unwrap();
    world.subscribe(&stranger, &room).await.unwrap();
    let changes = RoomChanges { kind: Some(RoomKind::Private), ..RoomChanges::default() };
    world.chat.change_room(&profile(1), &room, changes).await.unwrap();
    assert_eq!(frames(&stranger, 4).await, ["at 1", "joined u2", "e2", "ended Removed"]);
    let mut seen = frames(&owner, 6).await;
    seen.retain(|frame| frame != "added r");
    assert_eq!(seen, ["at 1", "joined u1", "joined u2", "e2", "left u2"]);
}

#[tokio::test]
async fn a_deleted_room_ends_its_subscriptions() {
    let (world, room) = world(RoomKind::Public).await;
    let reader = world.connect(2);
    world.subscribe(&reader, &room).await.unwrap();
    world.chat.delete_room(&profile(1), &room).await.unwrap();
    assert_eq!(frames(&reader, 5).await, ["at 1", "joined u2", "e2", "ended Removed", "removed r"]);
    let again = world.chat.create_room(&profile(1), Some(room), new_room(RoomKind::Public)).await;
    assert_eq!(again, Err(ChatError::RoomExists));
}

#[tokio::test]
async fn an_invited_user_hears_of_the_room_on_their_own_channel() {
    let (world, room) = world(RoomKind::Private).await;
    let invited = world.connect(2);
    world.chat.invite(&profile(1), &room, profile(2).id, Role::Reader).await.unwrap();
    assert_eq!(frames(&invited, 1).await, ["added r"]);
}

#[tokio::test]
async fn an_ended_session_closes_its_connections_and_no_others() {
    let (world, _) = world(RoomKind::Public).await;
    let (phone, desk) = (SessionId::from("phone"), SessionId::from("desk"));
    let on_phone = world.connect_in(1, Some(phone.clone()));
    let on_desk = world.connect_in(1, Some(desk));
    world.chat.end_session(profile(1).id, &phone);
    let mut batch = Vec::new();
    assert_eq!(on_phone.outbox.next(&mut batch).await, Ok(()));
    assert_eq!(on_phone.outbox.next(&mut batch).await, Err(CloseReason::SessionEnded));
    assert_eq!(frames(&on_desk, 1).await, ["session phone"]);
}

#[tokio::test]
async fn presence_names_who_is_subscribed_until_they_leave() {
    let (world, room) = world(RoomKind::Public).await;
    let (one, two) = (world.connect(1), world.connect(2));
    world.subscribe(&one, &room).await.unwrap();
    world.subscribe(&two, &room).await.unwrap();
    let mut here: Vec<_> =
        world.chat.presence(&profile(3), &room).await.unwrap().into_iter().map(|p| p.user.username).collect();
    here.sort();
    assert_eq!(here, ["u1", "u2"]);
    world.chat.hub().disconnect(&two);
    assert_eq!(world.chat.presence(&profile(3), &room).await.unwrap().len(), 1);
    assert_eq!(frames(&one, 4).await, ["at 1", "joined u1", "joined u2", "left u2"]);
}

#[tokio::test]
async fn too_many_connections_and_subscriptions_are_refused() {
    let limits = Limits {
        connections_per_user: 2,
        connections: 3,
        subscriptions_per_connection: 1,
        ..Limits::default()
    };
    let world = World::new(limits);
    for name in ["a", "b"] {
        world.chat.create_room(&profile(1), Some(room_id(name)), new_room(RoomKind::Public)).await.unwrap();
    }
    let hub = world.chat.hub();
    let first = world.connect(1);
    world.connect(1);
    assert_eq!(world.try_connect(1, None).err().unwrap().limit, 2);
    world.connect(2);
    assert_eq!(world.try_connect(3, None).err().unwrap().limit, 3);
    world.subscribe(&first, &room_id("a")).await.unwrap();
    assert_eq!(world.subscribe(&first, &room_id("a")).await, Err(ChatError::AlreadySubscribed));
    let refused = world.subscribe(&first, &room_id("b")).await;
    assert_eq!(refused, Err(ChatError::LimitReached { what: "subscriptions", limit: 1 }));
    hub.disconnect(&first);
    hub.disconnect(&first);
    assert_eq!(hub.connection_count(), 2);
    world.connect(1);
}

#[tokio::test]
async fn a_slow_reader_is_closed_alone_and_recovers_everything() {
    let limits = Limits { queue_bytes: 100, messages: None, ..Limits::default() };
    let mut world = World::new(limits);
    world.run_fan_out();
    let room = room_id("r");
    world.chat.create_room(&profile(1), Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    let (slow, quick) = (world.connect(2), world.connect(3));
    world.subscribe(&slow, &room).await.unwrap();
    world.subscribe(&quick, &room).await.unwrap();
    let mut seen = frames(&quick, 2).await;
    for n in 0..200 {
        world.chat.send(&profile(1), &room, text(&n.to_string())).await.unwrap();
        seen.extend(frames(&quick, 1).await);
    }
    assert_eq!(seen.last().map(String::as_str), Some("e201"));
    assert_eq!(seen.len(), 202);
    assert_eq!(slow.outbox.closed(), Some(CloseReason::Slow));
    world.chat.hub().disconnect(&slow);

    let back = world.connect(2);
    let since = Since { offset: Offset::new(1).unwrap(), epoch: None };
    let reply = |subscribed: &Subscribed| match &subscribed.recovery {
        Recovery::Recovered(events) => Ok(Bytes::from(format!("recovered {}", events.len()))),
        Recovery::NotAsked | Recovery::Impossible => Err(ChatError::UnknownPosition),
    };
    world.chat.subscribe(&back, &room, Some(since), false, reply).await.unwrap();
    assert_eq!(frames(&back, 1).await, ["recovered 200"]);
}

#[tokio::test]
async fn recovery_is_refused_where_it_would_not_be_whole() {
    let limits = Limits { recovery_events: 3, ..Limits::default() };
    let world = World::new(limits);
    let room = room_id("r");
    let made =
        world.chat.create_room(&profile(1), Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    for n in 0..5 {
        world.chat.send(&profile(1), &room, text(&n.to_string())).await.unwrap();
    }
    let epoch = Some(made.epoch);
    let cases = [
        // (offset, epoch, how many come back)
        (3, epoch.clone(), Some(3)),
        (6, epoch.clone(), Some(0)),
        (6, None, Some(0)),
        (2, epoch.clone(), None),
        (7, epoch, None),
        (6, Some(Epoch::from("another")), None),
    ];
    for (offset, epoch, expected) in cases {
        let connection = world.connect(1);
        let since = Since { offset: Offset::new(offset).unwrap(), epoch: epoch.clone() };
        let recovered = Arc::new(std::sync::Mutex::new(None));
        let result = recovered.clone();
        let reply = move |subscribed: &Subscribed| {
            assert_eq!(subscribed.position.offset.get(), 6);
            if let Recovery::Recovered(events) = &subscribed.recovery {
                *result.lock().unwrap() = Some(events.len());
            }
            Ok(Bytes::new())
        };
        world.chat.subscribe(&connection, &room, Some(since), false, reply).await.unwrap();
        assert_eq!(*recovered.lock().unwrap(), expected, "since {offset} {epoch:?}");
    }
}

/// The event at this offset; its content does not matter.
fn event(offset: u64) -> Event {
    Event {
        room: room_id("r"),
        offset: Offset::new(offset).unwrap(),
        at: Timestamp::now(),
        actor: profile(1),
        body: EventBody::RoomDeleted,
    }
}

fn offset(number: u64) -> Offset {
    Offset::new(number).unwrap()
}

#[tokio::test]
async fn what_is_committed_during_the_look_into_the_log_is_neither_lost_nor_doubled() {
    let world = World::new(Limits::default());
    let (hub, reader, room) = (world.chat.hub(), world.connect(2), room_id("r"));
    let pending = hub.subscribe(&reader, &room, false).unwrap();
    for number in [2, 3, 3, 4] {
        assert_eq!(hub.deliver(&Arc::new(event(number))), None);
    }
    pending.activate(offset(2), Bytes::from("at 2")).unwrap();
    assert_eq!(frames(&reader, 3).await, ["at 2", "e3", "e4"]);
}

#[tokio::test]
async fn a_subscription_that_missed_something_while_it_began_is_refused() {
    let world = World::new(Limits { queue_bytes: 200, ..Limits::default() });
    let (hub, reader, room) = (world.chat.hub(), world.connect(2), room_id("r"));

    let pending = hub.subscribe(&reader, &room, false).unwrap();
    assert_eq!(hub.deliver(&Arc::new(event(4))), None);
    assert_eq!(pending.activate(offset(2), Bytes::new()), Err(ChatError::Unavailable), "3 is missing");

    let pending = hub.subscribe(&reader, &room, false).unwrap();
    assert_eq!(hub.least_position(&room), None);
    assert_eq!(pending.activate(offset(2), Bytes::new()), Err(ChatError::Unavailable), "the log went on");

    let pending = hub.subscribe(&reader, &room, false).unwrap();
    for number in 3..20 {
        assert_eq!(hub.deliver(&Arc::new(event(number))), None);
    }
    assert_eq!(pending.activate(offset(2), Bytes::new()), Err(ChatError::Unavailable), "more than may wait");
    assert!(!hub.is_subscribed(&reader, &room));
}

#[tokio::test]
async fn a_removal_ends_what_was_begun_before_it_and_nothing_later() {
    let world = World::new(Limits::default());
    let (hub, reader, room) = (world.chat.hub(), world.connect(2), room_id("r"));
    let end = |at| hub.end_subscriptions(&room, offset(at), EndReason::Removed, |user| user == profile(2).id);

    let pending = hub.subscribe(&reader, &room, false).unwrap();
    end(5);
    assert_eq!(pending.activate(offset(4), Bytes::new()), Err(ChatError::RoomNotFound));

    let pending = hub.subscribe(&reader, &room, false).unwrap();
    end(5);
    pending.activate(offset(5), Bytes::from("at 5")).unwrap();
    end(5);
    assert!(hub.is_subscribed(&reader, &room));
    end(6);
    assert_eq!(frames(&reader, 2).await, ["at 5", "ended Removed"]);
}

/// Counts what it is asked to write.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicUsize);

impl WireFormat for Counting {
    fn encode(&self, _: &Channel, _: &Push<'_>) -> Option<Bytes> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(Bytes::from(vec![b'x'; 100]))
    }
}

#[tokio::test]
async fn an_event_is_encoded_once_for_all_and_its_bytes_are_shared() {
    let world = World::new(Limits::default());
    let (hub, room, format) = (world.chat.hub(), room_id("r"), Arc::new(Counting::default()));
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let outbox = Arc::new(Outbox::new(1000));
            let connection = hub.connect(profile(1), None, format.clone(), outbox.clone(), 0).unwrap();
            Client { connection, outbox }
        })
        .collect();
    for reader in &readers {
        hub.subscribe(reader, &room, false).unwrap().activate(offset(1), Bytes::new()).unwrap();
    }
    assert_eq!(hub.deliver(&Arc::new(event(2))), None);
    assert_eq!(format.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    let mut places = std::collections::HashSet::new();
    for reader in &readers {
        let mut frames = Vec::new();
        reader.outbox.next(&mut frames).await.unwrap();
        places.insert(frames[1].as_ptr());
    }
    assert_eq!(places.len(), 1);
}

/// Publishes nothing; that there is more in a log it does tell.
struct Mute(LocalBackplane);

impl Backplane for Mute {
    fn publish(&self, _: &[Arc<Event>]) {}

    fn behind(&self, rooms: &[RoomId]) {
        self.0.behind(rooms);
    }
}

#[tokio::test]
async fn what_a_commit_without_an_answer_has_kept_is_read_from_the_log() {
    let mut mute = None;
    let mut world = World::over(Limits::default(), |inner| {
        let backplane = Arc::new(Mute(inner));
        mute = Some(backplane.clone());
        backplane
    });
    world.run_fan_out();
    let room = room_id("r");
    world.chat.create_room(&profile(1), Some(room.clone()), new_room(RoomKind::Public)).await.unwrap();
    let reader = world.connect(2);
    world.subscribe(&reader, &room).await.unwrap();
    for _ in 0..3 {
        world.chat.send(&profile(1), &room, text("x")).await.unwrap();
    }
    mute.unwrap().behind(&[room]);
    assert_eq!(frames(&reader, 5).await, ["at 1", "joined u2", "e2", "e3", "e4"]);
}
