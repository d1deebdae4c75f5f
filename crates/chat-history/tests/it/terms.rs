//! What ends at its time, and what is done about a message once: the same in a database and in memory.

use std::time::Duration;

use super::*;

/// Both stores, and their time, which passes when it is told to.
struct Both {
    world: World,
    memory: MemoryStore,
    clock: Clock,
}

fn both(limits: Limits) -> Both {
    let clock = Clock::standing_at(Timestamp::now());
    let world = world_at(limits.clone(), 2, clock.clone());
    let memory = MemoryStore::new(limits, Arc::new(Published::default())).with_clock(clock.clone());
    Both { world, memory, clock }
}

impl Both {
    fn each(&self) -> [&dyn RoomStore; 2] {
        [&*self.world.store, &self.memory]
    }

    /// Has both do something.
    async fn submit(&self, command: Command) {
        for store in self.each() {
            store.submit(command.clone()).await.unwrap();
        }
    }

    fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now().after(time));
    }

    fn report(&self, message: u64, reporter: i64) -> Report {
        Report {
            room: room_id("r"),
            message: offset(message),
            reporter: Some(profile(reporter)),
            reason: String::new(),
            text: "hi".into(),
            at: self.clock.now(),
            settled: None,
        }
    }
}

const MICRO: Duration = Duration::from_micros(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn offsets(store: &dyn RoomStore) -> Vec<u64> {
    whole_log(store, "r").await.iter().map(|event| event.offset.get()).collect()
}

#[tokio::test]
async fn what_the_room_no_longer_keeps_is_not_reported() {
    let both = both(Limits { retention: Some(MINUTE), ..Limits::default() });
    both.submit(create(1, "r", RoomKind::Public)).await;
    both.submit(send(1, "r", "hi")).await;
    for store in both.each() {
        assert!(store.report(both.report(2, 2)).await.unwrap().1);
    }
    both.pass(MINUTE + MICRO);
    for store in both.each() {
        store.trim(both.clock.now(), true).await.unwrap();
        // Who looked at the message before it went, and reports it after, leaves nothing behind.
        assert_eq!(store.report(both.report(2, 2)).await.unwrap_err(), ChatError::MessageNotFound);
    }
}

#[tokio::test]
async fn a_piece_of_a_log_has_all_that_happened_in_it_and_is_of_what_is_kept() {
    let both = both(Limits { retention: Some(MINUTE), ..Limits::default() });
    both.submit(create(1, "r", RoomKind::Public)).await;
    both.submit(send(1, "r", "hi")).await;
    both.submit(command(2, "r", Action::Join)).await;
    both.pass(MINUTE + MICRO);
    both.submit(send(2, "r", "ho")).await;
    both.submit(command(1, "r", Action::React { message: offset(4), reaction: "👍".parse().unwrap() })).await;
    both.submit(command(3, "r", Action::Join)).await;
    both.submit(send(3, "r", "hu")).await;
    for first in [1, 4] {
        for store in both.each() {
            let kept: Vec<u64> = (first..=7).collect();
            let places = [0, 1, 2, 3, 4, 5, 6, 7, 8, Offset::MAX.get()].map(offset);
            let ranges = places.into_iter().flat_map(|place| [Range::After(place), Range::Before(place)]);
            for range in ranges.chain([Range::Latest]) {
                for limit in [0, 1, 2, 3, 7, 100, usize::MAX] {
                    let mut expected = kept.clone();
                    match range {
                        Range::After(place) => expected.retain(|offset| *offset > place.get()),
                        Range::Before(place) => expected.retain(|offset| *offset < place.get()),
                        Range::Latest => {}
                    }
                    match range {
                        Range::After(_) => expected.truncate(limit),
                        Range::Before(_) | Range::Latest => {
                            drop(expected.drain(..expected.len().saturating_sub(limit)))
                        }
                    }
                    let log = store.log(&room_id("r"), None, range, limit).await.unwrap().unwrap();
                    let offsets: Vec<u64> = log.events.iter().map(|event| event.offset.get()).collect();
                    assert_eq!(offsets, expected, "{range:?} {limit}");
                }
            }
            store.trim(both.clock.now(), true).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_log_keeps_what_is_as_old_as_its_term_and_the_acts_of_moderators_for_good() {
    let both = both(Limits { retention: Some(MINUTE), ..Limits::default() });
    both.submit(create(1, "r", RoomKind::Public)).await;
    both.submit(command(2, "r", Action::Join)).await;
    both.submit(send(2, "r", "hi")).await;
    both.pass(MICRO);
    both.submit(command(1, "r", Action::Delete { message: offset(3) })).await;
    both.submit(send(2, "r", "ho")).await;
    let trimmed = async |first: u64| {
        for store in both.each() {
            store.trim(both.clock.now(), true).await.unwrap();
            assert_eq!(offsets(store).await, (first..=5).collect::<Vec<_>>());
            let room = store.room(&room_id("r"), profile(1).id).await.unwrap().unwrap().room;
            assert_eq!(room.first.get(), first);
            let acts = store.audit(&room_id("r"), Offset::MAX, 10).await.unwrap();
            assert_eq!(acts.iter().map(|act| act.offset.get()).collect::<Vec<_>>(), [4]);
        }
    };
    both.pass(MINUTE - MICRO);
    trimmed(1).await;
    both.pass(MICRO);
    trimmed(4).await;
    both.pass(MICRO);
    trimmed(6).await;
}

#[tokio::test]
async fn a_message_ends_at_its_time_and_not_before() {
    let both = both(Limits::default());
    both.submit(create(1, "r", RoomKind::Public)).await;
    let message = NewMessage { text: "soon gone".into(), expires_in: Some(60), ..NewMessage::default() };
    both.submit(command(1, "r", Action::Send { message, present: vec![] })).await;
    let end = both.clock.now().after(MINUTE);
    both.pass(MINUTE - MICRO);
    for store in both.each() {
        assert_eq!(store.expire(both.clock.now()).await, Ok(Some(end)));
        assert_eq!(offsets(store).await, [1, 2]);
        let message = store.message(&room_id("r"), profile(1).id, offset(2)).await.unwrap().unwrap();
        assert_eq!(message.text, "soon gone");
    }
    both.pass(MICRO);
    for store in both.each() {
        // Shown by nothing from then on, and ended for good once it is looked for.
        let message = store.message(&room_id("r"), profile(1).id, offset(2)).await.unwrap().unwrap();
        assert_eq!(message.text, "");
        assert_eq!(store.expire(end).await, Ok(None));
        assert_eq!(offsets(store).await, [1, 2, 3]);
    }
}

#[tokio::test]
async fn what_is_deleted_is_pinned_no_longer() {
    let both = both(Limits { pins_per_room: 1, ..Limits::default() });
    both.submit(create(1, "r", RoomKind::Public)).await;
    both.submit(send(1, "r", "one")).await;
    both.submit(send(1, "r", "two")).await;
    both.submit(command(1, "r", Action::Pin { message: offset(2) })).await;
    both.submit(command(1, "r", Action::Delete { message: offset(2) })).await;
    for store in both.each() {
        assert_eq!(store.pins(&room_id("r"), profile(1).id, Offset::MAX, 10).await, Ok(vec![]));
    }
    // It does not count any more, either.
    both.submit(command(1, "r", Action::Pin { message: offset(3) })).await;
    for store in both.each() {
        let pins = store.pins(&room_id("r"), profile(1).id, Offset::MAX, 10).await.unwrap();
        assert_eq!(pins.iter().map(|pin| pin.message.offset.get()).collect::<Vec<_>>(), [3]);
    }
}

#[tokio::test]
async fn reports_are_settled_once_and_come_in_pages() {
    let both = both(Limits::default());
    both.submit(create(1, "r", RoomKind::Public)).await;
    both.submit(send(1, "r", "hi")).await;
    let (room, viewer) = (room_id("r"), profile(1).id);
    let settlement = |note: &str| Settlement {
        verdict: Verdict::Upheld,
        note: note.into(),
        by: profile(1),
        at: both.clock.now(),
    };
    for store in both.each() {
        for reporter in [2, 3, 4] {
            assert!(store.report(both.report(2, reporter)).await.unwrap().1);
            assert!(!store.report(both.report(2, reporter)).await.unwrap().1, "once each");
        }
        let page = store.reports(&room, viewer, false, None, 2).await.unwrap();
        assert_eq!(page.len(), 2);
        let rest = store.reports(&room, viewer, false, Some(page[1].report.cursor()), 2).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(store.settle_reports(&room, offset(2), settlement("first")).await, Ok(3));
        assert_eq!(store.settle_reports(&room, offset(2), settlement("second")).await, Ok(0));
        assert_eq!(store.reports(&room, viewer, false, None, 9).await, Ok(vec![]));
        let settled = store.reports(&room, viewer, true, None, 2).await.unwrap();
        assert_eq!(settled.len(), 2);
        for Reported { report, .. } in settled {
            assert_eq!(report.settled.map(|settled| settled.note).as_deref(), Some("first"));
        }
    }
}

#[tokio::test]
async fn a_room_that_is_made_with_its_first_message_knows_its_files() {
    let world = world();
    let id: UploadId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    let sql = format!(
        "INSERT INTO uploads (id, user_id, name, size, received, parts, created_at, expires_at, media_type)
         VALUES ('{id}', 1, 'a', 7, 7, 'p:7', 1, 1, 'image/png')"
    );
    let lane = world.db.lane(room_id("r"));
    let offered = move |connection: &mut chat_db::Connection| Ok::<_, DbError>(connection.execute(&sql)?);
    world.db.write(lane, offered).await.unwrap();
    let go = hold(&world.db, lane);
    let made = world.store.submit(create(1, "r", RoomKind::Public));
    let message = NewMessage { attachments: vec![id], ..NewMessage::default() };
    let sent = world.store.submit(command(1, "r", Action::Send { message, present: vec![] }));
    drop(go);
    made.await.unwrap();
    let Outcome::Message { message, .. } = sent.await.unwrap() else { panic!() };
    assert_eq!(message.attachments.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
}
