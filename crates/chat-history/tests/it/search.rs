//! Searches: what is found, by whom, in which order, and how the index follows the logs.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn looking_for(query: &str) -> Search {
    Search {
        query: Query::parse(query).unwrap(),
        room: None,
        sender: None,
        after: None,
        before: None,
        with_attachment: false,
        order: SearchOrder::Rank,
        cursor: None,
    }
}

/// The texts that a user finds, all pages, in the order of the search.
async fn texts(store: &dyn RoomStore, user: i64, search: &Search, limit: usize) -> Vec<String> {
    let found = all(store, user, search, limit).await;
    found.into_iter().map(|found| found.message.text).collect()
}

async fn all(store: &dyn RoomStore, user: i64, search: &Search, limit: usize) -> Vec<Found> {
    let mut search = search.clone();
    let mut found = Vec::new();
    loop {
        let page = store.search(profile(user).id, &search, limit).await.unwrap();
        assert!(page.found.len() <= limit);
        found.extend(page.found);
        search.cursor = page.next;
        if search.cursor.is_none() {
            return found;
        }
    }
}

async fn sorted(store: &dyn RoomStore, user: i64, query: &str) -> Vec<String> {
    let mut texts = texts(store, user, &looking_for(query), 200).await;
    texts.sort();
    texts
}

fn edit(user: i64, room: &str, message: u64, text: &str) -> Command {
    let changes = MessageChanges { text: text.into(), data: None };
    command(user, room, Action::Edit { message: offset(message), changes, present: vec![] })
}

/// Both stores, on which all of this is the same.
fn stores() -> (World, MemoryStore) {
    let limits = Limits { search_portion: 3, ..Limits::default() };
    let memory = MemoryStore::new(limits.clone(), Arc::new(Published::default()));
    (world_with(limits, 2), memory)
}

#[tokio::test]
async fn what_is_acknowledged_is_found_as_it_stands() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        let done = async |command| drop(store.submit(command).await.unwrap());
        done(create(1, "r", RoomKind::Public)).await;
        done(send(1, "r", "The kettle is on")).await;
        assert_eq!(sorted(store, 1, "kettle").await, ["The kettle is on"]);
        done(send(1, "r", "Which KÉTTLE?")).await;
        assert_eq!(sorted(store, 1, "kettle").await, ["The kettle is on", "Which KÉTTLE?"]);
        done(edit(1, "r", 2, "The pot is on")).await;
        assert_eq!(sorted(store, 1, "kettle").await, ["Which KÉTTLE?"], "never what was edited away");
        assert_eq!(sorted(store, 1, "\"pot is\"").await, ["The pot is on"]);
        done(command(1, "r", Action::Delete { message: offset(3) })).await;
        assert_eq!(sorted(store, 1, "kettle").await, [""; 0]);
        assert_eq!(sorted(store, 1, "which").await, [""; 0]);
        let found = all(store, 1, &looking_for("pot"), 9).await;
        assert_eq!(found[0].highlights, [(4, 7)]);
        let alone = store.message(&room_id("r"), profile(1).id, offset(2)).await.unwrap();
        assert_eq!(Some(&found[0].message), alone.as_ref());
    }
}

#[tokio::test]
async fn nothing_of_what_is_gone_stays_in_the_index() {
    let limits = Limits { retention: Some(Duration::from_secs(60)), ..Limits::default() };
    let clock = Clock::standing_at(Timestamp::now());
    let world = world_at(limits, 2, clock.clone());
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    for text in ["one", "two", "three"] {
        world.store.submit(send(1, "r", text)).await.unwrap();
    }
    let indexed = async || {
        sorted(&*world.store, 1, "word").await;
        world.db.read(|c| count(c, "SELECT count(*) AS count FROM searchable")).await.unwrap()
    };
    assert_eq!(indexed().await, 3);
    world.store.submit(command(1, "r", Action::Delete { message: offset(2) })).await.unwrap();
    assert_eq!(indexed().await, 2);
    clock.set(clock.now().after(Duration::from_secs(61)));
    world.store.submit(send(1, "r", "four")).await.unwrap();
    assert_eq!(indexed().await, 3);
    world.store.trim(clock.now(), true).await.unwrap();
    assert_eq!(indexed().await, 1);
}

