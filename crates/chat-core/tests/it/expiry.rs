//! Messages that expire.

use std::sync::Arc;
use std::time::Duration;

use chat_core::*;

use crate::rules::{forbidden, room};
use crate::support::*;

/// A room of 1, 2 and 3, of whom 2 moderates, and the clock of its store, which stands so long before now.
async fn room_before(ago: u64) -> (World, RoomId, Clock) {
    let micros = Timestamp::now().as_micros() - i64::try_from(ago).unwrap() * 1_000_000;
    let clock = Clock::standing_at(Timestamp::from_micros(micros));
    let (world, id) = (World::at(&clock), room_id("r"));
    world.chat.create_room(&profile(1), Some(id.clone()), new_room(RoomKind::Private)).await.unwrap();
    for (user, role) in [(2, Role::Moderator), (3, Role::Member)] {
        world.chat.invite(&profile(1), &id, profile(user).id, role).await.unwrap();
    }
    (world, id, clock)
}

fn lives(seconds: u64, words: &str) -> NewMessage {
    NewMessage { expires_in: Some(seconds), ..text(words) }
}

fn go_on(clock: &Clock, seconds: u64) -> Timestamp {
    clock.set(clock.now().after(Duration::from_secs(seconds)));
    clock.now()
}

fn expire_after(seconds: u32) -> RoomChanges {
    RoomChanges { expire_seconds: Some(seconds), ..RoomChanges::default() }
}

#[tokio::test]
async fn terms_are_from_five_seconds_to_a_year_and_the_room_says_the_most() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let term = async |asked| {
        let message = NewMessage { expires_in: asked, ..text("x") };
        let (sent, _) = room.send(3, message).await?;
        let term = sent.expires_at.map(|at| at.until(sent.created_at).as_secs());
        Ok::<_, ChatError>(term)
    };
    let expected = "5 to 31536000, which is a year";
    let wrong = |field| ChatError::invalid(field, Problem::Malformed { expected });
    for (asked, life) in [(None, None), (Some(5), Some(5)), (Some(31_536_000), Some(31_536_000))] {
        assert_eq!(term(asked).await, Ok(life));
    }
    for asked in [0, 4, 31_536_001, u64::MAX] {
        assert_eq!(term(Some(asked)).await, Err(wrong("expires_in")));
    }
    let change = async |user, seconds| {
        let changed = chat.change_room(&profile(user), &room.id, expire_after(seconds)).await?;
        Ok::<_, ChatError>(changed.expire_seconds)
    };
    assert_eq!(change(3, 60).await, Err(forbidden(Role::Moderator)));
    for seconds in [1, 4, 31_536_001] {
        assert_eq!(change(2, seconds).await, Err(wrong("expire_seconds")));
    }
    assert_eq!(change(2, 60).await, Ok(60));
    for (asked, life) in [(None, 60), (Some(59), 59), (Some(61), 60)] {
        assert_eq!(term(asked).await, Ok(Some(life)));
    }
    let log = chat.log(&profile(4), &room.id, Range::Latest, 4).await.unwrap();
    let EventBody::RoomChanged(state) = &log.events[0].body else { panic!() };
    assert_eq!((state.expire_seconds, log.access.room.expire_seconds), (60, 60));
    assert_eq!(change(2, 0).await, Ok(0));
    assert_eq!(term(None).await, Ok(None));
}

