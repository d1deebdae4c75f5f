//! What moderators do to members and rooms.

use chat_core::*;

use crate::rules::{Room, forbidden, room};
use crate::support::*;

impl Room {
    async fn mute(&self, user: i64, target: i64, seconds: Option<u64>) -> Result<Member, ChatError> {
        self.world.chat.mute(&profile(user), &self.id, profile(target).id, seconds).await
    }

    async fn change(&self, changes: RoomChanges) -> Result<chat_core::Room, ChatError> {
        self.world.chat.change_room(&profile(2), &self.id, changes).await
    }
}

fn is_muted<T: std::fmt::Debug>(done: Result<T, ChatError>) -> bool {
    matches!(done, Err(ChatError::Muted { .. }))
}

#[tokio::test]
async fn who_is_muted_writes_nothing_until_the_term_is_over() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let own = room.send(3, text("before")).await.unwrap().0.offset;
    let muted = room.mute(2, 3, Some(3600)).await.unwrap();
    assert!(muted.muted_until.unwrap() > Timestamp::now());
    assert!(is_muted(room.send(3, text("hi")).await));
    let changes = MessageChanges { text: "ho".into(), data: None };
    assert!(is_muted(chat.edit(&profile(3), &room.id, own, changes).await));
    assert!(is_muted(chat.react(&profile(3), &room.id, own, "👍".parse().unwrap()).await));
    chat.delete(&profile(3), &room.id, own).await.unwrap();
    // A role does not change that.
    assert_eq!(room.set_role(2, 3, Role::Reader).await.unwrap().muted_until, muted.muted_until);
    room.set_role(2, 3, Role::Member).await.unwrap();
    assert!(is_muted(room.send(3, text("hi")).await));
    assert_eq!(room.mute(2, 3, None).await.unwrap().muted_until, None);
    room.send(3, text("hi")).await.unwrap();
}

#[tokio::test]
async fn members_of_a_lesser_role_are_muted() {
    let room = room(RoomKind::Public).await;
    assert_eq!(room.mute(3, 4, Some(1)).await.unwrap_err(), forbidden(Role::Moderator));
    assert_eq!(room.mute(2, 1, Some(1)).await.unwrap_err(), forbidden(Role::Owner));
    assert_eq!(room.mute(2, 2, Some(1)).await.unwrap_err(), forbidden(Role::Owner));
    assert_eq!(room.mute(2, 5, Some(1)).await.unwrap_err(), ChatError::MemberNotFound);
    for wrong in [0, 315_360_001] {
        assert!(matches!(room.mute(2, 3, Some(wrong)).await, Err(ChatError::Invalid(_))));
    }
    room.mute(1, 2, Some(60)).await.unwrap();
    assert!(is_muted(room.send(2, text("hi")).await), "moderators too");
}

#[tokio::test]
async fn in_a_read_only_room_moderators_alone_write() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let own = room.send(3, text("before")).await.unwrap().0.offset;
    let changed = room.change(RoomChanges { read_only: Some(true), ..RoomChanges::default() }).await.unwrap();
    assert!(changed.read_only);
    assert_eq!(room.send(3, text("hi")).await.unwrap_err(), ChatError::ReadOnly);
    let changes = MessageChanges { text: "ho".into(), data: None };
    assert_eq!(chat.edit(&profile(3), &room.id, own, changes).await.unwrap_err(), ChatError::ReadOnly);
    chat.react(&profile(3), &room.id, own, "👍".parse().unwrap()).await.unwrap();
    room.send(2, text("news")).await.unwrap();
    room.change(RoomChanges { read_only: Some(false), ..RoomChanges::default() }).await.unwrap();
    room.send(3, text("hi")).await.unwrap();
}

#[tokio::test]
async fn in_a_slow_room_members_wait_between_their_messages() {
    let room = room(RoomKind::Public).await;
    let slow = |seconds| RoomChanges { slow_seconds: Some(seconds), ..RoomChanges::default() };
    assert!(matches!(room.change(slow(86_401)).await, Err(ChatError::Invalid(_))));
    let first = NewMessage { client_id: Some("1".parse().unwrap()), ..text("hi") };
    room.send(3, first.clone()).await.unwrap();
    room.change(slow(60)).await.unwrap();
    let refused = room.send(3, text("ho")).await.unwrap_err();
    assert!(matches!(refused, ChatError::TooManyRequests { retry_after } if retry_after.as_secs() > 50));
    assert!(room.send(3, first).await.unwrap().1, "a repeated one is not a further one");
    for _ in 0..2 {
        room.send(2, text("moderators do not wait")).await.unwrap();
    }
    room.change(slow(0)).await.unwrap();
    room.send(3, text("ho")).await.unwrap();
}