#[tokio::test]
async fn messages_of_many_words_are_taken_up_in_portions() {
    let world = world();
    world.store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
    let words = (0..700).map(|word| format!("w{word:03}")).collect::<Vec<_>>().join(" ");
    for message in 0..60 {
        world.store.submit(send(1, "r", &format!("m{message} {words}"))).await.unwrap();
    }
    // One portion stops in the middle of them: at 20,000 words.
    for message in 0..60 {
        let found = texts(&*world.store, 1, &looking_for(&format!("m{message} w699")), 9).await;
        assert_eq!(found.len(), 1, "{message}");
    }
}

#[tokio::test]
async fn a_portion_takes_up_several_rooms_and_ends_within_one() {
    // All are sent in the same microsecond.
    let world = world_at(Limits::default(), 2, Clock::standing_at(Timestamp::now()));
    let done = async |command| drop(world.store.submit(command).await.unwrap());
    let rooms = ["a", "b", "c", "d"];
    for room in rooms {
        done(create(1, room, RoomKind::Public)).await;
        done(send(1, room, &format!("before in {room}"))).await;
    }
    assert_eq!(sorted(&*world.store, 1, "before").await.len(), 4);
    let words = (0..600).map(|word| format!("w{word:03}")).collect::<Vec<_>>().join(" ");
    done(edit(1, "a", 2, "edited")).await;
    done(command(1, "b", Action::Delete { message: offset(2) })).await;
    for message in 0..25 {
        for room in ["a", "b", "c"] {
            done(send(1, room, &format!("{room}{message} {words}"))).await;
        }
    }
    done(send(1, "d", "last")).await;
    // The first portion ends at 20,000 words: within the second room.
    for message in 0..25 {
        for room in ["a", "b", "c"] {
            let found = texts(&*world.store, 1, &looking_for(&format!("{room}{message} w599")), 9).await;
            assert_eq!(found.len(), 1, "{room}{message}");
        }
    }
    assert_eq!(sorted(&*world.store, 1, "last").await, ["last"]);
    assert_eq!(sorted(&*world.store, 1, "edited").await, ["edited"]);
    assert_eq!(sorted(&*world.store, 1, "before").await, ["before in c", "before in d"]);
}

#[tokio::test]
async fn only_what_one_may_read_is_found() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        let done = async |command| drop(store.submit(command).await.unwrap());
        let invite =
            |room, user| command(1, room, Action::Invite { user: profile(user), role: Role::Member });
        for (room, kind) in [("open", RoomKind::Public), ("closed", RoomKind::Private)] {
            done(create(1, room, kind)).await;
            done(send(1, room, &format!("word in {room}"))).await;
        }
        assert_eq!(sorted(store, 2, "word").await, ["word in open"]);
        let in_closed = Search { room: Some(room_id("closed")), ..looking_for("word") };
        assert_eq!(texts(store, 2, &in_closed, 9).await, [""; 0]);
        done(invite("closed", 2)).await;
        assert_eq!(sorted(store, 2, "word").await, ["word in closed", "word in open"]);
        assert_eq!(texts(store, 2, &in_closed, 9).await, ["word in closed"]);
        done(command(2, "closed", Action::Remove { user: profile(2).id })).await;
        assert_eq!(sorted(store, 2, "word").await, ["word in open"], "they have left");
        done(command(1, "open", Action::Ban { user: profile(2), seconds: None, reason: String::new() }))
            .await;
        assert_eq!(sorted(store, 2, "word").await, [""; 0], "they are banned");
        done(command(1, "open", Action::Unban { user: profile(2).id })).await;
        assert_eq!(sorted(store, 2, "word").await, ["word in open"]);
        done(command(1, "open", Action::DeleteRoom)).await;
        assert_eq!(sorted(store, 1, "word").await, ["word in closed"]);

        // What is withheld is found by its sender alone.
        let people = vec![profile(1), profile(2)];
        let direct = RoomId::direct(&[profile(1).id, profile(2).id]);
        done(command(1, direct.as_str(), Action::OpenDirect { people })).await;
        let block = Block { user: profile(1), at: Timestamp::now() };
        store.block(profile(2).id, block).await.unwrap();
        done(send(1, direct.as_str(), "withheld word")).await;
        assert_eq!(sorted(store, 2, "withheld").await, [""; 0]);
        assert_eq!(sorted(store, 1, "withheld").await, ["withheld word"]);
        assert_eq!(sorted(store, 3, "withheld").await, [""; 0]);
    }
}

