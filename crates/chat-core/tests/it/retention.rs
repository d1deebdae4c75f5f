//! Logs that are kept for a term.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_core::*;

use crate::rules::{forbidden, room};
use crate::support::*;

/// A room of 1, 2 and 3, of whom 2 moderates, and the clock of its store.
async fn room_of_three() -> (World, RoomId, Clock) {
    let clock = Clock::standing_at(Timestamp::now());
    let (world, id) = (World::at(&clock), room_id("r"));
    world.chat.create_room(&profile(1), Some(id.clone()), new_room(RoomKind::Public)).await.unwrap();
    for (user, role) in [(2, Role::Moderator), (3, Role::Member)] {
        world.chat.invite(&profile(1), &id, profile(user).id, role).await.unwrap();
    }
    world.chat.change_room(&profile(1), &id, keep_for(60)).await.unwrap();
    (world, id, clock)
}

fn keep_for(seconds: u32) -> RoomChanges {
    RoomChanges { retention_seconds: Some(seconds), ..RoomChanges::default() }
}

fn go_on(clock: &Clock, seconds: u64) -> Timestamp {
    clock.set(clock.now().after(Duration::from_secs(seconds)));
    clock.now()
}

fn offset(number: u64) -> Offset {
    Offset::new(number).unwrap()
}

fn answer(to: Offset) -> NewMessage {
    NewMessage { reply_to: Some(to), ..text("answer") }
}

#[tokio::test]
async fn owners_say_from_a_minute_to_ten_years() {
    let room = room(RoomKind::Public).await;
    let change = async |user, seconds| {
        let changed = room.world.chat.change_room(&profile(user), &room.id, keep_for(seconds)).await?;
        Ok::<_, ChatError>(changed.retention_seconds)
    };
    let expected = "60 to 315360000, which is ten years, or 0";
    let wrong = ChatError::invalid("retention_seconds", Problem::Malformed { expected });
    for seconds in [1, 59, 315_360_001] {
        assert_eq!(change(1, seconds).await, Err(wrong.clone()));
    }
    assert_eq!(change(2, 60).await, Err(forbidden(Role::Owner)));
    for seconds in [60, 315_360_000, 0] {
        assert_eq!(change(1, seconds).await, Ok(seconds));
        let log = room.world.chat.log(&profile(1), &room.id, Range::Latest, 1).await.unwrap();
        let EventBody::RoomChanged(state) = &log.events[0].body else { panic!() };
        assert_eq!(state.retention_seconds, seconds);
    }
}

