//! Blocks: whose direct messages one wants to have no more.

use chat_core::*;

use crate::support::*;

/// The direct room of 1 and 2, where 2 has blocked 1 after a first message of each.
async fn blocked() -> (World, RoomId, [Offset; 2]) {
    let world = World::new(Limits::default());
    let id = world.chat.open_direct(&profile(1), &[profile(2).id]).await.unwrap().0.id;
    let mut sent = [Offset::START; 2];
    for (place, user) in [1, 2].into_iter().enumerate() {
        sent[place] = world.chat.send(&profile(user), &id, text("before")).await.unwrap().0.offset;
    }
    assert!(world.chat.block(&profile(2), profile(1).id).await.unwrap().1);
    (world, id, sent)
}

async fn said(world: &World, user: i64, room: &RoomId) -> Vec<String> {
    let messages = world.chat.messages(&profile(user), room, Range::Latest, 10).await.unwrap();
    messages.into_iter().map(|one| if one.withheld { "?".into() } else { one.text }).collect()
}

#[tokio::test]
async fn what_a_blocked_user_sends_is_not_shown_and_they_do_not_see_that() {
    let (world, id, _) = blocked().await;
    let chat = &world.chat;
    let (sent, _) = chat.send(&profile(1), &id, text("@u2, listen")).await.unwrap();
    assert!(!sent.withheld, "they are not told");
    assert_eq!(said(&world, 1, &id).await, ["before", "before", "@u2, listen"]);
    assert_eq!(said(&world, 2, &id).await, ["before", "before", "?"]);
    let place = chat.message(&profile(2), &id, sent.offset).await.unwrap();
    assert_eq!((place.text.as_str(), place.client_id, place.mentions), ("", None, None));
    let log = chat.log(&profile(2), &id, Range::After(sent.offset.previous()), 10).await.unwrap();
    assert_eq!(log.events[0].message(), chat.message(&profile(2), &id, sent.offset).await.ok().as_ref());
    let inbox = chat.inbox(&profile(2), None, 10).await.unwrap();
    assert_eq!((inbox[0].mark.unread, inbox[0].mark.mentions), (1, 0), "what was before");
    assert_eq!(inbox[0].last.as_ref().unwrap().text, "before");
    let inbox = chat.inbox(&profile(1), None, 10).await.unwrap();
    assert_eq!(inbox[0].last.as_ref().unwrap().text, "@u2, listen");
    chat.mark_read(&profile(2), &id, sent.offset).await.unwrap();
    assert_eq!(chat.readers(&profile(1), &id, sent.offset, None, 10).await.unwrap(), []);

    chat.send(&profile(2), &id, text("the other way")).await.unwrap();
    assert_eq!(said(&world, 1, &id).await[3], "the other way");
    chat.unblock(&profile(2), profile(1).id).await.unwrap();
    chat.send(&profile(1), &id, text("again")).await.unwrap();
    assert_eq!(said(&world, 2, &id).await[2..], ["?", "the other way", "again"]);
}

#[tokio::test]
async fn there_is_no_way_around_it() {
    let (world, id, [own, theirs]) = blocked().await;
    let chat = &world.chat;
    let changes = MessageChanges { text: "edited".into(), data: None };
    assert!(!chat.edit(&profile(1), &id, own, changes).await.unwrap().0.withheld);
    assert_eq!(said(&world, 2, &id).await, ["?", "before"]);
    assert_eq!(said(&world, 1, &id).await, ["edited", "before"]);
    let reply = NewMessage { reply_to: Some(theirs), ..text("reply") };
    chat.send(&profile(1), &id, reply).await.unwrap();
    assert_eq!(said(&world, 2, &id).await, ["?", "before", "?"]);
    // What is withheld is not there for the other one.
    let unknown = ChatError::invalid("reply_to", Problem::Unknown { what: "message" });
    let reply = NewMessage { reply_to: Some(own), ..text("to what?") };
    assert_eq!(chat.send(&profile(2), &id, reply).await.unwrap_err(), unknown);
    let react = chat.react(&profile(2), &id, own, "👍".parse().unwrap()).await;
    assert_eq!(react.unwrap_err(), ChatError::MessageNotFound);
    chat.delete(&profile(1), &id, own).await.unwrap();
}

