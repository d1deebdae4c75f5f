//! What is acknowledged is kept, once, in order.

use std::collections::HashMap;
use std::sync::mpsc;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use tokio::runtime::Handle;

use super::*;

#[tokio::test]
async fn concurrent_senders_get_offsets_without_gaps_and_events_follow_in_order() {
    let world = world();
    for room in ["a", "b"] {
        world.store.submit(create(1, room, RoomKind::Public)).await.unwrap();
    }
    let sends = (0..400).map(|n| {
        let room = if n % 3 == 0 { "a" } else { "b" };
        world.store.submit(send(1, room, &n.to_string()))
    });
    let outcomes = join_all(sends).await;
    let mut next: HashMap<RoomId, u64> = HashMap::new();
    for outcome in outcomes {
        let Outcome::Message { message, repeated: false } = outcome.unwrap() else { panic!("no message") };
        // The order of the calls is the order of the log.
        let expected = next.entry(message.room.clone()).or_insert(2);
        assert_eq!(message.offset.get(), *expected);
        *expected += 1;
    }
    world.db.close();
    let published = world.published.0.lock().unwrap();
    let mut last: HashMap<RoomId, u64> = HashMap::new();
    for event in published.iter() {
        let before = last.insert(event.room.clone(), event.offset.get()).unwrap_or(0);
        assert_eq!(event.offset.get(), before + 1, "published in order, each once");
    }
    assert_eq!(published.len(), 402);
}

/// Counts, when an event is published, the events that a connection of its own can read.
struct Looks {
    settings: DbSettings,
    seen: Mutex<Vec<i64>>,
}

impl Backplane for Looks {
    fn publish(&self, events: &[Arc<Event>]) {
        let mut other = chat_db::Connection::open(&self.settings).unwrap();
        let all = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM messages) AS count";
        let there = count(&mut other, all).unwrap();
        self.seen.lock().unwrap().extend(events.iter().map(|_| there));
    }

    fn behind(&self, _: &[RoomId]) {}
}

/// Tells how many events come together, and whether what was asked has its answer by then.
struct Watches {
    runtime: Handle,
    asked: Mutex<Option<BoxFuture<'static, Result<Outcome, ChatError>>>>,
    told: mpsc::Sender<(usize, bool)>,
}

impl Backplane for Watches {
    fn publish(&self, events: &[Arc<Event>]) {
        let _entered = self.runtime.enter();
        let mut asked = self.asked.lock().unwrap();
        let answered = asked.as_mut().is_some_and(|asked| asked.now_or_never().is_some());
        self.told.send((events.len(), answered)).unwrap();
    }

    fn behind(&self, _: &[RoomId]) {}
}

#[tokio::test]
async fn the_events_of_a_commit_are_published_together_and_before_the_answers() {
    let database = TestDatabase::new();
    let db = Db::open(&DbSettings::new(database.url().parse().unwrap())).unwrap();
    let (told, published) = mpsc::channel();
    let watches = Arc::new(Watches { runtime: Handle::current(), asked: Mutex::default(), told });
    let store = History::new(db.clone(), Limits::default(), watches.clone());
    store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    assert_eq!(published.recv(), Ok((1, false)));

    let go = hold(&db, db.lane("r"));
    *watches.asked.lock().unwrap() = Some(store.submit(send(1, "r", "alone")));
    drop(go);
    assert_eq!(published.recv(), Ok((1, false)));
    let alone = watches.asked.lock().unwrap().take().unwrap();
    alone.await.unwrap();

    let batch = async |texts: &[&str]| {
        let go = hold(&db, db.lane("r"));
        let asked: Vec<_> = texts.iter().map(|text| store.submit(send(1, "r", text))).collect();
        drop(go);
        join_all(asked).await;
        published.try_iter().map(|(events, _)| events).collect::<Vec<_>>()
    };
    assert_eq!(batch(&["one", "", "two"]).await, [2], "a refused one is no event");
    assert_eq!(batch(&["", ""]).await, [0; 0], "nothing is published of what is refused");
}

#[tokio::test]
async fn events_are_published_only_when_another_connection_can_read_them() {
    let database = TestDatabase::new();
    let settings = DbSettings::new(database.url().parse().unwrap());
    let db = Db::open(&settings).unwrap();
    let looks = Arc::new(Looks { settings, seen: Mutex::default() });
    let store = History::new(db.clone(), Limits::default(), looks.clone());
    store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    join_all((0..20).map(|n| store.submit(send(1, "r", &n.to_string())))).await;
    db.close();
    let seen = looks.seen.lock().unwrap();
    assert_eq!(seen.len(), 21);
    assert!(seen.iter().enumerate().all(|(index, there)| *there > index as i64), "{seen:?}");
}

#[tokio::test]
async fn a_repeated_client_id_returns_the_first_message_in_one_batch_and_after_a_restart() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    world.store.submit(command(2, "r", Action::Join)).await.unwrap();
    // Not awaited in between: both are in the queue together. A repetition may be one that would be refused.
    for n in 0..20 {
        let name = format!("n{n}");
        let both = [send_named(1, "r", "first", &name), send_named(1, "r", " ", &name)];
        let [first, second] = both.map(|command| world.store.submit(command));
        let Outcome::Message { message, repeated: false } = first.await.unwrap() else { panic!() };
        assert_eq!(second.await.unwrap(), Outcome::Message { message, repeated: true });
    }
    let both = [send_named(1, "r", "first", "x"), send_named(1, "r", "second", "x")];
    let [first, second] = both.map(|command| world.store.submit(command));
    let Outcome::Message { message: first, repeated: false } = first.await.unwrap() else { panic!() };
    let again = Outcome::Message { message: first.clone(), repeated: true };
    assert_eq!(second.await.unwrap(), again);
    let world = world.reopen();
    assert_eq!(world.store.submit(send_named(1, "r", "third", "x")).await.unwrap(), again);
    let Outcome::Message { repeated: false, .. } =
        world.store.submit(send_named(2, "r", "another's", "x")).await.unwrap()
    else {
        panic!("someone else's client_id is not mine");
    };
    assert_eq!(whole_log(&*world.store, "r").await.len(), 24);
}

