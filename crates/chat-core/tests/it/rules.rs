//! Who may do what.

use std::sync::Arc;

use chat_core::*;

use crate::support::*;

pub struct Room {
    pub world: World,
    pub id: RoomId,
}

/// A room of the kind: 1 owns it, 2 moderates, 3 is a member, 4 a reader, 5 a stranger.
pub async fn room(kind: RoomKind) -> Room {
    room_with(kind, Limits::default()).await
}

/// The same under other limits.
pub async fn room_with(kind: RoomKind, limits: Limits) -> Room {
    room_in(World::new(limits), kind).await
}

/// The same in this world.
pub async fn room_in(world: World, kind: RoomKind) -> Room {
    let id = room_id("r");
    world.chat.create_room(&profile(1), Some(id.clone()), new_room(kind)).await.unwrap();
    for (user, role) in [(2, Role::Moderator), (3, Role::Member), (4, Role::Reader)] {
        let (member, changed) = world.chat.invite(&profile(1), &id, profile(user).id, role).await.unwrap();
        assert!(changed);
        assert_eq!(member.role, role);
    }
    Room { world, id }
}

impl Room {
    pub async fn send(&self, user: i64, message: NewMessage) -> Result<(Arc<Message>, bool), ChatError> {
        self.world.chat.send(&profile(user), &self.id, message).await
    }

    pub async fn set_role(&self, user: i64, target: i64, role: Role) -> Result<Member, ChatError> {
        self.world.chat.set_role(&profile(user), &self.id, profile(target).id, role).await
    }

    pub async fn remove(&self, user: i64, target: i64) -> Result<(), ChatError> {
        self.world.chat.remove(&profile(user), &self.id, profile(target).id).await
    }

    async fn role(&self, user: i64) -> Option<Role> {
        self.world.chat.room(&profile(user), &self.id).await.unwrap().role
    }
}

pub fn forbidden(needs: Role) -> ChatError {
    ChatError::Forbidden { needs }
}

