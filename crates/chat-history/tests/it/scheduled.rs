//! Messages that are sent later: the store in a database answers as the one in memory does.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// What is done, in seconds of a clock of their own.
#[derive(Debug, Clone)]
enum Step {
    Add { user: i64, room: u8, named: Option<u8>, at: u8 },
    Change { which: usize, user: i64, now: u8, text: bool, data: bool, at: Option<u8> },
    Remove { which: usize, user: i64, now: u8 },
    Take { now: u8, term: u8, limit: usize },
    Settle { which: usize, how: u8, at: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let (user, which, time) = (1..3_i64, 0..12_usize, 0..40_u8);
    prop_oneof![
        5 => (user.clone(), 0..2_u8, prop::option::of(0..2_u8), time.clone())
            .prop_map(|(user, room, named, at)| Step::Add { user, room, named, at }),
        2 => (which.clone(), user.clone(), time.clone(), any::<bool>(), any::<bool>(), prop::option::of(time.clone()))
            .prop_map(|(which, user, now, text, data, at)| Step::Change { which, user, now, text, data, at }),
        1 => (which.clone(), user, time.clone()).prop_map(|(which, user, now)| Step::Remove { which, user, now }),
        4 => (time.clone(), 0..9_u8, 1..4_usize).prop_map(|(now, term, limit)| Step::Take { now, term, limit }),
        4 => (which, 0..3_u8, time).prop_map(|(which, how, at)| Step::Settle { which, how, at }),
    ]
}

fn second(number: u8) -> Timestamp {
    Timestamp::from_micros(0).after(Duration::from_secs(number.into()))
}

/// All that a store shows of them, in pages.
async fn shown(store: &dyn RoomStore) -> Vec<Vec<Scheduled>> {
    let mut shown = Vec::new();
    for (user, room) in [(1, None), (2, None), (1, Some(room_id("r1")))] {
        let mut all: Vec<Scheduled> = Vec::new();
        loop {
            let after = all.last().map(Scheduled::cursor);
            let page = store.all_scheduled(profile(user).id, room.clone(), after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        assert!(all.is_sorted_by_key(Scheduled::cursor));
        shown.push(all);
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_keep_and_give_the_same(steps in prop::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let limits = Limits { scheduled_per_user: 5, ..Limits::default() };
            let world = world_with(limits.clone(), 1);
            let memory = MemoryStore::new(limits, Arc::new(Published::default()));
            let stores = [&*world.store as &dyn RoomStore, &memory];
            let (mut ids, mut taken) = (Vec::new(), Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                let id = |which: usize| -> ScheduledId {
                    ids.get(which).cloned().unwrap_or_else(|| "none".parse().unwrap())
                };
                match step {
                    Step::Add { user, room, named, at } => {
                        let client_id = named.map(|n| n.to_string().parse().unwrap());
                        let message = NewMessage { text: "x".into(), client_id, ..NewMessage::default() };
                        let new = Scheduled {
                            id: format!("s{number:02}").parse().unwrap(),
                            user: profile(user).id,
                            room: room_id(&format!("r{room}")),
                            message,
                            send_at: second(at),
                            created_at: second(0),
                            failed: None,
                        };
                        let [one, other] = stores.map(|store| store.schedule(new.clone()));
                        assert_eq!(one.await, other.await);
                        ids.push(new.id);
                    }
                    Step::Change { which, user, now, text, data, at } => {
                        let changes = ScheduledChanges {
                            text: text.then(|| number.to_string()),
                            data: data.then(|| number.to_string()),
                            send_at: at.map(second),
                        };
                        let (id, user) = (id(which), profile(user).id);
                        let one = stores[0].reschedule(user, &id, changes.clone(), second(now)).await;
                        assert_eq!(one, stores[1].reschedule(user, &id, changes, second(now)).await);
                    }
                    Step::Remove { which, user, now } => {
                        let (id, user) = (id(which), profile(user).id);
                        let one = stores[0].unschedule(user, &id, second(now)).await;
                        assert_eq!(one, stores[1].unschedule(user, &id, second(now)).await);
                    }
                    Step::Take { now, term, limit } => {
                        let (now, until) = (second(now), second(now + term));
                        let one = stores[0].take_due(now, until, limit).await.unwrap();
                        assert_eq!(one, stores[1].take_due(now, until, limit).await.unwrap());
                        taken.extend(one);
                    }
                    Step::Settle { which, how, at } => {
                        let Some(Due { scheduled, taken_until, .. }) = taken.get(which) else { continue };
                        let settled = match how {
                            0 => Settled::Sent,
                            1 => Settled::Later(second(at)),
                            _ => Settled::Failed(Failure { code: "muted".into(), at: second(at) }),
                        };
                        for store in stores {
                            store.settle(&scheduled.id, *taken_until, settled.clone()).await.unwrap();
                        }
                    }
                }
                for after in [None, Some(second(20))] {
                    let next = stores[0].next_due(after).await;
                    assert_eq!(next, stores[1].next_due(after).await);
                }
            }
            assert_eq!(shown(stores[0]).await, shown(stores[1]).await);
        });
    }
}