#[tokio::test]
async fn filters_narrow_it() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        for room in ["a", "b"] {
            store.submit(create(1, room, RoomKind::Public)).await.unwrap();
            store.submit(command(2, room, Action::Join)).await.unwrap();
            for user in [1, 2] {
                store.submit(send(user, room, &format!("word {user} {room}"))).await.unwrap();
            }
        }
        let plain = looking_for("word");
        let of_two = Search { sender: Some(profile(2).id), ..plain.clone() };
        let mut found = texts(store, 1, &of_two, 1).await;
        found.sort();
        assert_eq!(found, ["word 2 a", "word 2 b"]);
        let in_b = Search { room: Some(room_id("b")), ..of_two.clone() };
        assert_eq!(texts(store, 1, &in_b, 1).await, ["word 2 b"]);
        let first = store.message(&room_id("b"), profile(1).id, offset(3)).await.unwrap().unwrap();
        let at = first.created_at;
        for order in [SearchOrder::Rank, SearchOrder::Recent] {
            let later = Search { after: Some(at), order, ..plain.clone() };
            assert_eq!(texts(store, 1, &later, 1).await, ["word 2 b", "word 1 b"]);
            let earlier = Search { before: Some(at), order, ..plain.clone() };
            assert_eq!(texts(store, 1, &earlier, 1).await, ["word 2 a", "word 1 a"]);
            let none = Search { before: Some(at), ..later };
            assert_eq!(texts(store, 1, &none, 1).await, [""; 0]);
        }
    }
}

#[tokio::test]
async fn pages_have_each_once_while_more_is_sent() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        let rooms = ["a", "b", "c"];
        for room in rooms {
            store.submit(create(1, room, RoomKind::Private)).await.unwrap();
        }
        let mut sent = Vec::new();
        for n in 0..40 {
            let text = format!("{}{n}", "word ".repeat(1 + n % 3));
            store.submit(send(1, rooms[n % 3], &text)).await.unwrap();
            sent.push(text);
        }
        for order in [SearchOrder::Rank, SearchOrder::Recent] {
            let mut search = Search { order, ..looking_for("word") };
            let whole = texts(store, 1, &search, 200).await;
            if order == SearchOrder::Recent {
                assert!(whole.iter().rev().eq(&sent));
            } else {
                assert_eq!(whole.iter().collect::<BTreeSet<_>>(), sent.iter().collect());
                assert!(whole[0].starts_with("word word word "));
                assert_eq!(whole[39], "word 0", "the oldest of the worst");
            }
            let mut paged = Vec::new();
            loop {
                let page = store.search(profile(1).id, &search, 7).await.unwrap();
                paged.extend(page.found.into_iter().map(|found| found.message.text));
                search.cursor = page.next;
                let late = format!("late word word word {}", paged.len());
                store.submit(send(1, "a", &late)).await.unwrap();
                sent.push(late);
                if search.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(paged, whole);
        }
    }
}

#[tokio::test]
async fn no_query_has_a_meaning_to_an_engine() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        store.submit(create(1, "r", RoomKind::Public)).await.unwrap();
        let long = "x".repeat(16_000);
        for text in ["a OR b", "words : x NEAR(a b)", "it's \"quoted\" \\ back", "🦀 東京都", &long] {
            store.submit(send(1, "r", text)).await.unwrap();
        }
        for query in [
            "a OR zebra",
            "a NOT b",
            "NEAR(a zebra)",
            "words:x zebra",
            "^a zebra",
            "{a} zebra",
            "a + zebra",
            "zebra'",
            "a & !zebra",
            "a | zebra",
            "a <-> b zebra",
            "zebra:*",
            "'; DROP TABLE rooms; --",
            "\\' zebra",
            "_r1 zebra",
            "rank zebra",
            "a\u{0}zebra",
            "-- zebra",
            "/* zebra */",
        ] {
            assert_eq!(sorted(store, 1, query).await, [""; 0], "{query}");
        }
        assert_eq!(sorted(store, 1, "or a").await, ["a OR b"]);
        assert_eq!(sorted(store, 1, "NEAR(a*").await, ["words : x NEAR(a b)"]);
        assert_eq!(sorted(store, 1, "it's \\").await, ["it's \"quoted\" \\ back"]);
        assert_eq!(sorted(store, 1, "京都").await, ["🦀 東京都"]);
        assert_eq!(sorted(store, 1, &"x".repeat(200)).await, [long.as_str()]);
        assert_eq!(sorted(store, 1, &format!("{}*", "x".repeat(50))).await, [long.as_str()]);
    }
}

