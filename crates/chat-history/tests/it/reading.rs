//! Pages, and rooms that are gone.

use super::*;

async fn offsets(world: &World, range: Range, limit: usize) -> Vec<u64> {
    let messages = world.store.messages(&room_id("r"), profile(1).id, range, limit).await.unwrap();
    messages.iter().map(|message| message.offset.get()).collect()
}

#[tokio::test]
async fn messages_are_paged_from_either_end() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    for n in 2..=11 {
        world.store.submit(send(1, "r", &n.to_string())).await.unwrap();
    }
    let cases = [
        (Range::Latest, 3, vec![9, 10, 11]),
        (Range::Latest, 0, vec![]),
        (Range::Before(offset(9)), 3, vec![6, 7, 8]),
        (Range::Before(offset(3)), 3, vec![2]),
        (Range::Before(Offset::START), 3, vec![]),
        (Range::After(offset(8)), 2, vec![9, 10]),
        (Range::After(offset(11)), 2, vec![]),
        (Range::After(Offset::MAX), 2, vec![]),
        (Range::Before(Offset::MAX), 1, vec![11]),
        (Range::After(Offset::START), usize::MAX, (2..=11).collect()),
    ];
    for (range, limit, expected) in cases {
        assert_eq!(offsets(&world, range, limit).await, expected, "{range:?} {limit}");
    }
    assert_eq!(
        world.store.message(&room_id("r"), profile(1).id, offset(1)).await.unwrap(),
        None,
        "an event, but no message"
    );
    assert_eq!(world.store.message(&room_id("r"), profile(1).id, Offset::MAX).await.unwrap(), None);
    assert_eq!(
        world.store.message(&room_id("r"), profile(1).id, offset(2)).await.unwrap().unwrap().text,
        "2"
    );
}

#[tokio::test]
async fn rooms_and_members_are_paged_by_their_ids() {
    let world = world();
    for (user, room, kind) in
        [(1, "c", RoomKind::Public), (2, "a", RoomKind::Public), (1, "b", RoomKind::Private)]
    {
        world.store.submit(create(user, room, kind)).await.unwrap();
    }
    let list = async |user: i64, filter, after: Option<&str>, limit| {
        let rooms = world.store.rooms(profile(user).id, filter, after.map(room_id), limit).await.unwrap();
        rooms.into_iter().map(|access| (access.room.id.to_string(), access.role)).collect::<Vec<_>>()
    };
    let owner = Some(Role::Owner);
    assert_eq!(list(1, RoomFilter::Public, None, 10).await, [("a".into(), None), ("c".into(), owner)]);
    assert_eq!(list(1, RoomFilter::Public, Some("a"), 10).await, [("c".into(), owner)]);
    assert_eq!(list(1, RoomFilter::Public, None, 1).await, [("a".into(), None)]);
    assert_eq!(list(1, RoomFilter::Mine, None, 10).await, [("b".into(), owner), ("c".into(), owner)]);
    assert_eq!(list(3, RoomFilter::Mine, None, 10).await, []);
    for user in [5, 3, 4] {
        world.store.submit(command(user, "a", Action::Join)).await.unwrap();
    }
    let members = world.store.members(&room_id("a"), Some(profile(2).id), 2).await.unwrap();
    assert_eq!(members.into_iter().map(|member| member.user).collect::<Vec<_>>(), [profile(3), profile(4)]);
}

#[tokio::test]
async fn a_deleted_room_is_gone_for_good_and_purged_even_after_a_stop() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let sends: Vec<_> = (0..2500).map(|n| world.store.submit(send(1, "r", &n.to_string()))).collect();
    for sent in sends {
        sent.await.unwrap();
    }
    world.store.submit(command(1, "r", Action::DeleteRoom)).await.unwrap();
    assert_eq!(world.store.room(&room_id("r"), profile(1).id).await.unwrap(), None);
    assert_eq!(whole_log(&*world.store, "r").await, []);
    assert_eq!(world.store.rooms(profile(1).id, RoomFilter::Mine, None, 10).await.unwrap(), []);
    // Stopped in the middle of it, or before it: the next start goes on.
    let world = world.reopen();
    let refused = world.store.submit(create(2, "r", RoomKind::Public)).await;
    assert_eq!(refused, Err(ChatError::RoomExists));
    let rows = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM messages) AS count";
    let mut left = i64::MAX;
    while left > 0 {
        // Each portion is a write, so that asking by a write lets the purge go on.
        left = world.db.write(world.db.lane("purge"), |connection| count(connection, rows)).await.unwrap();
    }
}
