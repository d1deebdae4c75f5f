//! Direct rooms.

use chat_core::*;

use crate::support::*;

fn ids(users: &[i64]) -> Vec<UserId> {
    users.iter().map(|user| profile(*user).id).collect()
}

#[tokio::test]
async fn whoever_asks_the_room_is_the_same() {
    let world = World::new(Limits::default());
    let open =
        async |user, others: &[i64]| world.chat.open_direct(&profile(user), &ids(others)).await.unwrap();
    let (room, made) = open(2, &[1]).await;
    assert!(made && room.id.is_direct());
    assert_eq!(room.people, [profile(1), profile(2)]);
    assert_eq!((room.kind, room.member_count, room.offset.get()), (RoomKind::Direct, 2, 2));
    for (user, others) in [(1, vec![2]), (2, vec![1, 2, 1])] {
        assert_eq!(open(user, &others).await, (room.clone(), false));
    }
    let (three, made) = open(1, &[2, 3]).await;
    assert!(made && three.id != room.id);
    assert_eq!(open(3, &[2, 1]).await, (three, false));
    let listed = world.chat.rooms(&profile(2), RoomFilter::Mine, None, 10).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(world.chat.rooms(&profile(2), RoomFilter::Public, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn only_so_many_and_only_those_who_are_there() {
    let world = World::new(Limits { people_per_direct_room: 3, rooms_per_user: 1, ..Limits::default() });
    let open = async |others: &[i64]| world.chat.open_direct(&profile(1), &ids(others)).await;
    let count = ChatError::invalid("users", Problem::Count { least: 1, most: 2, what: "others" });
    for wrong in [vec![], vec![1], vec![2, 3, 4]] {
        assert_eq!(open(&wrong).await.unwrap_err(), count, "{wrong:?}");
    }
    let unknown = ChatError::invalid("users", Problem::Unknown { what: "user" });
    assert_eq!(open(&[2, 100]).await.unwrap_err(), unknown);
    open(&[2]).await.unwrap();
    assert_eq!(open(&[3]).await.unwrap_err(), ChatError::LimitReached { what: "rooms", limit: 1 });
    open(&[2]).await.unwrap();
}

#[tokio::test]
async fn no_other_room_takes_its_place() {
    let world = World::new(Limits::default());
    let id = RoomId::direct(&ids(&[1, 2]));
    let refused =
        world.chat.create_room(&profile(3), Some(id), new_room(RoomKind::Public)).await.unwrap_err();
    assert!(matches!(refused, ChatError::Invalid(wrong) if wrong[0].field == "id"));
    let refused = world.chat.create_room(&profile(3), None, new_room(RoomKind::Direct)).await.unwrap_err();
    assert!(matches!(refused, ChatError::Invalid(wrong) if wrong[0].field == "kind"));
    let room = world.chat.create_room(&profile(3), None, new_room(RoomKind::Public)).await.unwrap();
    let changes = RoomChanges { kind: Some(RoomKind::Direct), ..RoomChanges::default() };
    let refused = world.chat.change_room(&profile(3), &room.id, changes).await.unwrap_err();
    assert!(matches!(refused, ChatError::Invalid(wrong) if wrong[0].field == "kind"));
}

#[tokio::test]
async fn the_others_are_told_of_it() {
    let mut world = World::new(Limits::default());
    world.run_fan_out();
    let two = world.connect(2);
    let room = world.chat.open_direct(&profile(1), &ids(&[2])).await.unwrap().0;
    assert_eq!(frames(&two, 1).await, [format!("added {}", room.id)]);
}

#[tokio::test]
async fn what_is_said_in_a_direct_room_is_reported_to_administrators_alone() {
    let world = World::new(Limits::default());
    let (chat, ann, ben) = (&world.chat, profile(1), profile(3));
    let id = chat.open_direct(&ann, &[ben.id]).await.unwrap().0.id;
    let quoted = chat.send(&ann, &id, text("a secret")).await.unwrap().0;
    let answer = NewMessage { reply_to: Some(quoted.offset), ..text("an insult") };
    let insult = chat.send(&ben, &id, answer).await.unwrap().0;
    chat.report(&ann, &id, insult.offset, "rude".into()).await.unwrap();
    assert_eq!(chat.reports(&ann, &id, false, None, 10).await.unwrap_err(), ChatError::DirectRoom);
    let reports = chat.all_reports(&profile(5), None, 10).await.unwrap();
    let message = &reports[0].reported.message;
    assert_eq!((message.text.as_str(), &message.quote, message.thread), ("an insult", &None, None));
    assert!(reports[0].room.people.is_empty());
    // What somebody is not shown, they do not report.
    chat.block(&ann, ben.id).await.unwrap();
    let withheld = chat.send(&ben, &id, text("unseen")).await.unwrap().0;
    let unseen = chat.report(&ann, &id, withheld.offset, String::new()).await;
    assert_eq!(unseen.unwrap_err(), ChatError::MessageNotFound);
}