#[tokio::test]
async fn a_refused_command_leaves_nothing_behind_and_disturbs_no_other() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let commands =
        [send(1, "r", "1"), send(1, "r", " "), send(9, "r", "2"), send(1, "r", "3"), send(1, "q", "4")];
    let results = join_all(commands.map(|command| world.store.submit(command))).await;
    let fine: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, false, true, false]);
    assert_eq!(results[2], Err(ChatError::NotAMember));
    assert_eq!(results[4], Err(ChatError::RoomNotFound));
    let texts: Vec<String> = world
        .store
        .messages(&room_id("r"), profile(1).id, Range::Latest, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(texts, ["1", "3"]);
    assert_eq!(world.published.0.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable_and_nothing_else() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    world.db.close();
    assert_eq!(world.store.submit(send(1, "r", "x")).await, Err(ChatError::Unavailable));
    assert_eq!(world.store.room(&room_id("r"), profile(1).id).await, Err(ChatError::Unavailable));
    assert_eq!(world.store.ready().await, Err(ChatError::Unavailable));
}

#[tokio::test]
async fn those_who_make_rooms_at_two_nodes_never_wait_for_one_another() {
    // A server of their own, which counts what it had to end.
    let server = (Engine::of_run() == Engine::Postgres).then(|| Server::start(Durability::Off));
    let database = server.as_ref().map_or_else(TestDatabase::new, TestDatabase::on);
    let settings = DbSettings { writers: 1, ..DbSettings::new(database.url().parse().unwrap()) };
    let one = open(settings.clone(), Limits::default(), Clock::system());
    let two = open(settings.clone(), Limits::default(), Clock::system());
    for round in 0..20 {
        // Both go on together, each with a batch that is whole.
        let go = [&one, &two].map(|node| hold(&node.db, node.db.lane("r")));
        let mut made = Vec::new();
        for (node, people) in [(&one, [1, 2, 3]), (&two, [3, 2, 1])] {
            let first = people[0];
            for user in people {
                made.push(node.store.submit(create(
                    user,
                    &format!("{round}-{first}-{user}"),
                    RoomKind::Public,
                )));
            }
        }
        drop(go);
        for made in join_all(made).await {
            made.unwrap();
        }
    }
    if server.is_some() {
        let mut connection = chat_db::Connection::open(&settings).unwrap();
        let ended = "SELECT sum(deadlocks)::bigint AS count FROM pg_stat_database";
        assert_eq!(count(&mut connection, ended), Ok(0));
    }
}

#[tokio::test]
async fn two_nodes_on_one_database_give_each_offset_once_and_see_each_others_members() {
    let one = world();
    let two = open(one.settings.clone(), Limits::default(), Clock::system());
    one.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    one.store.submit(command(2, "r", Action::Join)).await.unwrap();
    // Both now believe that they know the room.
    for round in 0..20 {
        let sends = (0..20).flat_map(|n| {
            let text = format!("{round}.{n}");
            [one.store.submit(send(1, "r", &text)), two.store.submit(send(2, "r", &text))]
        });
        for sent in join_all(sends).await {
            sent.unwrap();
        }
    }
    let log = whole_log(&*one.store, "r").await;
    assert_eq!(log.len(), 2 + 20 * 20 * 2);
    assert!(log.iter().enumerate().all(|(index, event)| event.offset.get() == index as u64 + 1));
    // The same name on both nodes at once is one message.
    let named = |node: &World| node.store.submit(send_named(1, "r", "x", "named"));
    let (first, second) = tokio::join!(named(&one), named(&two));
    let offset = |outcome| match outcome {
        Ok(Outcome::Message { message, .. }) => message.offset,
        other => panic!("{other:?}"),
    };
    assert_eq!(offset(first), offset(second));
    // Long enough alone to believe itself again; nor is a refusal of the past believed for ever.
    for n in 0..40 {
        two.store.submit(send(1, "r", &format!("alone {n}"))).await.unwrap();
    }
    assert_eq!(two.store.submit(send(3, "r", "x")).await, Err(ChatError::NotAMember));
    assert_eq!(two.store.submit(send(3, "r", "x")).await, Err(ChatError::NotAMember));
    one.store.submit(command(3, "r", Action::Join)).await.unwrap();
    two.store.submit(send(3, "r", "x")).await.unwrap();
    one.store.submit(command(1, "r", Action::Remove { user: profile(2).id })).await.unwrap();
    assert_eq!(two.store.submit(send(2, "r", "x")).await, Err(ChatError::NotAMember));
    one.store.submit(command(1, "r", Action::DeleteRoom)).await.unwrap();
    assert_eq!(two.store.submit(send(1, "r", "x")).await, Err(ChatError::RoomNotFound));
    for node in [one, two] {
        node.db.close();
    }
}