#[tokio::test]
async fn what_is_old_is_gone_and_what_came_of_it_goes_on() {
    let (world, id, clock) = room_of_three().await;
    let (chat, one, two) = (&world.chat, &profile(1), &profile(2));
    let named = NewMessage { client_id: Some("c".parse().unwrap()), ..text("root") };
    let root = chat.send(&profile(3), &id, named.clone()).await.unwrap().0.offset;
    let reply = chat.send(one, &id, answer(root)).await.unwrap().0.offset;
    let thumb: Reaction = "👍".parse().unwrap();
    chat.react(one, &id, root, thumb.clone()).await.unwrap();
    let edit = MessageChanges { text: "seemly".into(), data: None };
    chat.edit(two, &id, root, edit.clone()).await.unwrap();
    let young = go_on(&clock, 30);
    let late = chat.send(&profile(3), &id, answer(reply)).await.unwrap().0;
    assert_eq!(late.thread.unwrap().replies, 2);
    // About what will be gone, and kept itself.
    chat.edit(two, &id, root, MessageChanges { text: "more so".into(), data: None }).await.unwrap();

    chat.trim(young, true).await.unwrap();
    assert_eq!(chat.room(one, &id).await.unwrap().room.first, offset(1), "nothing is old yet");
    let now = go_on(&clock, 31);
    chat.trim(now, false).await.unwrap();
    let kept = chat.room(one, &id).await.unwrap().room;
    assert_eq!((kept.first, kept.offset, kept.member_count), (late.offset, offset(10), 3));

    let log = async |range| chat.log(one, &id, range, 100).await.map(|log| log.events);
    let events = log(Range::After(Offset::START)).await.unwrap();
    assert_eq!(events.iter().map(|event| event.offset.get()).collect::<Vec<_>>(), [9, 10]);
    assert_eq!(log(Range::After(offset(8))).await.unwrap(), events);
    for after in [1, 7] {
        let gone = ChatError::EventsGone { first: late.offset };
        assert_eq!(log(Range::After(offset(after))).await, Err(gone));
    }
    assert_eq!(log(Range::Before(offset(10))).await.unwrap().len(), 1);
    let message = events[1].message().unwrap();
    let told = (message.offset, message.text.as_str(), message.sender.id, message.deleted_at.is_some());
    assert_eq!(told, (root, "", profile(3).id, true), "an event about what is gone says who sent it");

    let messages = chat.messages(one, &id, Range::Latest, 10).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.offset).collect::<Vec<_>>(), [late.offset]);
    let alone = Thread { root, replies: 0, last_reply: late.offset };
    assert_eq!(
        (messages[0].thread, messages[0].quote.as_ref().unwrap().text.as_str()),
        (Some(alone), "answer")
    );
    let not_found = ChatError::MessageNotFound;
    assert_eq!(chat.message(one, &id, root).await.unwrap_err(), not_found);
    assert_eq!(chat.thread(one, &id, late.offset).await.unwrap_err(), not_found);
    assert_eq!(chat.follow(one, &id, late.offset, true).await.unwrap_err(), not_found);
    assert_eq!(chat.versions(two, &id, root, Offset::START, 10).await.unwrap_err(), not_found);
    assert_eq!(chat.edit(two, &id, root, edit).await.unwrap_err(), not_found);
    assert_eq!(chat.react(one, &id, root, thumb).await.unwrap_err(), not_found);
    let unknown = ChatError::invalid("reply_to", Problem::Unknown { what: "message" });
    assert_eq!(chat.send(one, &id, answer(root)).await.unwrap_err(), unknown);
    assert_eq!(chat.followed(one, None, 10).await.unwrap(), []);

    let more = chat.send(one, &id, answer(late.offset)).await.unwrap().0;
    assert_eq!(more.thread, Some(Thread { last_reply: more.offset, ..alone }));
    assert_eq!(chat.message(one, &id, more.offset).await.unwrap(), *more);
    let replies = chat.replies(one, &id, more.offset, Range::Latest, 10).await.unwrap();
    assert_eq!(replies.iter().map(|reply| reply.offset).collect::<Vec<_>>(), [late.offset, more.offset]);
    chat.delete(one, &id, more.offset).await.unwrap();
    assert_eq!(chat.message(one, &id, more.offset).await.unwrap().thread, more.thread);
    let (again, repeated) = chat.send(&profile(3), &id, named).await.unwrap();
    assert!(!repeated && again.offset > more.offset, "what it repeats is known no longer");

    // Acts of moderators stay, without what messages said.
    let acts = chat.audit(two, &id, Offset::MAX, 10).await.unwrap();
    assert_eq!(acts.iter().map(|act| act.offset.get()).collect::<Vec<_>>(), [10, 8, 4]);
    assert_eq!(acts[1].message().unwrap(), &message.removed(acts[1].at));
    assert_eq!(chat.audit(two, &id, offset(8), 10).await.unwrap().len(), 1);

    chat.trim(go_on(&clock, 61), false).await.unwrap();
    let kept = chat.room(one, &id).await.unwrap().room;
    assert_eq!((kept.first, kept.offset), (offset(14), offset(13)), "an empty log knows where it goes on");
    assert_eq!(chat.log(one, &id, Range::After(offset(13)), 10).await.unwrap().events, []);
    assert_eq!(chat.messages(one, &id, Range::Latest, 10).await.unwrap(), []);
    let inbox = chat.inbox(two, None, 10).await.unwrap().remove(0);
    assert_eq!((inbox.mark.unread, inbox.last, inbox.active_at), (0, None, kept.created_at));
    assert_eq!(chat.send(one, &id, text("new")).await.unwrap().0.offset, offset(14));
    assert_eq!(chat.inbox(two, None, 10).await.unwrap()[0].mark.unread, 1);
}

