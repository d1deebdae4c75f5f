//! A client that keeps what it is told of a room, in JSON as it is told; as docs/conversations.md says.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat_core::{Chat, Timestamp};
use chat_json::Time;
use serde_json::{Value, json};

use crate::support::call;

/// What it knows: the room, its members and who is kept out, by the user; its messages, the threads that they are in, and what is
/// pinned, by the message.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Client {
    user: i64,
    room: Value,
    members: BTreeMap<String, Value>,
    bans: BTreeMap<String, Value>,
    messages: BTreeMap<u64, Value>,
    threads: BTreeMap<u64, Value>,
    pins: BTreeMap<u64, String>,
}

impl Client {
    /// One of this user that has loaded the room as it is now.
    pub async fn load(chat: &Arc<Chat>, user: i64, room: &str) -> Client {
        let named = json!({ "room": room }).to_string();
        let page = json!({ "room": room, "limit": 200 }).to_string();
        let list = async |method| call(chat, user, method, &page).await.unwrap()["items"].take();
        let mut client = Client { user, ..Client::default() };
        client.room = changeable(call(chat, user, "room.get", &named).await.unwrap());
        // Nobody is kept out of a direct room.
        let bans =
            call(chat, user, "ban.list", &page).await.map_or(Value::Null, |mut page| page["items"].take());
        client.bans = items(bans).map(|ban| (id(&ban["user"]), ban)).collect();
        client.members =
            items(list("member.list").await).map(|member| (id(&member["user"]), member)).collect();
        items(list("message.list").await).for_each(|message| client.keep(message));
        let pins = items(list("pin.list").await);
        client.pins = pins.map(|pin| (number(&pin["message"]["offset"]), id(&pin["pinned_by"]))).collect();
        client
    }

    /// Drops what is kept no longer, since the log begins with `first`, and the bans that are over.
    pub fn forget(&mut self, first: u64, now: Timestamp) {
        self.messages.retain(|offset, _| *offset >= first);
        self.threads.retain(|root, _| *root >= first);
        self.pins.retain(|message, _| *message >= first);
        let now = Time(now).to_string();
        self.bans.retain(|_, ban| ban["until"].as_str().is_none_or(|until| *until > *now));
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: &Value) {
        match event["type"].as_str().unwrap() {
            "message.created" | "message.edited" | "message.deleted" => {
                let mut message = event["message"].clone();
                let known = self.messages.get(&number(&message["offset"]));
                let reactions = known.and_then(|known| known.get("reactions")).cloned();
                if let Some(reactions) = reactions.filter(|_| !is_place(&message)) {
                    message["reactions"] = reactions;
                }
                if !message["deleted_at"].is_null() {
                    self.pins.remove(&number(&message["offset"]));
                }
                self.keep(message);
            }
            "message.pinned" => {
                let target = number(&event["target"]);
                if self.messages[&target]["deleted_at"].is_null() {
                    self.pins.insert(target, id(&event["actor"]));
                }
            }
            "message.unpinned" => drop(self.pins.remove(&number(&event["target"]))),
            "reaction.added" | "reaction.removed" => {
                let Some(message) = self.messages.get_mut(&number(&event["target"])) else { return };
                if is_place(message) {
                    return;
                }
                let known = message["reactions"].as_array().cloned().unwrap_or_default();
                message["reactions"] = react(known, event, &self.user.to_string()).into();
                if message["reactions"] == json!([]) {
                    message.as_object_mut().unwrap().remove("reactions");
                }
            }
            "member.joined" | "member.changed" => {
                self.members.insert(id(&event["member"]["user"]), event["member"].clone());
            }
            "member.left" => drop(self.members.remove(&id(&event["member"]["user"]))),
            "member.banned" => {
                self.bans.insert(id(&event["ban"]["user"]), event["ban"].clone());
            }
            "member.unbanned" => drop(self.bans.remove(&id(&event["user"]))),
            "room.changed" => self.room = changeable(event["room"].clone()),
            other => panic!("{other}"),
        }
    }

    fn keep(&mut self, mut message: Value) {
        if let Some(thread) = message.as_object_mut().unwrap().remove("thread") {
            self.threads.insert(number(&thread["root"]), thread);
        }
        self.messages.insert(number(&message["offset"]), message);
    }
}

/// Whether only the place of a message is shown, and so nothing that is on it.
fn is_place(message: &Value) -> bool {
    !message["deleted_at"].is_null() || message["withheld"] == true
}

/// What of a room can be changed.
fn changeable(mut room: Value) -> Value {
    let stays = ["id", "created_at", "owner", "first", "offset", "member_count", "people", "role"];
    room.as_object_mut().unwrap().retain(|key, _| !stays.contains(&key.as_str()));
    room
}

fn items(list: Value) -> impl Iterator<Item = Value> {
    let Value::Array(items) = list else { return Vec::new().into_iter() };
    items.into_iter()
}

fn id(user: &Value) -> String {
    user["id"].as_str().unwrap().to_owned()
}

fn number(offset: &Value) -> u64 {
    offset.as_u64().unwrap()
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
