//! Messages that are sent later.

use std::time::Duration;

use chat_core::*;

use crate::rules::{Room, forbidden, room, room_with};
use crate::support::*;

const HOUR: Duration = Duration::from_secs(3600);

fn later(hours: u32) -> Timestamp {
    Timestamp::now().after(HOUR * hours)
}

impl Room {
    async fn schedule(&self, user: i64, said: &str, send_at: Timestamp) -> Result<Scheduled, ChatError> {
        let done = self.world.chat.schedule(&profile(user), &self.id, text(said), send_at).await;
        done.map(|(scheduled, _)| scheduled)
    }

    async fn waiting(&self, user: i64) -> Vec<Scheduled> {
        self.world.chat.all_scheduled(&profile(user), None, None, 100).await.unwrap()
    }

    async fn said(&self) -> Vec<String> {
        let messages = self.world.chat.messages(&profile(1), &self.id, Range::Latest, 100).await.unwrap();
        messages.into_iter().map(|message| message.text).collect()
    }
}

#[tokio::test]
async fn each_is_sent_once_when_its_time_has_come_and_in_its_order() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    room.schedule(3, "second", later(2)).await.unwrap();
    let first = room.schedule(3, "first", later(1)).await.unwrap();
    room.schedule(3, "third", later(5)).await.unwrap();
    let ids: Vec<_> = room.waiting(3).await.into_iter().map(|one| one.message.text).collect();
    assert_eq!(ids, ["first", "second", "third"]);
    assert_eq!(chat.send_due(Timestamp::now()).await, Ok(Some(first.send_at)));
    assert_eq!(room.said().await, Vec::<String>::new());
    let third = room.waiting(3).await[2].send_at;
    assert_eq!(chat.send_due(later(4)).await, Ok(Some(third)));
    assert_eq!(room.said().await, ["first", "second"]);
    assert_eq!(chat.send_due(later(9)).await, Ok(None));
    assert_eq!(room.said().await, ["first", "second", "third"]);
    assert!(room.waiting(3).await.is_empty());
}

