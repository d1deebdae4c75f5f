//! People who write and read while things fail, and what must hold of what they did.

pub mod check;
mod reader;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use check::{Entry, History};

use crate::support::Server;

/// How long someone waits before they try again.
const PAUSE: Duration = Duration::from_millis(5);

/// A whole number in the environment.
pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// The seed in the environment, or a new one.
pub fn seed(variable: &str) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    number(variable, now.as_millis() as u64)
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// What all of them know.
#[derive(Clone)]
pub struct Scene {
    /// Of the nodes; who is cut off from one tries the next.
    pub urls: Arc<[String]>,
    /// Of two users.
    pub tokens: [String; 2],
    pub client: Client,
    /// How long a connection may be silent before it is given up.
    pub patience: Duration,
    /// The rooms are `r` and a number from this one on.
    pub first_room: usize,
    /// How many rooms there are, with two writers and a reader each.
    pub rooms: usize,
    /// How many messages of one writer are on their way at once over a socket. Where single ones can be refused, one:
    /// else their order would change.
    pub window: usize,
    /// Nothing new is written any more.
    pub stop: Arc<AtomicBool>,
    pub acknowledged: Arc<AtomicUsize>,
    pub repeated: Arc<AtomicUsize>,
}

/// People at work.
pub struct People {
    scene: Scene,
    writers: Vec<JoinHandle<check::Written>>,
    readers: Vec<JoinHandle<check::Seen>>,
    end: watch::Sender<Option<HashMap<usize, u64>>>,
}

impl Scene {
    /// A node, another one at each turn.
    fn url(&self, turn: usize) -> &str {
        &self.urls[turn % self.urls.len()]
    }

    /// What a room is called.
    pub fn room(&self, room: usize) -> String {
        format!("r{}", self.first_room + room)
    }

    /// Makes the rooms, with both users in them.
    pub async fn furnish(&self, server: &Server) {
        let [ann, bob] = &self.tokens;
        let (_, user) = server.call(Method::GET, "/users/me", bob, None).await;
        let bobs_id = user["id"].as_str().unwrap();
        for room in (0..self.rooms).map(|room| self.room(room)) {
            server.post("/rooms", ann, json!({ "id": room, "name": "R" })).await;
            let member = format!("/rooms/{room}/members/{bobs_id}");
            let (joined, _) = server.call(Method::PUT, &member, bob, None).await;
            assert!(joined.is_success(), "{joined}");
        }
    }

    pub fn tell(&self) -> String {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let (acknowledged, repeated) = (count(&self.acknowledged), count(&self.repeated));
        format!("{acknowledged} messages acknowledged, {repeated} sent again")
    }

    /// All messages of a room after an offset; none when the node goes meanwhile.
    async fn page(&self, url: &str, room: usize, after: u64) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut after = after.to_string();
        loop {
            let url = format!("{url}/api/v1/rooms/{}/messages?limit=200&after={after}", self.room(room));
            let asked = self.client.get(url).bearer_auth(&self.tokens[0]).send().await;
            let page: Value = asked.ok()?.json().await.ok()?;
            let items = page["items"].as_array()?.iter();
            entries.extend(items.map(|message| Entry::of(message["offset"].as_u64(), message)));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => return Some(entries),
            }
        }
    }
}

impl People {
    pub fn begin(scene: &Scene) -> People {
        let (end, ends) = watch::channel(None);
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for room in 0..scene.rooms {
            writers.push(tokio::spawn(writer::over_http(scene.clone(), room)));
            writers.push(tokio::spawn(writer::over_socket(scene.clone(), room)));
            // At the writers' nodes, and at another one.
            for place in 0..scene.urls.len().min(2) {
                readers.push(tokio::spawn(reader::follow(scene.clone(), room, room + place, ends.clone())));
            }
        }
        People { scene: scene.clone(), writers, readers, end }
    }

    /// Lets the writers come to an end, and the readers see it.
    pub async fn finish(self) -> History {
        self.scene.stop.store(true, Ordering::Relaxed);
        let mut history = History::default();
        for writer in self.writers {
            history.writers.push(writer.await.unwrap());
        }
        let mut heads = HashMap::new();
        for room in 0..self.scene.rooms {
            let log = self.scene.page(self.scene.url(0), room, 0).await.expect("the server serves");
            heads.insert(room, log.last().unwrap().offset);
            history.logs.push(log);
        }
        self.end.send(Some(heads)).unwrap();
        for reader in self.readers {
            history.readers.push(reader.await.unwrap());
        }
        history
    }
}