#[tokio::test]
async fn what_is_over_is_shown_to_nobody_even_before_it_is_ended() {
    let (world, id, clock) = room_before(0).await;
    let chat = &world.chat;
    let client_id = Some("c".parse().unwrap());
    let root = chat.send(&profile(3), &id, text("root")).await.unwrap().0.offset;
    let message = NewMessage {
        client_id,
        reply_to: Some(root),
        data: Some("1".into()),
        ..lives(60, "the secret, @u1")
    };
    let sent = chat.send(&profile(3), &id, message.clone()).await.unwrap().0;
    assert_eq!(sent.quote.as_ref().unwrap().text, "root", "what does not expire is quoted");
    let reply = NewMessage { reply_to: Some(sent.offset), ..text("what?") };
    let reply = chat.send(&profile(1), &id, reply).await.unwrap().0;
    let quote = reply.quote.as_ref().unwrap();
    assert_eq!((&quote.sender, quote.text.as_str()), (&profile(3), ""), "a quote would outlive it");
    let changes = MessageChanges { text: "the secret, again, @u1".into(), data: None };
    let edited = chat.edit(&profile(3), &id, sent.offset, changes.clone()).await.unwrap().0;
    assert_eq!(edited.expires_at, sent.expires_at, "an edit leaves it its time");
    let thumb: Reaction = "👍".parse().unwrap();
    chat.react(&profile(2), &id, sent.offset, thumb.clone()).await.unwrap();

    go_on(&clock, 59);
    assert_eq!(chat.message(&profile(1), &id, sent.offset).await.unwrap().text, edited.text);
    go_on(&clock, 1);
    for viewer in [1, 2, 3].map(profile) {
        let alone = chat.message(&viewer, &id, sent.offset).await.unwrap();
        let left = (alone.text.as_str(), &alone.data, &alone.quote, &alone.mentions, alone.reactions.len());
        assert_eq!(left, ("", &None, &None, &None, 0));
        assert_eq!((alone.deleted_at, alone.expires_at), (sent.expires_at, None));
        let messages = chat.messages(&viewer, &id, Range::Latest, 10).await.unwrap();
        assert!(messages.contains(&alone));
        let log = chat.log(&viewer, &id, Range::After(Offset::START), 100).await.unwrap();
        let said = log.events.iter().filter_map(|event| event.message());
        assert!(said.clone().count() > 3 && said.clone().all(|message| !message.text.contains("secret")));
        let replies = chat.replies(&viewer, &id, root, Range::Latest, 10).await.unwrap();
        assert_eq!(replies[0], alone);
        let inbox = chat.inbox(&viewer, None, 10).await.unwrap();
        assert_eq!(inbox[0].last.as_ref().unwrap().text, "what?");
    }
    assert_eq!(chat.versions(&profile(2), &id, sent.offset, Offset::START, 10).await.unwrap(), []);

    // Nothing more can be done to it, and a repetition does not bring it back.
    let by = &profile(3);
    let gone = ChatError::MessageDeleted;
    assert_eq!(chat.edit(by, &id, sent.offset, changes).await.unwrap_err(), gone);
    assert_eq!(chat.react(by, &id, sent.offset, thumb).await.unwrap_err(), gone);
    let unknown = ChatError::invalid("reply_to", Problem::Unknown { what: "message" });
    let reply = NewMessage { reply_to: Some(sent.offset), ..text("what?") };
    assert_eq!(chat.send(by, &id, reply).await.unwrap_err(), unknown);
    let (again, repeated) = chat.send(by, &id, message).await.unwrap();
    assert_eq!((again.offset, again.text.as_str(), repeated), (sent.offset, "", true));
    let end = chat.room(by, &id).await.unwrap().room.offset;
    chat.delete(&profile(2), &id, sent.offset).await.unwrap();
    assert_eq!(chat.room(by, &id).await.unwrap().room.offset, end, "it is as good as deleted");
    assert_eq!(chat.versions(&profile(2), &id, sent.offset, Offset::START, 10).await.unwrap(), []);
}