#[tokio::test]
async fn a_database_without_an_index_catches_up() {
    // A process that never indexed stands for one that was killed, and for an older version.
    let world = world_with(Limits { search: false, ..Limits::default() }, 2);
    for room in ["a", "b"] {
        world.store.submit(create(1, room, RoomKind::Public)).await.unwrap();
        for n in 0..250 {
            world.store.submit(send(1, room, &format!("word {n}"))).await.unwrap();
        }
        world.store.submit(edit(1, room, 2, "changed")).await.unwrap();
        world.store.submit(command(1, room, Action::Delete { message: offset(3) })).await.unwrap();
    }
    world.store.index_now().await.unwrap();
    assert_eq!(
        world.store.search(profile(1).id, &looking_for("word"), 9).await,
        Err(ChatError::SearchDisabled)
    );
    let rows = |world: &World, table: &str| {
        let mut connection = chat_db::Connection::open(&world.settings).unwrap();
        count(&mut connection, &format!("SELECT count(*) AS count FROM {table}")).unwrap()
    };
    assert_eq!((rows(&world, "searchable"), rows(&world, "index_positions")), (0, 0), "nothing is written");
    let world = world.reopen();
    assert_eq!(sorted(&*world.store, 1, "word").await, [""; 0], "nobody has looked yet");
    world.store.index_now().await.unwrap();
    assert_eq!(sorted(&*world.store, 1, "word").await.len(), 496);
    assert_eq!(sorted(&*world.store, 1, "changed").await.len(), 2);
    assert_eq!((rows(&world, "searchable"), rows(&world, "index_positions")), (498, 2));
    world.store.index_now().await.unwrap();
    assert_eq!(rows(&world, "searchable"), 498, "once is enough");

    // A deleted room leaves nothing behind.
    world.store.submit(command(1, "a", Action::DeleteRoom)).await.unwrap();
    assert_eq!(sorted(&*world.store, 1, "word").await.len(), 248);
    let world = world.reopen();
    while rows(&world, "searchable") > 249 {
        world.store.purge();
        tokio::task::yield_now().await;
    }
    assert_eq!((rows(&world, "searchable"), rows(&world, "index_positions")), (249, 1));
}

#[tokio::test]
async fn a_log_that_was_removed_before_it_was_taken_up_holds_up_nothing() {
    let limits = Limits { search: false, retention: Some(Duration::from_secs(60)), ..Limits::default() };
    let clock = Clock::standing_at(Timestamp::now());
    let world = world_at(limits, 2, clock.clone());
    world.store.submit(create(1, "a", RoomKind::Public)).await.unwrap();
    world.store.submit(send(1, "a", "word")).await.unwrap();
    clock.set(clock.now().after(Duration::from_secs(61)));
    world.store.trim(clock.now(), true).await.unwrap();
    let world = world.reopen();
    world.store.index_now().await.unwrap();
    world.store.submit(create(1, "b", RoomKind::Public)).await.unwrap();
    world.store.submit(send(1, "b", "word")).await.unwrap();
    assert_eq!(sorted(&*world.store, 1, "word").await, ["word"]);
}

#[tokio::test]
async fn several_nodes_take_up_each_event_once() {
    let one = world_with(Limits { search_portion: 7, ..Limits::default() }, 4);
    if matches!(one.settings.url, chat_db::DbUrl::Sqlite(_)) {
        return;
    }
    let other =
        open(one.settings.clone(), Limits { search_portion: 5, ..Limits::default() }, Clock::system());
    for room in ["a", "b", "c"] {
        one.store.submit(create(1, room, RoomKind::Public)).await.unwrap();
    }
    for n in 0..60 {
        let store = if n % 2 == 0 { &one.store } else { &other.store };
        let room = ["a", "b", "c"][n % 3];
        store.submit(send(1, room, &format!("word {n}"))).await.unwrap();
        if n % 10 == 9 {
            let (first, second) = tokio::join!(one.store.index_now(), other.store.index_now());
            first.and(second).unwrap();
            assert_eq!(sorted(&*one.store, 1, "word").await.len(), n + 1);
            assert_eq!(sorted(&*other.store, 1, "word").await, sorted(&*one.store, 1, "word").await);
        }
    }
    other.db.close();
}

