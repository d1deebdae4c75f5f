//! People who read, and recover by offset.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::check::{Entry, Seen};
use super::{PAUSE, Scene};
use crate::socket::Socket;

/// The last offset of each room, once all is written.
pub type Ends = watch::Receiver<Option<HashMap<usize, u64>>>;

struct Reader {
    scene: Scene,
    /// Which of the nodes it is at.
    turn: usize,
    seen: Seen,
    /// The last event that it knows of, and of which log; no log before its first connection.
    position: u64,
    epoch: Value,
}

/// Follows a room until it has seen all of it, beginning at one of the nodes.
pub async fn follow(scene: Scene, room: usize, turn: usize, mut ends: Ends) -> Seen {
    let seen = Seen { room, ..Seen::default() };
    let mut reader = Reader { scene, turn, seen, position: 0, epoch: Value::Null };
    while reader.session(&mut ends).await.is_none() {
        reader.turn += 1;
        tokio::time::sleep(PAUSE).await;
    }
    reader.seen
}

impl Reader {
    /// Reads on one connection until it ends (none), or all is seen.
    async fn session(&mut self, ends: &mut Ends) -> Option<()> {
        let mut socket =
            Socket::connect(self.scene.url(self.turn), &self.scene.tokens[0], self.scene.patience).await?;
        self.subscribe(&mut socket).await?;
        loop {
            let end = ends.borrow_and_update().as_ref().map(|ends| ends[&self.seen.room]);
            if end.is_some_and(|end| self.position >= end) {
                return Some(());
            }
            tokio::select! {
                line = socket.line() => {
                    let line = line?;
                    if line["push"]["unsubscribe"].is_object() {
                        return None;
                    }
                    self.take(&line["push"]["pub"]);
                }
                changed = ends.changed() => changed.unwrap(),
            }
        }
    }

    /// Subscribes, with all that was missed.
    async fn subscribe(&mut self, socket: &mut Socket) -> Option<()> {
        let room = self.seen.room;
        let mut body = json!({ "channel": format!("room:{}", self.scene.room(room)) });
        if !self.epoch.is_null() {
            body["recover"] = json!(true);
            body["offset"] = json!(self.position);
            body["epoch"] = self.epoch.clone();
        }
        let reply = socket.call("subscribe", body).await?;
        let subscribed = &reply["subscribe"];
        if reply["error"]["temporary"] == true {
            return None;
        }
        assert!(subscribed.is_object(), "{reply}");
        if subscribed["recovered"] == true {
            for publication in subscribed["publications"].as_array().into_iter().flatten() {
                self.take(publication);
            }
        } else {
            let head = subscribed["offset"].as_u64().unwrap_or_default();
            let missed = self.scene.page(self.scene.url(self.turn), room, self.position).await?;
            self.seen.entries.extend(missed.into_iter().filter(|entry| entry.offset <= head));
            self.position = head;
        }
        self.epoch = subscribed["epoch"].clone();
        Some(())
    }

    /// A publication; what else is pushed is none.
    fn take(&mut self, publication: &Value) {
        let Some(offset) = publication["offset"].as_u64() else { return };
        assert_eq!(offset, self.position + 1, "every event comes once, in order");
        self.position = offset;
        let message = &publication["data"]["message"];
        if message.is_object() {
            self.seen.entries.push(Entry::of(Some(offset), message));
        }
    }
}