#[tokio::test]
async fn its_end_is_one_event_of_its_sender_even_of_one_who_has_left() {
    let (world, id, clock) = room_before(0).await;
    let chat = &world.chat;
    let root = chat.send(&profile(1), &id, text("root")).await.unwrap().0.offset;
    let reply = NewMessage { reply_to: Some(root), ..lives(60, "@u2, hurry") };
    let sent = chat.send(&profile(3), &id, reply).await.unwrap().0;
    let later = chat.send(&profile(3), &id, lives(600, "later")).await.unwrap().0;
    chat.remove(&profile(3), &id, profile(3).id).await.unwrap();
    let end = chat.room(&profile(1), &id).await.unwrap().room.offset;
    let mark = async || chat.inbox(&profile(2), None, 10).await.unwrap().remove(0).mark;
    assert_eq!((mark().await.unread, mark().await.mentions), (3, 1));

    let store = &*world.store;
    assert_eq!(store.expire(clock.now()).await, Ok(sent.expires_at));
    // Nor by whoever's clock is ahead.
    let action = Action::Expire { message: sent.offset };
    store.submit(Command { room: id.clone(), actor: profile(3), action }).await.unwrap();
    assert_eq!(chat.room(&profile(1), &id).await.unwrap().room.offset, end);
    let now = go_on(&clock, 60);
    assert_eq!(store.expire(now).await, Ok(later.expires_at));
    assert_eq!(store.expire(now).await, Ok(later.expires_at));
    let log = chat.log(&profile(1), &id, Range::After(end), 10).await.unwrap();
    let [event] = log.events.as_slice() else { panic!("{log:?}") };
    let EventBody::MessageDeleted(message) = &event.body else { panic!("{event:?}") };
    assert_eq!((message.offset, message.deleted_at), (sent.offset, sent.expires_at));
    assert_eq!((&event.actor, event.is_moderation()), (&profile(3), false));
    assert_eq!(chat.audit(&profile(2), &id, Offset::MAX, 10).await.unwrap(), []);
    let thread = chat.thread(&profile(1), &id, root).await.unwrap();
    assert_eq!(thread.message.thread.unwrap().replies, 0);
    assert_eq!((mark().await.unread, mark().await.mentions), (2, 0));

    // Deleted before its time, it is not ended once more.
    let own = chat.send(&profile(1), &id, lives(60, "x")).await.unwrap().0;
    chat.delete(&profile(1), &id, own.offset).await.unwrap();
    assert_eq!(chat.versions(&profile(2), &id, own.offset, Offset::START, 10).await.unwrap(), []);
    let end = chat.room(&profile(1), &id).await.unwrap().room.offset;
    assert_eq!(store.expire(go_on(&clock, 60)).await, Ok(later.expires_at));
    assert_eq!(chat.room(&profile(1), &id).await.unwrap().room.offset, end);
}

#[tokio::test]
async fn what_was_told_or_remembered_too_late_is_not_told() {
    struct Texts;
    impl WireFormat for Texts {
        fn encode(&self, _: &Channel, push: &Push<'_>) -> Option<bytes::Bytes> {
            let Push::Event(event) = push else { return None };
            Some(event.message().map(|message| message.text.clone()).unwrap_or_default().into())
        }
    }
    // For the store it is an hour ago, so that for the hub it is over already.
    let (mut world, id, _) = room_before(3600).await;
    world.format = Arc::new(Texts);
    world.run_fan_out();
    let reader = world.connect(1);
    world.subscribe(&reader, &id).await.unwrap();
    let sent = world.chat.send(&profile(3), &id, lives(60, "the secret")).await.unwrap().0;
    assert_eq!(sent.text, "", "the sender, too");
    world.chat.send(&profile(3), &id, lives(7200, "goes on")).await.unwrap();
    assert_eq!(frames(&reader, 3).await[1..], ["", "goes on"]);
    let hub = world.chat.hub();
    let kept = hub.recent_events(&id, sent.offset.previous(), sent.offset).unwrap();
    assert_eq!(kept[0].message().unwrap().text, "");

    // One that was in time is remembered with its text, and told without.
    let (world, id, clock) = room_before(0).await;
    let sent = world.chat.send(&profile(3), &id, lives(60, "the secret")).await.unwrap().0;
    let log = world.chat.log(&profile(1), &id, Range::Latest, 1).await.unwrap();
    let Some(event) = log.events.first() else { panic!() };
    let over = go_on(&clock, 60);
    assert_eq!(event.seen_by(profile(3).id, sent.created_at).message(), Some(&*sent));
    for shown in [event.seen_by(profile(3).id, over), event.at(over)] {
        assert_eq!(shown.message().unwrap().text, "");
    }
}