#[tokio::test]
async fn what_moderators_have_done_is_a_list_of_its_own() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let changes = |text: &str| MessageChanges { text: text.into(), data: None };
    let sent = room.send(3, text("hi")).await.unwrap().0.offset;
    chat.edit(&profile(3), &room.id, sent, changes("own")).await.unwrap();
    chat.edit(&profile(2), &room.id, sent, changes("theirs")).await.unwrap();
    chat.delete(&profile(2), &room.id, sent).await.unwrap();
    room.mute(2, 3, Some(60)).await.unwrap();
    room.change(RoomChanges { topic: Some("calm".into()), ..RoomChanges::default() }).await.unwrap();
    room.remove(4, 4).await.unwrap();
    room.remove(2, 3).await.unwrap();
    let list = async |before| {
        let acts = chat.audit(&profile(2), &room.id, before, 2).await.unwrap();
        acts.iter().map(|act| (act.body.kind(), act.offset)).collect::<Vec<_>>()
    };
    let (mut all, mut before) = (Vec::new(), Offset::MAX);
    loop {
        let page = list(before).await;
        let Some((_, last)) = page.last() else { break };
        before = *last;
        all.extend(page.iter().map(|(kind, _)| *kind));
    }
    let expected = ["member.left", "room.changed", "member.changed", "message.deleted", "message.edited"];
    assert_eq!(all, expected);
    assert_eq!(chat.audit(&profile(1), &room.id, Offset::MAX, 10).await.unwrap().len(), 5);
}

#[tokio::test]
async fn who_is_banned_neither_reads_nor_joins() {
    let mut room = room(RoomKind::Public).await;
    room.world.run_fan_out();
    let chat = &room.world.chat;
    let ban = async |user: i64, of: i64, seconds| {
        chat.ban(&profile(user), &room.id, profile(of).id, seconds, "spam".into()).await
    };
    let (member, stranger) = (room.world.connect(3), room.world.connect(5));
    for client in [&member, &stranger] {
        room.world.subscribe(client, &room.id).await.unwrap();
    }
    let banned = ban(2, 3, Some(3600)).await.unwrap();
    assert!(banned.until.unwrap() > Timestamp::now());
    assert_eq!(ban(2, 5, None).await.unwrap().until, None);
    assert!(frames(&stranger, 4).await.contains(&"ended Removed".to_owned()));
    for (user, until) in [(3, banned.until), (5, None)] {
        let refused = Err(ChatError::Banned { until });
        assert_eq!(chat.join(&profile(user), &room.id).await.map(drop), refused);
        assert_eq!(chat.messages(&profile(user), &room.id, Range::Latest, 9).await.map(drop), refused);
        assert_eq!(chat.log(&profile(user), &room.id, Range::Latest, 9).await.map(drop), refused);
        let invited = chat.invite(&profile(1), &room.id, profile(user).id, Role::Member).await;
        assert_eq!(invited.map(drop), refused);
        let again = room.world.connect(user);
        assert_eq!(room.world.subscribe(&again, &room.id).await, refused);
    }
    assert_eq!(chat.room(&profile(1), &room.id).await.unwrap().room.member_count, 3);
    let listed = chat.bans(&profile(2), &room.id, None, 9).await.unwrap();
    assert_eq!(listed.iter().map(|ban| ban.user.id.get()).collect::<Vec<_>>(), [3, 5]);
    chat.unban(&profile(2), &room.id, profile(5).id).await.unwrap();
    chat.join(&profile(5), &room.id).await.unwrap();
    let none = chat.unban(&profile(2), &room.id, profile(5).id).await.unwrap_err();
    assert_eq!(none, ChatError::BanNotFound);
}

#[tokio::test]
async fn those_of_a_lesser_role_are_banned_for_a_term_that_can_be() {
    let room = room(RoomKind::Public).await;
    let ban = async |user: i64, of: i64, seconds, reason: &str| {
        room.world.chat.ban(&profile(user), &room.id, profile(of).id, seconds, reason.into()).await
    };
    assert_eq!(ban(3, 4, None, "").await.unwrap_err(), forbidden(Role::Moderator));
    assert_eq!(ban(2, 1, None, "").await.unwrap_err(), forbidden(Role::Owner));
    assert_eq!(ban(2, 2, None, "").await.unwrap_err(), forbidden(Role::Owner));
    for (of, seconds, reason, field) in
        [(100, None, "", "user"), (3, Some(0), "", "seconds"), (3, None, &*"x".repeat(501), "reason")]
    {
        let refused = ban(2, of, seconds, reason).await.unwrap_err();
        assert!(matches!(refused, ChatError::Invalid(wrong) if wrong[0].field == field));
    }
}

#[tokio::test]
async fn leaving_does_not_end_a_mute() {
    let room = room(RoomKind::Public).await;
    room.mute(2, 3, Some(3600)).await.unwrap();
    room.remove(3, 3).await.unwrap();
    let (member, _) = room.world.chat.join(&profile(3), &room.id).await.unwrap();
    assert!(member.muted_until.is_some());
    assert!(is_muted(room.send(3, text("back")).await));
}