#[tokio::test]
async fn members_send_and_readers_do_not() {
    let room = room(RoomKind::Public).await;
    for user in 1..=3 {
        room.send(user, text("hi")).await.unwrap();
    }
    assert_eq!(room.send(4, text("hi")).await.unwrap_err(), forbidden(Role::Member));
    assert_eq!(room.send(5, text("hi")).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn a_private_room_is_not_there_for_strangers() {
    let room = room(RoomKind::Private).await;
    let (chat, id, stranger) = (&room.world.chat, &room.id, profile(5));
    assert_eq!(room.send(5, text("hi")).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.join(&stranger, id).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.room(&stranger, id).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.messages(&stranger, id, Range::Latest, 10).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.log(&stranger, id, Range::Latest, 10).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.presence(&stranger, id).await.unwrap_err(), ChatError::RoomNotFound);
    assert_eq!(chat.delete_room(&stranger, id).await.unwrap_err(), ChatError::RoomNotFound);
    assert!(chat.rooms(&stranger, RoomFilter::Public, None, 10).await.unwrap().is_empty());
    assert_eq!(chat.rooms(&profile(3), RoomFilter::Mine, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_the_owner_makes_moderators_and_there_is_always_one_owner() {
    let room = room(RoomKind::Public).await;
    assert_eq!(room.set_role(2, 3, Role::Moderator).await.unwrap_err(), forbidden(Role::Owner));
    assert_eq!(room.set_role(2, 1, Role::Member).await.unwrap_err(), forbidden(Role::Owner));
    assert_eq!(room.set_role(3, 4, Role::Member).await.unwrap_err(), forbidden(Role::Moderator));
    assert_eq!(room.set_role(1, 1, Role::Member).await.unwrap_err(), ChatError::OwnerRequired);
    assert_eq!(room.set_role(1, 5, Role::Member).await.unwrap_err(), ChatError::MemberNotFound);
    assert_eq!(room.set_role(2, 4, Role::Member).await.unwrap().role, Role::Member);
    assert_eq!(room.remove(1, 1).await.unwrap_err(), ChatError::OwnerRequired);
    assert_eq!(room.set_role(1, 3, Role::Owner).await.unwrap().role, Role::Owner);
    assert_eq!(room.role(1).await, Some(Role::Moderator));
    assert_eq!(room.world.chat.room(&profile(1), &room.id).await.unwrap().room.owner, profile(3).id);
    room.remove(1, 1).await.unwrap();
    assert_eq!(room.role(1).await, None);
}

#[tokio::test]
async fn whom_one_may_remove_depends_on_both_roles() {
    let room = room(RoomKind::Public).await;
    assert_eq!(room.remove(3, 4).await.unwrap_err(), forbidden(Role::Moderator));
    assert_eq!(room.remove(2, 1).await.unwrap_err(), ChatError::OwnerRequired);
    assert_eq!(room.remove(2, 5).await.unwrap_err(), ChatError::MemberNotFound);
    room.remove(2, 3).await.unwrap();
    room.remove(1, 2).await.unwrap();
    room.remove(4, 4).await.unwrap();
    assert_eq!(room.world.chat.room(&profile(1), &room.id).await.unwrap().room.member_count, 1);
}

#[tokio::test]
async fn one_invites_at_most_to_ones_own_role() {
    let room = room(RoomKind::Public).await;
    let invite =
        async |by: i64, role| room.world.chat.invite(&profile(by), &room.id, profile(5).id, role).await;
    assert_eq!(invite(3, Role::Moderator).await.unwrap_err(), forbidden(Role::Moderator));
    assert!(matches!(invite(1, Role::Owner).await.unwrap_err(), ChatError::Invalid(_)));
    assert_eq!(invite(4, Role::Reader).await.unwrap_err(), forbidden(Role::Member));
    assert!(invite(3, Role::Member).await.unwrap().1);
    assert!(!invite(3, Role::Member).await.unwrap().1, "a second time changes nothing");
    let nobody =
        room.world.chat.invite(&profile(1), &room.id, UserId::new(1000).unwrap(), Role::Member).await;
    assert_eq!(nobody.unwrap_err(), ChatError::invalid("user", Problem::Unknown { what: "user" }));
}

#[tokio::test]
async fn a_repeated_client_id_returns_the_first_message_and_is_each_senders_own() {
    let room = room(RoomKind::Public).await;
    let named = |words: &str| NewMessage { client_id: Some("once".parse().unwrap()), ..text(words) };
    let (first, repeated) = room.send(1, named("first")).await.unwrap();
    assert!(!repeated);
    let (second, repeated) = room.send(1, named("second")).await.unwrap();
    assert!(repeated);
    assert_eq!(second, first);
    let (other, repeated) = room.send(2, named("another's")).await.unwrap();
    assert!(!repeated, "someone else's client_id is not mine");
    assert_eq!(other.offset, first.offset.next());
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_named() {
    let room = room(RoomKind::Public).await;
    let limits = Limits::default();
    let bytes = |limit| Problem::TooLong { limit, unit: "bytes" };
    let cases = [
        (text(""), "text", Problem::Empty),
        (text(" \u{200B}\u{200D}\n\u{202E}"), "text", Problem::Empty),
        (text(" \n\t "), "text", Problem::Empty),
        (text("a\0b"), "text", Problem::ForbiddenCharacter),
        (text(&"x".repeat(limits.text_bytes + 1)), "text", bytes(limits.text_bytes)),
        (
            NewMessage { data: Some("9".repeat(limits.data_bytes + 1)), ..text("x") },
            "data",
            bytes(limits.data_bytes),
        ),
        (
            NewMessage { reply_to: Some(Offset::MAX), ..text("x") },
            "reply_to",
            Problem::Unknown { what: "message" },
        ),
        // Offset 1 is the owner's joining, not a message.
        (
            NewMessage { reply_to: Some(Offset::new(1).unwrap()), ..text("x") },
            "reply_to",
            Problem::Unknown { what: "message" },
        ),
    ];
    for (message, field, problem) in cases {
        assert_eq!(room.send(1, message).await.unwrap_err(), ChatError::invalid(field, problem));
    }
    room.send(1, text(&"x".repeat(limits.text_bytes))).await.unwrap();
    assert_eq!(room.world.chat.room(&profile(1), &room.id).await.unwrap().room.offset.get(), 5);
}

#[tokio::test]
async fn names_of_rooms_are_checked_all_at_once() {
    let world = World::new(Limits::default());
    let new = NewRoom { name: "a\u{202E}b".into(), topic: "t".repeat(1001), kind: RoomKind::Public };
    let error = world.chat.create_room(&profile(1), None, new).await.unwrap_err();
    let expected = vec![
        Violation { field: "name", problem: Problem::ForbiddenCharacter },
        Violation { field: "topic", problem: Problem::TooLong { limit: 1000, unit: "characters" } },
    ];
    assert_eq!(error, ChatError::Invalid(expected));
}

#[tokio::test]
async fn limits_of_rooms_and_members_hold() {
    let limits = Limits { rooms_per_user: 1, members_per_room: 2, ..Limits::default() };
    let world = World::new(limits);
    let first = world.chat.create_room(&profile(1), None, new_room(RoomKind::Public)).await.unwrap();
    let second = world.chat.create_room(&profile(1), None, new_room(RoomKind::Public)).await;
    assert_eq!(second.unwrap_err(), ChatError::LimitReached { what: "rooms", limit: 1 });
    world.chat.join(&profile(2), &first.id).await.unwrap();
    let third = world.chat.join(&profile(3), &first.id).await;
    assert_eq!(third.unwrap_err(), ChatError::LimitReached { what: "members", limit: 2 });
    assert!(!world.chat.join(&profile(2), &first.id).await.unwrap().1);
}

#[tokio::test]
async fn who_sends_too_often_is_told_when_to_come_back() {
    let limits = Limits { messages: Some(Rate { per_minute: 1, burst: 2 }), ..Limits::default() };
    let world = World::new(limits);
    let room = world.chat.create_room(&profile(1), None, new_room(RoomKind::Public)).await.unwrap().id;
    world.chat.send(&profile(1), &room, text("1")).await.unwrap();
    world.chat.send(&profile(1), &room, text("2")).await.unwrap();
    let third = world.chat.send(&profile(1), &room, text("3")).await;
    assert!(matches!(third, Err(ChatError::TooManyRequests { .. })));
}

#[tokio::test]
async fn administrators_close_rooms_that_are_not_theirs_but_no_direct_ones() {
    for kind in [RoomKind::Public, RoomKind::Private] {
        let room = room(kind).await;
        let (chat, operator) = (&room.world.chat, profile(5));
        chat.close_room(&operator, &room.id).await.unwrap();
        assert_eq!(chat.room(&profile(1), &room.id).await.unwrap_err(), ChatError::RoomNotFound);
        assert_eq!(chat.close_room(&operator, &room.id).await.unwrap_err(), ChatError::RoomNotFound);
    }
    let world = World::new(Limits::default());
    let id = world.chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
    assert_eq!(world.chat.close_room(&profile(5), &id).await.unwrap_err(), ChatError::DirectRoom);
}