#[tokio::test]
async fn the_newest_are_ranked_and_all_can_be_paged_by_time() {
    let world = world_with(Limits { search_candidates: 20, ..Limits::default() }, 2);
    let store = &*world.store;
    store.submit(create(1, "r", RoomKind::Private)).await.unwrap();
    store.submit(send(1, "r", "word")).await.unwrap();
    for _ in 0..450 {
        store.submit(send(1, "r", "word and more of it")).await.unwrap();
    }
    let ranked = texts(store, 1, &looking_for("word"), 50).await;
    assert_eq!(ranked.len(), 20);
    assert!(!ranked.contains(&"word".to_owned()), "the one that fits best is too old");
    let by_time = Search { order: SearchOrder::Recent, ..looking_for("word") };
    assert_eq!(all(store, 1, &by_time, 100).await.len(), 451);
    // All have both words, and only the last one that is looked at has them so: pages without any lead there.
    store.submit(edit(1, "r", 2, "of more")).await.unwrap();
    let phrase = Search { order: SearchOrder::Recent, ..looking_for("\"of more\"") };
    let first = store.search(profile(1).id, &phrase, 100).await.unwrap();
    assert!(first.found.is_empty() && first.next.is_some());
    assert_eq!(texts(store, 1, &phrase, 100).await, ["of more"]);
}

#[tokio::test]
async fn who_has_more_rooms_than_the_index_is_asked_for_finds_what_is_theirs() {
    let (world, memory) = stores();
    for store in [&*world.store as &dyn RoomStore, &memory] {
        for n in 0..205 {
            let (room, owner) = (format!("r{n}"), if n % 50 == 0 { 2 } else { 1 });
            store.submit(create(owner, &room, RoomKind::Private)).await.unwrap();
            store.submit(send(owner, &room, "word")).await.unwrap();
        }
        assert_eq!(sorted(store, 1, "word").await.len(), 200);
        store.submit(create(1, "more", RoomKind::Public)).await.unwrap();
        store.submit(send(1, "more", "word")).await.unwrap();
        assert_eq!(sorted(store, 1, "word").await.len(), 201);
        assert_eq!(sorted(store, 2, "word").await.len(), 6);
        let by_time = Search { order: SearchOrder::Recent, ..looking_for("word") };
        assert_eq!(all(store, 1, &by_time, 7).await.len(), 201);
    }
}

fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "tea",
        "Tea",
        "thé",
        "the",
        "kettle",
        "Straße",
        "strasse",
        "東京都",
        "京都",
        "iPhone東",
        "don't",
        "🦀",
        "-",
        "3.14",
        "ไทย",
        "한국어",
        "ガ",
        "ｶﾞ",
        "x_y",
        "\"",
        "OR",
    ]);
    let space = prop::sample::select(vec![" ", "", ", ", "-"]);
    prop::collection::vec((word, space), 1..8)
        .prop_map(|words| words.into_iter().flat_map(|(word, space)| [word, space]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_find_the_same(
        acts in prop::collection::vec((text(), 0..2_usize, 0..4_u8, 2..14_u64), 1..24),
        queries in prop::collection::vec((text(), any::<bool>(), any::<bool>(), 1..30_usize), 1..12),
        portion in 1..6_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let limits = Limits { search_portion: portion, ..Limits::default() };
            let world = world_with(limits.clone(), 1);
            let memory = MemoryStore::new(limits, Arc::new(Published::default()));
            let stores = [&*world.store as &dyn RoomStore, &memory];
            for store in stores {
                for room in ["a", "b"] {
                    store.submit(create(1, room, RoomKind::Public)).await.unwrap();
                }
                for (text, room, act, at) in &acts {
                    let room = ["a", "b"][*room];
                    // What is not there is not changed, in either.
                    let _ = store.submit(match act {
                        0 => edit(1, room, *at, text),
                        1 => command(1, room, Action::Delete { message: offset(*at) }),
                        _ => send(1, room, text),
                    }).await;
                }
            }
            for (text, starred, recent, limit) in &queries {
                let star = if *starred { "*" } else { "" };
                let Ok(query) = Query::parse(&format!("{text}{star}")) else { continue };
                let order = if *recent { SearchOrder::Recent } else { SearchOrder::Rank };
                let search = Search { query, order, ..looking_for("x") };
                let mut found = Vec::new();
                for store in stores {
                    let list = all(store, 1, &search, *limit).await;
                    let place = |one: Found| (one.message.room, one.message.offset, one.message.text, one.highlights);
                    let set: BTreeSet<_> = list.iter().cloned().map(place).collect();
                    assert_eq!(set.len(), list.len(), "each once");
                    found.push(set);
                }
                assert_eq!(found[0], found[1], "{text:?}");
            }
        });
    }
}
