//! Reports and word filters.

use chat_core::*;

use crate::rules::{Room, room, room_with};
use crate::support::*;

async fn report(room: &Room, user: i64, message: Offset) -> Result<(Report, bool), ChatError> {
    room.world.chat.report(&profile(user), &room.id, message, "rude".into()).await
}

async fn waiting(room: &Room) -> Vec<Report> {
    let reports = room.world.chat.reports(&profile(2), &room.id, false, None, 10).await.unwrap();
    reports.into_iter().map(|reported| reported.report).collect()
}

async fn settle(room: &Room, message: Offset) -> Result<u64, ChatError> {
    let chat = &room.world.chat;
    chat.settle_reports(&profile(2), &room.id, message, Verdict::Upheld, "talked to".into()).await
}

fn filter(action: FilterAction) -> Option<NewFilter> {
    Some(NewFilter { action, words: vec!["Spam*".into(), "egg".into()] })
}

#[tokio::test]
async fn reports_wait_for_the_moderators_with_what_was_said_then() {
    let room = room(RoomKind::Public).await;
    let (sent, _) = room.send(3, text("first")).await.unwrap();
    let (first, new) = report(&room, 1, sent.offset).await.unwrap();
    assert!(new && first.text == "first");
    let changes = MessageChanges { text: "second".into(), data: None };
    room.world.chat.edit(&profile(3), &room.id, sent.offset, changes).await.unwrap();
    assert_eq!(report(&room, 1, sent.offset).await.unwrap(), (first.clone(), false));
    assert_eq!(report(&room, 4, sent.offset).await.unwrap().0.text, "second");
    let listed = room.world.chat.reports(&profile(2), &room.id, false, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.message.text.as_str()).collect::<Vec<_>>(), ["second", "second"]);
    assert_eq!(listed[0].report, first);
    let rest = room.world.chat.reports(&profile(2), &room.id, false, Some(first.cursor()), 10).await.unwrap();
    assert_eq!(rest, listed[1..]);

    assert_eq!(settle(&room, sent.offset).await, Ok(2));
    assert_eq!(settle(&room, sent.offset).await, Err(ChatError::ReportNotFound));
    assert_eq!(waiting(&room).await, []);
    let settled = room.world.chat.reports(&profile(2), &room.id, true, None, 10).await.unwrap();
    let of = settled[0].report.settled.clone().unwrap();
    assert_eq!((settled.len(), of.verdict, of.note.as_str()), (2, Verdict::Upheld, "talked to"));
    assert!(report(&room, 1, sent.offset).await.unwrap().1, "what comes later is reported anew");
}

#[tokio::test]
async fn what_is_not_there_or_too_much_is_not_reported() {
    let room = room_with(RoomKind::Public, Limits { reports_per_user: 2, ..Limits::default() }).await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        sent.push(room.send(3, text("hi")).await.unwrap().0.offset);
    }
    let none = report(&room, 4, Offset::new(99).unwrap()).await.unwrap_err();
    assert_eq!(none, ChatError::MessageNotFound);
    room.world.chat.delete(&profile(3), &room.id, sent[3]).await.unwrap();
    assert_eq!(report(&room, 4, sent[3]).await.unwrap_err(), ChatError::MessageDeleted);
    let long = room.world.chat.report(&profile(4), &room.id, sent[0], "x".repeat(501)).await.unwrap_err();
    let limit = Report::REASON_CHARS;
    assert_eq!(long, ChatError::invalid("reason", Problem::TooLong { limit, unit: "characters" }));
    for message in &sent[..2] {
        report(&room, 4, *message).await.unwrap();
    }
    let full = ChatError::LimitReached { what: "reports that wait", limit: 2 };
    assert_eq!(report(&room, 4, sent[2]).await.unwrap_err(), full);
    report(&room, 1, sent[2]).await.unwrap();
    settle(&room, sent[0]).await.unwrap();
    report(&room, 4, sent[2]).await.unwrap();
}

#[tokio::test]
async fn a_filter_refuses_masks_or_reports_what_members_say() {
    let room = room(RoomKind::Public).await;
    let set = async |new| room.world.chat.set_filter(&profile(2), &room.id, new).await.unwrap();
    let said = async |user| room.send(user, text("SPAMMER, an egg and eggs")).await;
    set(filter(FilterAction::Refuse)).await;
    let refused = ChatError::invalid("text", Problem::Refused);
    assert_eq!(said(3).await.unwrap_err(), refused);
    assert_eq!(said(2).await.unwrap().0.text, "SPAMMER, an egg and eggs", "moderators may quote it");
    let innocent = room.send(3, text("hi")).await.unwrap().0.offset;
    let edit = async |text: &str| {
        let changes = MessageChanges { text: text.into(), data: None };
        room.world.chat.edit(&profile(3), &room.id, innocent, changes).await
    };
    assert_eq!(edit("egg").await.unwrap_err(), refused);

    set(filter(FilterAction::Mask)).await;
    assert_eq!(said(3).await.unwrap().0.text, "*******, an *** and eggs");
    assert_eq!(edit("egg").await.unwrap().0.text, "***");
    assert_eq!(waiting(&room).await, []);

    set(filter(FilterAction::Report)).await;
    let (message, _) = said(3).await.unwrap();
    assert_eq!(message.text, "SPAMMER, an egg and eggs");
    let [report] = waiting(&room).await.try_into().unwrap();
    assert_eq!((report.message, &report.reporter), (message.offset, &None));
    assert_eq!(report.reason, "filtered words: SPAMMER, egg");
    edit("egg!").await.unwrap();
    edit("egg?").await.unwrap();
    assert_eq!(waiting(&room).await.len(), 2, "one of each message");

    set(None).await;
    assert_eq!(said(3).await.unwrap().0.text, "SPAMMER, an egg and eggs");
    assert_eq!(waiting(&room).await.len(), 2);
}

#[tokio::test]
async fn who_sets_a_filter_is_in_the_log_and_its_words_are_for_moderators_alone() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    chat.set_filter(&profile(2), &room.id, filter(FilterAction::Mask)).await.unwrap();
    let [act] = chat.audit(&profile(1), &room.id, Offset::MAX, 10).await.unwrap().try_into().unwrap();
    let EventBody::RoomChanged(state) = &act.body else { panic!("{act:?}") };
    assert_eq!(state.filter, Some(FilterAction::Mask));
    let kept = chat.filter(&profile(1), &room.id).await.unwrap().unwrap();
    assert_eq!(kept.words().collect::<Vec<_>>(), ["egg", "spam*"]);
    let again = chat.set_filter(&profile(2), &room.id, filter(FilterAction::Mask)).await.unwrap();
    assert_eq!(again.offset, act.offset, "nothing has changed");
    for words in [vec![], vec!["two words".to_owned()], vec!["x".to_owned(); 1001]] {
        let new = Some(NewFilter { action: FilterAction::Mask, words });
        let wrong = chat.set_filter(&profile(2), &room.id, new).await.unwrap_err();
        assert!(matches!(wrong, ChatError::Invalid(_)), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_filter_of_all_rooms_is_for_everyone() {
    let filter = WordFilter::new(FilterAction::Mask, ["egg".to_owned()]).map(std::sync::Arc::new);
    let world = World::new(Limits { filter, ..Limits::default() });
    let id = world.chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
    let (sent, _) = world.chat.send(&profile(1), &id, text("an egg")).await.unwrap();
    assert_eq!(sent.text, "an ***");
}
