//! Pinned messages.

use chat_core::*;

use crate::rules::{Room, forbidden, room, room_with};
use crate::support::*;

impl Room {
    async fn pin(&self, user: i64, message: Offset) -> Result<bool, ChatError> {
        self.world.chat.pin(&profile(user), &self.id, message).await
    }

    async fn unpin(&self, user: i64, message: Offset) -> Result<bool, ChatError> {
        self.world.chat.unpin(&profile(user), &self.id, message).await
    }

    async fn pins(&self, user: i64) -> Vec<(Offset, i64)> {
        let pins = self.world.chat.pins(&profile(user), &self.id, Offset::MAX, 100).await.unwrap();
        pins.iter().map(|pin| (pin.message.offset, pin.by.id.get())).collect()
    }
}

#[tokio::test]
async fn what_is_pinned_last_comes_first_and_nothing_is_pinned_twice() {
    let room = room(RoomKind::Public).await;
    let first = room.send(3, text("one")).await.unwrap().0.offset;
    let second = room.send(3, text("two")).await.unwrap().0.offset;
    assert_eq!(room.pin(2, second).await, Ok(true));
    assert_eq!(room.pin(1, first).await, Ok(true));
    assert_eq!(room.pin(2, first).await, Ok(false), "no second event");
    assert_eq!(room.pins(5).await, [(first, 1), (second, 2)]);
    let acts = room.world.chat.audit(&profile(1), &room.id, Offset::MAX, 1).await.unwrap();
    assert_eq!(acts[0].body, EventBody::MessagePinned(first));
    assert_eq!(room.unpin(2, first).await, Ok(true));
    assert_eq!(room.unpin(2, first).await, Ok(false));
    assert_eq!(room.pin(2, first).await, Ok(true));
    assert_eq!(room.pins(4).await, [(first, 2), (second, 2)]);
}

#[tokio::test]
async fn a_deletion_ends_the_pin_and_makes_room_for_another() {
    let room = room_with(RoomKind::Public, Limits { pins_per_room: 1, ..Limits::default() }).await;
    let first = room.send(3, text("one")).await.unwrap().0.offset;
    let second = room.send(3, text("two")).await.unwrap().0.offset;
    assert_eq!(room.pin(1, first).await, Ok(true));
    let full = ChatError::LimitReached { what: "pinned messages", limit: 1 };
    assert_eq!(room.pin(1, second).await, Err(full));
    assert_eq!(room.pin(1, first).await, Ok(false), "one that is there is not another");
    room.world.chat.delete(&profile(3), &room.id, first).await.unwrap();
    assert_eq!(room.pins(1).await, []);
    assert_eq!(room.pin(1, first).await, Err(ChatError::MessageDeleted));
    assert_eq!(room.unpin(1, first).await, Ok(false));
    assert_eq!(room.pin(1, second).await, Ok(true));
}

#[tokio::test]
async fn not_everything_can_be_pinned() {
    let room = room(RoomKind::Private).await;
    let message = room.send(3, text("hi")).await.unwrap().0.offset;
    for nothing in [Offset::START, Offset::new(1).unwrap(), message.next()] {
        assert_eq!(room.pin(1, nothing).await, Err(ChatError::MessageNotFound));
        assert_eq!(room.unpin(1, nothing).await, Err(ChatError::MessageNotFound));
    }
    assert_eq!(room.pin(3, message).await, Err(forbidden(Role::Moderator)));
    assert_eq!(room.pin(5, message).await, Err(ChatError::RoomNotFound));
    let list = room.world.chat.pins(&profile(5), &room.id, Offset::MAX, 10).await;
    assert_eq!(list, Err(ChatError::RoomNotFound));
}

#[tokio::test]
async fn what_is_withheld_is_not_read_through_a_pin() {
    let world = World::new(Limits::default());
    let id = world.chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
    world.chat.block(&profile(3), profile(1).id).await.unwrap();
    let room = Room { world, id };
    let message = room.send(1, text("secret")).await.unwrap().0.offset;
    assert_eq!(room.pin(3, message).await, Err(ChatError::MessageNotFound));
    assert_eq!(room.pin(1, message).await, Ok(true));
    let seen = room.world.chat.pins(&profile(3), &room.id, Offset::MAX, 10).await.unwrap();
    assert_eq!((seen[0].message.text.as_str(), seen[0].message.withheld), ("", true));
    assert_eq!(room.unpin(3, message).await, Ok(true), "and the place can be cleared");
}
