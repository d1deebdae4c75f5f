//! What the server sends unasked (client protocol, section 6). One line each, made once for all who get it.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::codes::{Disconnect, Unsubscribe};
use crate::json::{self, Plain, is_zero};
use crate::reply::{ClientInfo, Publication};

/// The server's ping. Not before the connect reply: a client's pong would then be an error.
pub const PING: &str = "{}";

/// Room for the punctuation and the names around a payload.
const FRAME: usize = 80;

/// Something was said in `channel`: the line
/// `{"push":{"channel":…,"pub":{"data":…,"offset":…}}}` with the keys in this order.
///
/// `data` must be valid JSON and is taken as it is but for raw line breaks. `offset` 0 is left out: the
/// publication then has no place in the log.
pub fn push_publication(channel: &str, data: &str, offset: u64) -> Vec<u8> {
    let mut out = open(channel, "pub", data.len());
    out.extend_from_slice(b"{\"data\":");
    json::append_raw(&mut out, data);
    if offset != 0 {
        out.extend_from_slice(b",\"offset\":");
        json::append(&mut out, &offset);
    }
    out.push(b'}');
    close(out)
}

/// The same for a publication that says more of itself, such as who made it.
pub fn push_publication_with(channel: &str, publication: &Publication) -> Vec<u8> {
    let mut out = open(channel, "pub", publication.data.get().len());
    json::append(&mut out, publication);
    close(out)
}

/// A connection has subscribed to `channel`; it gets its own join too, after its subscribe reply.
pub fn push_join(channel: &str, info: &ClientInfo) -> Vec<u8> {
    push_info(channel, "join", info)
}

/// A connection is no longer subscribed to `channel`.
pub fn push_leave(channel: &str, info: &ClientInfo) -> Vec<u8> {
    push_info(channel, "leave", info)
}

/// The server has ended this connection's subscription to `channel`.
pub fn push_unsubscribe(channel: &str, why: Unsubscribe) -> Vec<u8> {
    let mut out = open(channel, "unsubscribe", 0);
    code_and_reason(&mut out, why.code(), why.reason());
    out.push(b'}');
    close(out)
}

/// The server has subscribed this connection to `channel`.
pub fn push_subscribe(channel: &str, subscription: &SubscribePush) -> Vec<u8> {
    let mut out = open(channel, "subscribe", 0);
    json::append(&mut out, subscription);
    close(out)
}

/// The application tells this connection something outside of any channel.
pub fn push_message(data: &RawValue) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.get().len() + FRAME);
    out.extend_from_slice(b"{\"push\":{\"message\":{\"data\":");
    json::append_raw(&mut out, data.get());
    out.push(b'}');
    close(out)
}

/// The server ends the connection. Only for transports without a close frame: a WebSocket is closed with the
/// code and the reason instead.
pub fn push_disconnect(why: Disconnect) -> Vec<u8> {
    let mut out = Vec::with_capacity(FRAME);
    out.extend_from_slice(b"{\"push\":{\"disconnect\":");
    code_and_reason(&mut out, u32::from(why.code()), why.reason());
    if why.reconnects() {
        out.extend_from_slice(b",\"reconnect\":true");
    }
    out.push(b'}');
    close(out)
}

/// A subscription that the server has made, in a push.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubscribePush {
    /// Whether the client may recover later; needs an `epoch` that is not empty.
    #[serde(skip_serializing_if = "is_zero")]
    pub recoverable: bool,
    /// Which log it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// The log's newest offset.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: u64,
    /// Whether the server watches the client's position.
    #[serde(skip_serializing_if = "is_zero")]
    pub positioned: bool,
    /// Anything the application wants to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl Plain for SubscribePush {}

fn push_info(channel: &str, kind: &str, info: &ClientInfo) -> Vec<u8> {
    let mut out = open(channel, kind, 0);
    out.extend_from_slice(b"{\"info\":");
    json::append(&mut out, info);
    out.push(b'}');
    close(out)
}

fn open(channel: &str, kind: &str, payload: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(channel.len() + payload + FRAME);
    out.extend_from_slice(b"{\"push\":{\"channel\":");
    json::append(&mut out, channel);
    out.extend_from_slice(b",\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\":");
    out
}

fn code_and_reason(out: &mut Vec<u8>, code: u32, reason: &str) {
    out.extend_from_slice(b"{\"code\":");
    json::append(out, &code);
    out.extend_from_slice(b",\"reason\":");
    json::append(out, reason);
}

fn close(mut out: Vec<u8>) -> Vec<u8> {
    out.extend_from_slice(b"}}");
    out
}
