//! Whoever was away ends where those are who stayed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_core::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::Client;
use crate::support::{Nine, call};

/// Keeps every event with the moment when it happened.
struct Told {
    clock: Clock,
    events: Mutex<Vec<(Arc<Event>, Timestamp)>>,
}

impl Told {
    fn len(&self) -> usize {
        self.events.lock().unwrap().len()
    }

    /// What a user was told of them, from the one at this place on.
    fn to(&self, user: i64, from: usize) -> Vec<Value> {
        let user = UserId::new(user).unwrap();
        let events = self.events.lock().unwrap();
        let seen = events[from..].iter().map(|(event, at)| event.seen_by(user, *at));
        seen.map(|event| serde_json::from_str(&chat_json::event(&event)).unwrap()).collect()
    }
}

impl Backplane for Told {
    fn publish(&self, events: &[Arc<Event>]) {
        let now = self.clock.now();
        self.events.lock().unwrap().extend(events.iter().map(|event| (event.clone(), now)));
    }

    fn behind(&self, _: &[RoomId]) {}
}

/// No call: time passes, and what is over is ended, and what is old removed.
const PASSES: &str = "time passes";

/// The upload of a user, one of four.
fn upload(user: i64, number: u8) -> String {
    format!("00000000-0000-4000-8000-0000000000{user}{number}")
}

fn offer(store: &MemoryStore) {
    for (user, number) in (1..5).flat_map(|user| (0..4).map(move |number| (user, number))) {
        let attachment = Attachment {
            id: upload(user, number).parse().unwrap(),
            name: "a.png".into(),
            media_type: "image/png".into(),
            size: 7,
            picture: None,
            thumbnail: None,
        };
        store.offer(Upload { owner: UserId::new(user).unwrap(), attachment });
    }
}

/// What is done with messages.
fn speech(user: i64) -> impl Strategy<Value = (&'static str, Value)> {
    let of = 2..20_u64;
    let texts = ["said", "@user2 and @user3", "@room", "spam"];
    let text = prop::sample::select(texts.to_vec());
    let reaction = prop::sample::select(vec!["👍", ":a:", ":b:"]);
    let term = prop::sample::select(vec![5, 20, 60]);
    let reacts = (of.clone(), reaction);
    prop_oneof![
        3 => text.clone().prop_map(|text| ("message.send", json!({ "text": text }))),
        3 => of.clone().prop_map(|of| ("message.send", json!({ "text": "answer", "reply_to": of }))),
        2 => term.prop_map(|term| ("message.send", json!({ "text": "for a while", "expires_in": term }))),
        2 => (0..4_u8).prop_map(move |n| ("message.send", json!({ "text": "", "attachments": [upload(user, n)] }))),
        2 => (of.clone(), text).prop_map(|(of, text)| ("message.edit", json!({ "offset": of, "text": text }))),
        2 => of.clone().prop_map(|of| ("message.delete", json!({ "offset": of }))),
        4 => reacts.clone().prop_map(|(of, it)| ("reaction.add", json!({ "offset": of, "reaction": it }))),
        3 => reacts.prop_map(|(of, it)| ("reaction.remove", json!({ "offset": of, "reaction": it }))),
        3 => of.clone().prop_map(|of| ("pin.add", json!({ "offset": of }))),
        2 => of.prop_map(|of| ("pin.remove", json!({ "offset": of }))),
    ]
}

/// What is done with people, and with the room.
fn order() -> impl Strategy<Value = (&'static str, Value)> {
    // The first one stays, to look at it.
    let user = prop::sample::select(vec!["2", "3", "4"]);
    let role = prop::sample::select(vec!["reader", "member", "moderator"]);
    let term = prop::sample::select(vec![5, 20, 60]);
    let filter = prop::sample::select(vec!["refuse", "mask", "report"]);
    let seconds = prop::sample::select(vec![0, 60]);
    prop_oneof![
        3 => Just(("room.join", json!({}))),
        1 => Just(("room.leave", json!({}))),
        2 => (user.clone(), role.clone()).prop_map(|(user, role)| ("member.add", json!({ "user": user, "role": role }))),
        2 => (user.clone(), role).prop_map(|(user, role)| ("member.set", json!({ "user": user, "role": role }))),
        1 => user.clone().prop_map(|user| ("member.remove", json!({ "user": user }))),
        2 => (user.clone(), term.clone()).prop_map(|(user, term)| ("member.mute", json!({ "user": user, "seconds": term }))),
        1 => user.clone().prop_map(|user| ("member.unmute", json!({ "user": user }))),
        2 => (user.clone(), prop::option::of(term)).prop_map(|(user, term)| ("ban.add", json!({ "user": user, "seconds": term }))),
        2 => user.clone().prop_map(|user| ("ban.remove", json!({ "user": user }))),
        2 => user.prop_map(|user| ("block.add", json!({ "user": user }))),
        2 => Just(("block.add", json!({ "user": "1" }))),
        1 => Just(("block.remove", json!({ "user": "1" }))),
        1 => filter.prop_map(|action| ("filter.set", json!({ "action": action, "words": ["spam"] }))),
        1 => Just(("filter.remove", json!({}))),
        1 => any::<bool>().prop_map(|on| ("room.change", json!({ "read_only": on, "topic": on.to_string() }))),
        1 => (0..3_u8).prop_map(|seconds| ("room.change", json!({ "slow_seconds": seconds }))),
        1 => seconds.prop_map(|seconds| ("room.change", json!({ "retention_seconds": seconds }))),
    ]
}

