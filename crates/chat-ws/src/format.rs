//! How the hub's pushes are written for each kind of client.

use bytes::Bytes;
use chat_core::{Channel, EndReason, Message, Notice, Presence, Push, RoomId, WireFormat};
use chat_proto::{
    ClientInfo, RawValue, Unsubscribe, push_join, push_leave, push_publication, push_unsubscribe,
};
use serde::Serialize;

/// The client protocol in JSON.
pub(crate) struct ClientFormat;

impl WireFormat for ClientFormat {
    fn encode(&self, of: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let channel = channel_name(of);
        let line = match push {
            Push::Event(event) => push_publication(&channel, &chat_json::event(event), event.offset.get()),
            Push::Signal(signal) => push_publication(&channel, &chat_json::signal(signal), 0),
            Push::RoomSignal(signal) => {
                let Channel::Room(room) = of else { return None };
                push_publication(&channel, &chat_json::room_signal(room, signal), 0)
            }
            Push::Notice(Notice::Joined, presence) => push_join(&channel, &client_info(presence)),
            Push::Notice(Notice::Left, presence) => push_leave(&channel, &client_info(presence)),
            Push::Ended(EndReason::InsufficientState) => {
                push_unsubscribe(&channel, Unsubscribe::InsufficientState)
            }
            Push::Ended(EndReason::Removed) => push_unsubscribe(&channel, Unsubscribe::Server),
        };
        Some(line.into())
    }
}

/// A channel as clients name it: `room:<id>`, `user:<id>`.
pub(crate) fn channel_name(channel: &Channel) -> String {
    match channel {
        Channel::Room(room) => format!("room:{room}"),
        Channel::User(user) => format!("user:{user}"),
    }
}

/// A connection as other clients see it.
pub(crate) fn client_info(presence: &Presence) -> ClientInfo {
    ClientInfo {
        user: presence.user.id.to_string(),
        client: presence.client.clone(),
        conn_info: RawValue::from_string(chat_json::user(&presence.user)).ok(),
        chan_info: None,
    }
}

/// The classic room socket: one object a message.
pub(crate) struct ClassicFormat;

/// What a classic client receives.
#[derive(Serialize)]
struct Classic<'a> {
    content: &'a str,
    #[serde(rename = "roomId")]
    room: &'a str,
    username: &'a str,
}

/// Classic clients compare these texts literally.
const JOINED: &str = "A new user has joined the room";
const LEFT: &str = "user left the chat";

impl WireFormat for ClassicFormat {
    fn encode(&self, channel: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let Channel::Room(room) = channel else { return None };
        let frame = match push {
            Push::Event(event) => classic_message(event.created()?)?,
            Push::Notice(Notice::Joined, presence) => classic_frame(room, JOINED, &presence.user.username),
            Push::Notice(Notice::Left, presence) => classic_frame(room, LEFT, &presence.user.username),
            Push::Signal(_) | Push::RoomSignal(_) | Push::Ended(_) => return None,
        };
        Some(frame.into())
    }

    fn is_for_one_room(&self) -> bool {
        true
    }
}

/// A message for classic clients, who know nothing of deleted or withheld ones: these say nothing.
pub(crate) fn classic_message(message: &Message) -> Option<String> {
    let frame = || classic_frame(&message.room, &message.text, &message.sender.username);
    (!message.text.is_empty()).then(frame)
}

/// One object for classic clients, on one line.
pub(crate) fn classic_frame(room: &RoomId, content: &str, username: &str) -> String {
    // Three texts can always be written.
    serde_json::to_string(&Classic { content, room: room.as_str(), username }).unwrap_or_default()
}
