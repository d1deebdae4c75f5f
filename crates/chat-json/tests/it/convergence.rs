//! Whoever was away ends where those are who stayed: a client that keeps what it is told, in JSON as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_core::{
    Backplane, Chat, Clock, Event, Hub, Limits, MemoryStore, NoDirectory, RoomId, RoomStore, Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::call;

/// What a client knows of a room: its messages, the threads that they are in, and what is pinned, by the message.
#[derive(Debug, Default, Clone, PartialEq)]
struct Client {
    user: String,
    messages: BTreeMap<u64, Value>,
    threads: BTreeMap<u64, Value>,
    pins: BTreeMap<u64, String>,
}

impl Client {
    /// One that has loaded the history of now.
    async fn load(chat: &Arc<Chat>, user: i64) -> Client {
        let page = call(chat, user, "message.list", r#"{"room":"r","limit":200}"#).await.unwrap();
        let mut client = Client { user: user.to_string(), ..Client::default() };
        page["items"].as_array().unwrap().iter().for_each(|message| client.keep(message.clone()));
        let pins = call(chat, user, "pin.list", r#"{"room":"r","limit":200}"#).await.unwrap();
        for pin in pins["items"].as_array().unwrap() {
            let by = pin["pinned_by"]["id"].as_str().unwrap().to_owned();
            client.pins.insert(pin["message"]["offset"].as_u64().unwrap(), by);
        }
        client
    }

    /// Drops what is kept no longer: a log begins with `first`.
    fn forget(&mut self, first: u64) {
        self.messages.retain(|offset, _| *offset >= first);
        self.threads.retain(|root, _| *root >= first);
        self.pins.retain(|message, _| *message >= first);
    }

    fn keep(&mut self, mut message: Value) {
        if let Some(thread) = message.as_object_mut().unwrap().remove("thread") {
            self.threads.insert(thread["root"].as_u64().unwrap(), thread);
        }
        self.messages.insert(message["offset"].as_u64().unwrap(), message);
    }

    /// Takes in an event, as docs/conversations.md says.
    fn apply(&mut self, event: &Value) {
        match event["type"].as_str().unwrap() {
            "message.created" | "message.edited" | "message.deleted" => {
                let mut message = event["message"].clone();
                let known = self.messages.get(&message["offset"].as_u64().unwrap());
                let reactions = known.and_then(|known| known.get("reactions")).cloned();
                if let Some(reactions) = reactions.filter(|_| message["deleted_at"].is_null()) {
                    message["reactions"] = reactions;
                }
                if !message["deleted_at"].is_null() {
                    self.pins.remove(&message["offset"].as_u64().unwrap());
                }
                self.keep(message);
            }
            "message.pinned" => {
                let target = event["target"].as_u64().unwrap();
                if self.messages[&target]["deleted_at"].is_null() {
                    self.pins.insert(target, event["actor"]["id"].as_str().unwrap().to_owned());
                }
            }
            "message.unpinned" => drop(self.pins.remove(&event["target"].as_u64().unwrap())),
            "reaction.added" | "reaction.removed" => {
                let Some(message) = self.messages.get_mut(&event["target"].as_u64().unwrap()) else { return };
                if !message["deleted_at"].is_null() {
                    return;
                }
                let known = message["reactions"].as_array().cloned().unwrap_or_default();
                message["reactions"] = react(known, event, &self.user).into();
                if message["reactions"] == json!([]) {
                    message.as_object_mut().unwrap().remove("reactions");
                }
            }
            _ => {}
        }
    }
}

fn react(mut known: Vec<Value>, event: &Value, user: &str) -> Vec<Value> {
    let place = known.iter().position(|one| one["reaction"] == event["reaction"]);
    let place = place.unwrap_or_else(|| {
        known.push(json!({ "reaction": event["reaction"], "count": 0, "mine": false }));
        known.len() - 1
    });
    known[place]["count"] = event["count"].clone();
    if event["actor"]["id"] == user {
        known[place]["mine"] = (event["type"] == "reaction.added").into();
    }
    known.retain(|one| one["count"] != 0);
    known
}

/// Keeps every event as it is told when it happens.
#[derive(Default)]
struct Told(Mutex<Vec<Value>>);

impl Backplane for Told {
    fn publish(&self, events: &[Arc<Event>]) {
        let told = events.iter().map(|event| serde_json::from_str(&chat_json::event(event)).unwrap());
        self.0.lock().unwrap().extend(told);
    }

    fn behind(&self, _: &[RoomId]) {}
}

/// No call: time passes, and what is over is ended, and what is old removed.
const PASSES: &str = "time passes";

/// An act of one of two users, on one of their devices or another.
fn act() -> impl Strategy<Value = (i64, &'static str, Value)> {
    let of = 2..20_u64;
    let reaction = prop::sample::select(vec!["👍", ":a:", ":b:"]);
    let term = prop::sample::select(vec![5, 20, 60]);
    let reacts = (of.clone(), reaction.clone());
    let act = prop_oneof![
        3 => Just(("message.send", json!({ "text": "said" }))),
        3 => of.clone().prop_map(|of| ("message.send", json!({ "text": "answer", "reply_to": of }))),
        2 => term.prop_map(|term| ("message.send", json!({ "text": "for a while", "expires_in": term }))),
        2 => (1..30_u64).prop_map(|seconds| (PASSES, json!({ "seconds": seconds }))),
        2 => (of.clone(), 0..9_u8).prop_map(|(of, n)| ("message.edit", json!({ "offset": of, "text": n.to_string() }))),
        2 => of.clone().prop_map(|of| ("message.delete", json!({ "offset": of }))),
        4 => reacts.clone().prop_map(|(of, it)| ("reaction.add", json!({ "offset": of, "reaction": it }))),
        3 => of.clone().prop_map(|of| ("pin.add", json!({ "offset": of }))),
        2 => of.clone().prop_map(|of| ("pin.remove", json!({ "offset": of }))),
        3 => reacts.prop_map(|(of, it)| ("reaction.remove", json!({ "offset": of, "reaction": it }))),
    ];
    (1..3_i64, act).prop_map(|(user, (method, data))| (user, method, data))
}

async fn run(acts: Vec<(i64, &'static str, Value)>, left: usize) {
    let retention = Some(Duration::from_secs(90));
    let limits = Limits { messages: None, retention, ..Limits::default() };
    let told = Arc::new(Told::default());
    let clock = Clock::standing_at(Timestamp::now());
    let store = Arc::new(MemoryStore::new(limits.clone(), told.clone()).with_clock(clock.clone()));
    let hub = Arc::new(Hub::new(limits.clone()));
    let chat = Arc::new(Chat::new(store.clone(), Arc::new(NoDirectory), hub, limits));
    call(&chat, 1, "room.create", r#"{"id":"r","name":"R"}"#).await.unwrap();
    call(&chat, 2, "room.join", r#"{"room":"r"}"#).await.unwrap();
    call(&chat, 1, "member.set", r#"{"room":"r","user":"2","role":"moderator"}"#).await.unwrap();
    let (mut stayed, mut away) = (Client::load(&chat, 1).await, Client::load(&chat, 1).await);
    let begun = told.0.lock().unwrap().len();
    let mut seen = begun;
    for (n, (user, method, mut data)) in acts.into_iter().enumerate() {
        if n == left {
            away = Client::load(&chat, 1).await;
            seen = told.0.lock().unwrap().len();
        }
        if method == PASSES {
            clock.set(clock.now().after(Duration::from_secs(data["seconds"].as_u64().unwrap())));
            store.expire(clock.now()).await.unwrap();
            store.trim(clock.now(), true).await.unwrap();
            continue;
        }
        data["room"] = "r".into();
        // Much of it cannot be done, and changes nothing.
        let _ = call(&chat, user, method, &data.to_string()).await;
    }
    told.0.lock().unwrap()[begun..].iter().for_each(|event| stayed.apply(event));
    let missed = json!({ "room": "r", "after": seen, "limit": 200 }).to_string();
    match call(&chat, 1, "event.list", &missed).await {
        Ok(missed) => missed["items"].as_array().unwrap().iter().for_each(|event| away.apply(event)),
        Err(error) => {
            assert_eq!(error.code, "events_gone");
            away = Client::load(&chat, 1).await;
        }
    }
    let mut fresh = Client::load(&chat, 1).await;
    let room = call(&chat, 1, "room.get", r#"{"room":"r"}"#).await.unwrap();
    let first = room["first"].as_u64().unwrap_or(1);
    [&mut stayed, &mut away, &mut fresh].into_iter().for_each(|client| client.forget(first));
    assert_eq!(stayed, fresh, "who stayed");
    assert_eq!(away, fresh, "who was away");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_was_away_ends_where_those_are_who_stayed(
        acts in prop::collection::vec(act(), 1..60), left in 0..60_usize
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(run(acts, left));
    }
}