#[tokio::test]
async fn connections_and_those_who_come_back_are_not_shown_it_either() {
    struct Texts;
    impl WireFormat for Texts {
        fn encode(&self, _: &Channel, push: &Push<'_>) -> Option<bytes::Bytes> {
            let Push::Event(event) = push else { return None };
            let said = event.message().map(|one| format!("{} {}", one.text, one.withheld));
            Some(said.unwrap_or_default().into())
        }
    }
    let (mut world, id, [_, last]) = blocked().await;
    world.format = std::sync::Arc::new(Texts);
    world.run_fan_out();
    let (one, two) = (world.connect(1), world.connect(2));
    for client in [&one, &two] {
        world.subscribe(client, &id).await.unwrap();
    }
    world.chat.send(&profile(1), &id, text("listen")).await.unwrap();
    world.chat.send(&profile(2), &id, text("no")).await.unwrap();
    assert_eq!(frames(&one, 3).await[1..], ["listen false", "no false"]);
    assert_eq!(frames(&two, 3).await[1..], [" true", "no false"]);
    for (user, expected) in [(1, ["listen", "no"]), (2, ["", "no"])] {
        let back = world.connect(user);
        let since = Since { offset: last, epoch: None };
        let reply = |subscribed: &Subscribed| {
            let Recovery::Recovered(events) = &subscribed.recovery else { panic!() };
            let said: Vec<_> = events.iter().map(|event| event.message().unwrap().text.clone()).collect();
            assert_eq!(said, expected);
            Ok(bytes::Bytes::new())
        };
        world.chat.subscribe(&back, &id, Some(since), false, reply).await.unwrap();
    }
}

#[tokio::test]
async fn a_room_that_somebody_blocked_opens_is_not_told_of_nor_listed() {
    let mut world = World::new(Limits::default());
    world.run_fan_out();
    world.chat.block(&profile(2), profile(1).id).await.unwrap();
    let two = world.connect(2);
    let id = world.chat.open_direct(&profile(1), &[profile(2).id]).await.unwrap().0.id;
    world.chat.send(&profile(1), &id, text("hi")).await.unwrap();
    assert_eq!(world.chat.inbox(&profile(2), None, 10).await.unwrap(), []);
    assert_eq!(world.chat.inbox(&profile(1), None, 10).await.unwrap().len(), 1);
    // With a third they talk as before.
    let three = world.chat.open_direct(&profile(1), &[2, 3].map(|user| profile(user).id)).await.unwrap().0.id;
    assert_eq!(frames(&two, 1).await, [format!("added {three}")]);
    world.chat.send(&profile(1), &three, text("hi")).await.unwrap();
    assert_eq!(said(&world, 2, &three).await, ["hi"]);
}

#[tokio::test]
async fn blocks_are_listed_and_bounded() {
    let world = World::new(Limits { blocks_per_user: 2, ..Limits::default() });
    let block = async |user| world.chat.block(&profile(1), profile(user).id).await;
    assert!(matches!(block(1).await, Err(ChatError::Invalid(_))));
    let unknown = ChatError::invalid("user", Problem::Unknown { what: "user" });
    assert_eq!(block(100).await.unwrap_err(), unknown);
    let first = block(3).await.unwrap();
    assert_eq!((first.1, block(3).await.unwrap()), (true, (first.0, false)));
    block(2).await.unwrap();
    assert_eq!(block(4).await.unwrap_err(), ChatError::LimitReached { what: "blocked users", limit: 2 });
    let list = async |after: Option<i64>| {
        let blocks = world.chat.blocks(&profile(1), after.map(|user| profile(user).id), 10).await.unwrap();
        blocks.iter().map(|block| block.user.id.get()).collect::<Vec<_>>()
    };
    assert_eq!((list(None).await, list(Some(2)).await), (vec![2, 3], vec![3]));
    world.chat.unblock(&profile(1), profile(2).id).await.unwrap();
    world.chat.unblock(&profile(1), profile(2).id).await.unwrap();
    assert_eq!(list(None).await, [3]);
}
