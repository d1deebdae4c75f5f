//! What the server answers (client protocol, sections 3 to 5, 7, 11 and 12).
//!
//! Zero values are left out of the JSON, but for those the protocol always writes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::codes::ErrorBody;
use crate::json::{self, Plain, is_zero};

/// The answer to one command.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The command's id, above 0.
    pub id: u32,
    /// What came of it.
    pub body: ReplyBody,
}

/// A result, or an error.
#[derive(Clone, Debug)]
pub enum ReplyBody {
    /// The command failed.
    Error(ErrorBody),
    /// The client is connected.
    Connect(ConnectResult),
    /// The client is subscribed.
    Subscribe(SubscribeResult),
    /// It is no longer.
    Unsubscribe,
    /// What was said is said.
    Publish,
    /// Who is here.
    Presence(PresenceResult),
    /// How many are here.
    PresenceStats(PresenceStatsResult),
    /// What was said.
    History(HistoryResult),
    /// What the application answers.
    Rpc(RpcResult),
    /// The connection lives on.
    Refresh(RefreshResult),
    /// The subscription lives on.
    SubRefresh(SubRefreshResult),
}

impl Reply {
    /// An answer that the command failed.
    pub fn error(id: u32, error: impl Into<ErrorBody>) -> Self {
        Self { id, body: ReplyBody::Error(error.into()) }
    }

    /// The answer as one line of JSON.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        self.encode_into(&mut out);
        out
    }

    /// The same, appended to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let id = self.id;
        match &self.body {
            ReplyBody::Error(error) => reply(out, id, "error", error),
            ReplyBody::Connect(result) => reply(out, id, "connect", result),
            ReplyBody::Subscribe(result) => reply(out, id, "subscribe", result),
            ReplyBody::Unsubscribe => reply(out, id, "unsubscribe", &Empty {}),
            ReplyBody::Publish => reply(out, id, "publish", &Empty {}),
            ReplyBody::Presence(result) => reply(out, id, "presence", result),
            ReplyBody::PresenceStats(result) => reply(out, id, "presence_stats", result),
            ReplyBody::History(result) => reply(out, id, "history", result),
            ReplyBody::Rpc(result) => reply(out, id, "rpc", result),
            ReplyBody::Refresh(result) => reply(out, id, "refresh", result),
            ReplyBody::SubRefresh(result) => reply(out, id, "sub_refresh", result),
        }
    }
}

fn reply<T: Plain>(out: &mut Vec<u8>, id: u32, name: &str, result: &T) {
    out.extend_from_slice(b"{\"id\":");
    json::append(out, &id);
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    json::append(out, result);
    out.push(b'}');
}

/// A result without fields, which SDKs still look for.
#[derive(Serialize)]
struct Empty {}

/// The result of `connect`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConnectResult {
    /// The connection's id, unique and not empty (the Go SDK insists).
    pub client: String,
    /// The server's version, not empty (the Python SDK insists).
    pub version: String,
    /// Whether the client must refresh its token.
    #[serde(skip_serializing_if = "is_zero")]
    pub expires: bool,
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
    /// Anything the application wants to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// The subscriptions the server has made, by channel.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subs: BTreeMap<String, SubscribeResult>,
    /// Seconds between the server's pings; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub ping: u32,
    /// Whether the client must answer them.
    #[serde(skip_serializing_if = "is_zero")]
    pub pong: bool,
}

/// The result of `subscribe`, and what `connect` says of each subscription made by the server.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubscribeResult {
    /// Whether the client must refresh its subscription token.
    #[serde(skip_serializing_if = "is_zero")]
    pub expires: bool,
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
    /// Whether the client may recover later; needs an `epoch` that is not empty.
    #[serde(skip_serializing_if = "is_zero")]
    pub recoverable: bool,
    /// Which log it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// What was missed, oldest first and without a gap; empty unless `recovered`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Publication>,
    /// Whether `publications` is all that was missed.
    #[serde(skip_serializing_if = "is_zero")]
    pub recovered: bool,
    /// The offset the client asked to recover from if `recovered`, else the log's newest.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: u64,
    /// Whether the server watches the client's position.
    #[serde(skip_serializing_if = "is_zero")]
    pub positioned: bool,
    /// Anything the application wants to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// Whether the client had asked to recover.
    #[serde(skip_serializing_if = "is_zero")]
    pub was_recovering: bool,
}

/// The result of `presence`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PresenceResult {
    /// Who is here, by connection id.
    pub presence: BTreeMap<String, ClientInfo>,
}

/// The result of `presence_stats`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PresenceStatsResult {
    /// Connections.
    pub num_clients: u32,
    /// Different users among them; all anonymous ones count as one.
    pub num_users: u32,
}

/// The result of `history`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HistoryResult {
    /// The page, in the order asked for.
    pub publications: Vec<Publication>,
    /// Which log it is.
    pub epoch: String,
    /// The log's newest offset.
    pub offset: u64,
}

/// The result of `rpc`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RpcResult {
    /// What the application answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// The result of `refresh`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RefreshResult {
    /// The connection's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client: String,
    /// The server's version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Whether the new token ends too.
    #[serde(skip_serializing_if = "is_zero")]
    pub expires: bool,
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
}

/// The result of `sub_refresh`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SubRefreshResult {
    /// Whether the new token ends too.
    #[serde(skip_serializing_if = "is_zero")]
    pub expires: bool,
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
}

/// One thing said in a channel.
#[derive(Clone, Debug, Serialize)]
pub struct Publication {
    /// What.
    pub data: Box<RawValue>,
    /// By which connection, if the application wants it known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<ClientInfo>,
    /// Its place in the log, from 1 to [`MAX_OFFSET`](crate::limits::MAX_OFFSET); 0 if the channel has none.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: u64,
    /// Tags that filters can go by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// When, in milliseconds since the Unix epoch; 0 for untold.
    #[serde(skip_serializing_if = "is_zero")]
    pub time: i64,
}

impl Publication {
    /// A publication of `data` at `offset` and nothing else.
    pub fn new(data: Box<RawValue>, offset: u64) -> Self {
        Self { data, info: None, offset, tags: BTreeMap::new(), time: 0 }
    }
}

/// Who a connection is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClientInfo {
    /// The user's id; empty for anonymous.
    pub user: String,
    /// The connection's id.
    pub client: String,
    /// What the connection's token says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conn_info: Option<Box<RawValue>>,
    /// What the subscription's token says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chan_info: Option<Box<RawValue>>,
}

impl Plain for Empty {}
impl Plain for ConnectResult {}
impl Plain for SubscribeResult {}
impl Plain for PresenceResult {}
impl Plain for PresenceStatsResult {}
impl Plain for HistoryResult {}
impl Plain for RpcResult {}
impl Plain for RefreshResult {}
impl Plain for SubRefreshResult {}
impl Plain for Publication {}
impl Plain for ClientInfo {}