#[tokio::test]
async fn the_server_keeps_no_room_longer_than_it_says() {
    let clock = Clock::standing_at(Timestamp::now());
    let limits = Limits { retention: Some(Duration::from_secs(100)), ..Limits::default() };
    let chat = Chat::in_memory(limits.clone());
    let store =
        MemoryStore::new(limits.clone(), Arc::new(LocalBackplane::new(9).0)).with_clock(clock.clone());
    let chat = Chat::new(Arc::new(store), Arc::new(NoDirectory), chat.hub().clone(), limits);
    for (name, seconds) in [("none", 0), ("less", 60), ("more", 1000)] {
        chat.create_room(&profile(1), Some(room_id(name)), new_room(RoomKind::Public)).await.unwrap();
        chat.change_room(&profile(1), &room_id(name), keep_for(seconds)).await.unwrap();
    }
    let first = async |name| chat.room(&profile(1), &room_id(name)).await.unwrap().room.first.get();
    chat.trim(go_on(&clock, 61), true).await.unwrap();
    assert_eq!((first("none").await, first("less").await, first("more").await), (1, 3, 1));
    chat.trim(go_on(&clock, 40), false).await.unwrap();
    assert_eq!(first("none").await, 1, "only rooms with a term of their own were looked at");
    chat.trim(clock.now(), true).await.unwrap();
    assert_eq!((first("none").await, first("less").await, first("more").await), (2, 3, 3));
}

#[tokio::test]
async fn who_missed_what_is_gone_is_told_so() {
    let (mut world, id, clock) = room_of_three().await;
    world.run_fan_out();
    let reader = world.connect(1);
    world.subscribe(&reader, &id).await.unwrap();
    let chat = &world.chat;
    let old = chat.send(&profile(3), &id, text("the old")).await.unwrap().0.offset;
    go_on(&clock, 40);
    chat.edit(&profile(3), &id, old, MessageChanges { text: "the old one".into(), data: None })
        .await
        .unwrap();
    chat.send(&profile(3), &id, text("the new")).await.unwrap();
    frames(&reader, 4).await;
    chat.trim(go_on(&clock, 30), false).await.unwrap();
    assert_eq!(chat.room(&profile(1), &id).await.unwrap().room.first, offset(6));
    let back = async |since| {
        let recovered = Mutex::new(None);
        let client = world.connect(2);
        let reply = |subscribed: &Subscribed| {
            *recovered.lock().unwrap() = match &subscribed.recovery {
                Recovery::Recovered(events) => {
                    Some(events.iter().map(|event| event.message().unwrap().text.clone()).collect::<Vec<_>>())
                }
                Recovery::NotAsked | Recovery::Impossible => None,
            };
            Ok(bytes::Bytes::new())
        };
        let since = Since { offset: offset(since), epoch: None };
        world.chat.subscribe(&client, &id, Some(since), false, reply).await.unwrap();
        recovered.into_inner().unwrap()
    };
    for since in [0, 1, 4] {
        assert_eq!(back(since).await, None, "{since}");
    }
    // From memory, where the edited message still is.
    assert!(chat.hub().recent_events(&id, offset(5), offset(7)).is_some());
    assert_eq!(back(5).await.unwrap(), ["", "the new"]);
    assert_eq!(back(7).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_node_that_was_so_far_behind_has_its_subscribers_come_back() {
    struct Nowhere;
    impl Backplane for Nowhere {
        fn publish(&self, _: &[Arc<Event>]) {}
        fn behind(&self, _: &[RoomId]) {}
    }
    let (mut world, id, clock) = room_of_three().await;
    let reader = world.connect(1);
    world.subscribe(&reader, &id).await.unwrap();
    let other_node = world.store.inner.beside(Arc::new(Nowhere));
    let send = |words| Command {
        room: id.clone(),
        actor: profile(3),
        action: Action::Send { message: text(words), present: vec![] },
    };
    for words in ["lost", "lost too"] {
        other_node.submit(send(words)).await.unwrap();
        go_on(&clock, 40);
    }
    world.chat.trim(clock.now(), false).await.unwrap();
    world.chat.send(&profile(3), &id, text("told")).await.unwrap();
    world.run_fan_out();
    assert_eq!(frames(&reader, 4).await[3], "ended InsufficientState");
}