#[tokio::test]
async fn a_node_that_died_behind_the_send_leaves_nothing_double() {
    let room = room(RoomKind::Public).await;
    let (chat, store) = (&room.world.chat, &room.world.store);
    let scheduled = room.schedule(3, "once", later(1)).await.unwrap();
    let taken = store.take_due(later(2), later(3), 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(store.take_due(later(2), later(3), 10).await.unwrap().is_empty(), "one node has it");
    // It sends the message, and its owner is too late, and then it is gone.
    chat.send(&profile(3), &room.id, taken[0].scheduled.to_send()).await.unwrap();
    assert_eq!(chat.send_due(later(2)).await, Ok(Some(taken[0].taken_until)), "it is not waited for");
    assert_eq!(chat.send_due(later(4)).await, Ok(None));
    assert_eq!(room.said().await, ["once"]);
    assert_eq!(chat.scheduled(&profile(3), &scheduled.id).await, Err(ChatError::ScheduledNotFound));
    // The one that was too slow changes nothing any more.
    store.settle(&scheduled.id, taken[0].taken_until, Settled::Sent).await.unwrap();
}

#[tokio::test]
async fn what_is_being_sent_is_no_longer_its_owners() {
    let room = room(RoomKind::Public).await;
    let (chat, store) = (&room.world.chat, &room.world.store);
    let id = room.schedule(3, "now", later(1)).await.unwrap().id;
    let taken = store.take_due(later(2), later(3), 10).await.unwrap();
    let changes = ScheduledChanges { text: Some("later".into()), ..ScheduledChanges::default() };
    let change = chat.reschedule(&profile(3), &id, changes.clone()).await;
    assert_eq!(change, Err(ChatError::BeingSent));
    assert_eq!(chat.unschedule(&profile(3), &id).await, Err(ChatError::BeingSent));
    store.settle(&id, taken[0].taken_until, Settled::Later(later(4))).await.unwrap();
    assert_eq!(chat.reschedule(&profile(3), &id, changes).await.unwrap().message.text, "later");
    chat.unschedule(&profile(3), &id).await.unwrap();
    assert_eq!(chat.send_due(later(9)).await, Ok(None));
}

#[tokio::test]
async fn what_is_refused_then_waits_for_its_owner() {
    let room = room(RoomKind::Private).await;
    let chat = &room.world.chat;
    let id = room.schedule(3, "hi", later(1)).await.unwrap().id;
    chat.mute(&profile(1), &room.id, profile(3).id, Some(600)).await.unwrap();
    assert_eq!(chat.send_due(later(2)).await, Ok(None));
    let code = async || chat.scheduled(&profile(3), &id).await.unwrap().failed.map(|failed| failed.code);
    assert_eq!(code().await.as_deref(), Some("muted"));
    let change = async || chat.reschedule(&profile(3), &id, ScheduledChanges::default()).await;
    assert!(
        matches!(change().await, Err(ChatError::Muted { .. })),
        "it is asked for again when it is changed"
    );
    room.remove(1, 3).await.unwrap();
    assert_eq!(change().await, Err(ChatError::RoomNotFound));
    chat.invite(&profile(1), &room.id, profile(3).id, Role::Member).await.unwrap();
    chat.mute(&profile(1), &room.id, profile(3).id, None).await.unwrap();
    assert_eq!(change().await.unwrap().failed, None);
    room.remove(1, 3).await.unwrap();
    chat.send_due(later(2)).await.unwrap();
    assert_eq!(code().await.as_deref(), Some("room_not_found"));
    assert_eq!(room.said().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_slow_room_is_waited_for_and_nothing_overtakes() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let slow = |seconds| RoomChanges { slow_seconds: Some(seconds), ..RoomChanges::default() };
    chat.change_room(&profile(1), &room.id, slow(1000)).await.unwrap();
    room.send(3, text("zero")).await.unwrap();
    room.schedule(3, "one", later(1)).await.unwrap();
    room.schedule(3, "two", later(2)).await.unwrap();
    let next = chat.send_due(later(3)).await.unwrap();
    assert!(next > Some(later(3)) && next < Some(later(4)), "it is tried again: {next:?}");
    assert_eq!(room.said().await, ["zero"]);
    assert!(room.waiting(3).await.iter().all(|one| one.failed.is_none()));
    chat.change_room(&profile(1), &room.id, slow(0)).await.unwrap();
    assert_eq!(chat.send_due(later(4)).await, Ok(None));
    assert_eq!(room.said().await, ["zero", "one", "two"]);
}

#[tokio::test]
async fn what_could_not_be_sent_now_is_refused_at_once() {
    let limits = Limits { scheduled_per_user: 2, ..Limits::default() };
    let room = room_with(RoomKind::Private, limits).await;
    let wrong = |error: Result<Scheduled, ChatError>| error.unwrap_err();
    for moment in [Timestamp::from_micros(0), Timestamp::now(), later(24 * 366)] {
        let ChatError::Invalid(violations) = wrong(room.schedule(3, "hi", moment).await) else { panic!() };
        assert_eq!(violations[0].field, "send_at");
    }
    assert!(matches!(wrong(room.schedule(3, " ", later(1)).await), ChatError::Invalid(_)));
    assert_eq!(wrong(room.schedule(4, "hi", later(1)).await), forbidden(Role::Member));
    assert_eq!(wrong(room.schedule(5, "hi", later(1)).await), ChatError::RoomNotFound);
    let answer = NewMessage { reply_to: Some(Offset::new(9).unwrap()), ..text("hi") };
    let unknown = room.world.chat.schedule(&profile(3), &room.id, answer, later(1)).await.unwrap_err();
    assert_eq!(unknown, ChatError::invalid("reply_to", Problem::Unknown { what: "message" }));
    let named = NewMessage { client_id: Some("c".parse().unwrap()), ..text("hi") };
    for is_new in [true, false] {
        let done = room.world.chat.schedule(&profile(3), &room.id, named.clone(), later(1)).await.unwrap();
        assert_eq!(done.1, is_new);
    }
    room.schedule(3, "hi", later(1)).await.unwrap();
    let full = ChatError::LimitReached { what: "scheduled messages", limit: 2 };
    assert_eq!(wrong(room.schedule(3, "hi", later(1)).await), full);
    let id = room.waiting(3).await[0].id.clone();
    assert_eq!(room.world.chat.scheduled(&profile(1), &id).await, Err(ChatError::ScheduledNotFound));
    assert_eq!(room.world.chat.unschedule(&profile(1), &id).await, Err(ChatError::ScheduledNotFound));
}

#[tokio::test]
async fn it_is_sent_by_itself_and_its_author_is_told() {
    let mut room = room(RoomKind::Public).await;
    room.world.run_fan_out();
    let (reader, author) = (room.world.connect(1), room.world.connect(3));
    room.world.subscribe(&reader, &room.id).await.unwrap();
    tokio::spawn(room.world.chat.clone().watch_scheduled());
    room.schedule(3, "by itself", Timestamp::now().after(Duration::from_millis(20))).await.unwrap();
    while !frames(&reader, 1).await.iter().any(|frame| frame.starts_with('e')) {}
    assert_eq!(room.said().await, ["by itself"]);
    // Once when it was written, and once when it was sent.
    let mut told = 0;
    while told < 2 {
        let own = frames(&author, 1).await;
        told += own.iter().filter(|frame| frame.starts_with("own ScheduledChanged")).count();
    }
}
