//! Edits, threads and repetitions that meet in one batch.

use super::*;

fn reply(user: i64, room: &str, to: Offset, client_id: &str) -> Command {
    let client_id = Some(client_id.parse().unwrap());
    let message =
        NewMessage { text: "answer".into(), reply_to: Some(to), client_id, ..NewMessage::default() };
    command(user, room, Action::Send { message, present: vec![] })
}

async fn message(world: &World, command: Command) -> Arc<Message> {
    let Outcome::Message { message, .. } = world.store.submit(command).await.unwrap() else { panic!() };
    message
}

#[tokio::test]
async fn a_repeated_reply_shows_its_thread_as_it_stands() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let root = message(&world, send(1, "r", "hi")).await.offset;
    let first = message(&world, reply(1, "r", root, "a")).await;
    let last = message(&world, reply(1, "r", root, "b")).await;
    let repeated = message(&world, reply(1, "r", root, "a")).await;
    assert_eq!((repeated.offset, repeated.thread), (first.offset, last.thread));
    let world = world.reopen();
    let repeated = message(&world, reply(1, "r", root, "a")).await;
    assert_eq!((repeated.offset, repeated.thread), (first.offset, last.thread));
}

#[tokio::test]
async fn a_repetition_does_not_take_back_what_its_batch_has_edited() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let sent = message(&world, send_named(1, "r", "first", "a")).await;
    for n in 0..20 {
        let text = n.to_string();
        let changes = MessageChanges { text: text.clone(), data: None };
        let go = hold(&world.db, world.db.lane(room_id("r")));
        let edit = world.store.submit(command(
            1,
            "r",
            Action::Edit { message: sent.offset, changes, present: vec![] },
        ));
        // Would be refused for its text if it were not known for a repetition.
        let again = world.store.submit(send_named(1, "r", "", "a"));
        drop(go);
        edit.await.unwrap();
        let Ok(Outcome::Message { message, repeated: true }) = again.await else { panic!() };
        assert_eq!(message.text, text);
        let kept = world.store.message(&room_id("r"), profile(1).id, sent.offset).await.unwrap().unwrap();
        assert_eq!(kept.text, text);
    }
}

#[tokio::test]
async fn statuses_are_kept_and_last_times_only_go_forward() {
    let world = world();
    let store = &world.store;
    let (one, two) = (profile(1).id, profile(2).id);
    let at = Timestamp::from_micros;
    assert_eq!(store.statuses(&[one, two]).await.unwrap(), []);
    store.saw(&[(one, at(5)), (two, at(7))]).await.unwrap();
    store.saw(&[(one, at(4)), (two, at(9))]).await.unwrap();
    let changes = StatusChanges { text: Some("x".into()), hidden: None };
    let changed = store.change_status(one, changes).await.unwrap();
    assert_eq!(changed, Status { text: "x".into(), hidden: false, last_seen: Some(at(5)) });
    let changes = StatusChanges { text: None, hidden: Some(true) };
    let changed = store.change_status(one, changes).await.unwrap();
    assert_eq!(changed, Status { text: "x".into(), hidden: true, last_seen: Some(at(5)) });
    let mut all = store.statuses(&[two, one, profile(3).id]).await.unwrap();
    all.sort_unstable_by_key(|(user, _)| *user);
    let other = Status { last_seen: Some(at(9)), ..Status::default() };
    assert_eq!(all, [(one, changed), (two, other)]);
    let changes = StatusChanges { text: None, hidden: Some(true) };
    assert!(store.change_status(profile(3).id, changes).await.unwrap().hidden);
}
