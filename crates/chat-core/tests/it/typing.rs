//! Who writes, and who reads, now.

use chat_core::*;

use crate::rules::room;
use crate::support::*;

#[tokio::test]
async fn those_who_have_the_room_open_are_told_who_writes() {
    let room = room(RoomKind::Public).await;
    let (chat, id) = (&room.world.chat, &room.id);
    let (own, other) = (room.world.connect(3), room.world.connect(4));
    for client in [&own, &other] {
        room.world.subscribe(client, id).await.unwrap();
    }
    for typing in [true, false, true, true] {
        chat.typing(&profile(3), id, typing).await.unwrap();
    }
    chat.typing(&profile(2), id, true).await.unwrap();
    let told = frames(&other, 5).await;
    assert_eq!(told[2..], ["u3 writes", "u3 stops", "u2 writes"], "not more often than every three seconds");
    assert_eq!(frames(&own, 4).await[3..], ["u2 writes"], "nobody is told of themselves");
    assert_eq!(
        chat.typing(&profile(4), id, true).await.unwrap_err(),
        ChatError::Forbidden { needs: Role::Member }
    );
    assert_eq!(chat.typing(&profile(5), id, true).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn those_who_have_the_room_open_are_told_who_reads() {
    let room = room(RoomKind::Public).await;
    let message = room.send(1, text("hi")).await.unwrap().0.offset;
    let other = room.world.connect(4);
    room.world.subscribe(&other, &room.id).await.unwrap();
    for _ in 0..2 {
        room.world.chat.mark_read(&profile(3), &room.id, message).await.unwrap();
    }
    room.world.chat.mark_unread(&profile(3), &room.id, message).await.unwrap();
    room.world.chat.mark_read(&profile(2), &room.id, message).await.unwrap();
    let told = [format!("u3 read {message}"), format!("u2 read {message}")];
    assert_eq!(frames(&other, 4).await[2..], told, "once, and not of those who go back");
}

#[tokio::test]
async fn large_rooms_and_blocks_keep_it_quiet() {
    let world = World::new(Limits { signal_members: 2, ..Limits::default() });
    let others = [2, 3].map(|user| profile(user).id);
    let two = world.chat.open_direct(&profile(1), &others[..1]).await.unwrap().0.id;
    let three = world.chat.open_direct(&profile(1), &others).await.unwrap().0.id;
    let client = world.connect(2);
    for room in [&two, &three] {
        world.subscribe(&client, room).await.unwrap();
    }
    let typing = async |room| world.chat.typing(&profile(1), room, true).await.unwrap();
    world.chat.block(&profile(2), profile(1).id).await.unwrap();
    typing(&two).await;
    typing(&three).await;
    let message = world.chat.send(&profile(1), &two, text("hi")).await.unwrap().0.offset;
    world.chat.mark_read(&profile(1), &two, message).await.unwrap();
    world.chat.unblock(&profile(2), profile(1).id).await.unwrap();
    typing(&two).await;
    assert_eq!(frames(&client, 5).await[4..], ["u1 writes"]);
}