/// An act of one of four users, on one of their devices or another; the first two do most of them.
fn act() -> impl Strategy<Value = (i64, &'static str, Value)> {
    let user = prop::sample::select(vec![1, 1, 1, 2, 2, 3, 4]);
    user.prop_flat_map(|user| {
        let passes = (1..30_u64).prop_map(|seconds| (PASSES, json!({ "seconds": seconds })));
        let act = prop_oneof![6 => speech(user), 3 => order(), 1 => passes];
        act.prop_map(move |(method, data)| (user, method, data))
    })
}

async fn run(acts: Vec<(i64, &'static str, Value)>, left: usize, direct: bool) {
    let retention = Some(Duration::from_secs(90));
    let limits = Limits { messages: None, retention, ..Limits::default() };
    let clock = Clock::standing_at(Timestamp::now());
    let told = Arc::new(Told { clock: clock.clone(), events: Mutex::default() });
    let store = Arc::new(MemoryStore::new(limits.clone(), told.clone()).with_clock(clock.clone()));
    offer(&store);
    let hub = Arc::new(Hub::new(limits.clone()));
    let chat = Arc::new(Chat::new(store.clone(), Arc::new(Nine), hub, limits));
    let (room, viewers) = if direct {
        let opened = call(&chat, 1, "direct.open", r#"{"users":["2"]}"#).await.unwrap();
        (opened["id"].as_str().unwrap().to_owned(), vec![1, 2])
    } else {
        call(&chat, 1, "room.create", r#"{"id":"r","name":"R"}"#).await.unwrap();
        call(&chat, 1, "member.add", r#"{"room":"r","user":"2","role":"moderator"}"#).await.unwrap();
        ("r".to_owned(), vec![1])
    };
    let load = async || {
        let mut clients = Vec::new();
        for viewer in &viewers {
            clients.push(Client::load(&chat, *viewer, &room).await);
        }
        clients
    };
    let (mut stayed, mut away) = (load().await, load().await);
    let begun = told.len();
    let mut seen = begun;
    for (n, (user, method, mut data)) in acts.into_iter().enumerate() {
        if n == left {
            (away, seen) = (load().await, told.len());
        }
        if method == PASSES {
            clock.set(clock.now().after(Duration::from_secs(data["seconds"].as_u64().unwrap())));
            store.expire(clock.now()).await.unwrap();
            store.trim(clock.now(), true).await.unwrap();
            continue;
        }
        if !method.starts_with("block.") {
            data["room"] = room.clone().into();
        }
        // Much of it cannot be done, and changes nothing.
        let _ = call(&chat, user, method, &data.to_string()).await;
    }
    let fresh = load().await;
    let named = json!({ "room": room }).to_string();
    let first = call(&chat, 1, "room.get", &named).await.unwrap()["first"].as_u64().unwrap_or(1);
    let missed = json!({ "room": room, "after": seen, "limit": 200 }).to_string();
    for (viewer, mut fresh) in viewers.into_iter().zip(fresh) {
        let (mut stayed, mut away) = (stayed.remove(0), away.remove(0));
        told.to(viewer, begun).iter().for_each(|event| stayed.apply(event));
        match call(&chat, viewer, "event.list", &missed).await {
            Ok(missed) => missed["items"].as_array().unwrap().iter().for_each(|event| away.apply(event)),
            Err(error) => {
                assert_eq!(error.code, "events_gone");
                away = Client::load(&chat, viewer, &room).await;
            }
        }
        for client in [&mut stayed, &mut away, &mut fresh] {
            client.forget(first, clock.now());
        }
        assert_eq!(stayed, fresh, "who stayed");
        assert_eq!(away, fresh, "who was away");
    }
}

#[tokio::test]
async fn of_what_becomes_withheld_nothing_is_shown_any_more() {
    let (react, edit) = (json!({ "offset": 3, "reaction": "👍" }), json!({ "offset": 3, "text": "said" }));
    // In whatever order: what was there before goes, and what comes after is not for them.
    for (first, second) in [
        (("reaction.add", react.clone()), ("message.edit", edit.clone())),
        (("message.edit", edit), ("reaction.add", react)),
    ] {
        let acts = vec![
            (1, "message.send", json!({ "text": "hi" })),
            (2, "block.add", json!({ "user": "1" })),
            (1, first.0, first.1),
            (1, second.0, second.1),
        ];
        for left in 0..acts.len() {
            run(acts.clone(), left, true).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_was_away_ends_where_those_are_who_stayed(
        acts in prop::collection::vec(act(), 1..60), left in 0..60_usize, direct in prop::bool::weighted(0.3)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(run(acts, left, direct));
    }
}
