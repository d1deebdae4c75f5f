//! What a client may ask (client protocol, sections 3 to 5, 11 and 12).
//!
//! Fields that only delta, maps and shared polls need are not read. As in the reference, `null` stands for
//! an absent field, except where a field takes any JSON. None of these types but the outer two can be
//! printed, and those print no payload: tokens and texts stay out of logs.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One command of a client.
pub struct Command {
    /// What the reply must carry; 0 for a pong, and for a send that gives none.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// What a command asks.
pub enum Request {
    /// Sign in; the first command of a connection.
    Connect(ConnectRequest),
    /// Take interest in a channel.
    Subscribe(SubscribeRequest),
    /// Lose it.
    Unsubscribe(UnsubscribeRequest),
    /// Say something in a channel.
    Publish(PublishRequest),
    /// Who is in a channel.
    Presence(PresenceRequest),
    /// How many are in a channel.
    PresenceStats(PresenceStatsRequest),
    /// What was said in a channel.
    History(HistoryRequest),
    /// Call a method of the application.
    Rpc(RpcRequest),
    /// Tell the application something; never answered.
    Send(SendRequest),
    /// Prolong the connection with a new token.
    Refresh(RefreshRequest),
    /// Prolong a subscription with a new token.
    SubRefresh(SubRefreshRequest),
    /// The answer to a ping; never answered.
    Pong,
}

impl Request {
    /// The command's name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Subscribe(_) => "subscribe",
            Self::Unsubscribe(_) => "unsubscribe",
            Self::Publish(_) => "publish",
            Self::Presence(_) => "presence",
            Self::PresenceStats(_) => "presence_stats",
            Self::History(_) => "history",
            Self::Rpc(_) => "rpc",
            Self::Send(_) => "send",
            Self::Refresh(_) => "refresh",
            Self::SubRefresh(_) => "sub_refresh",
            Self::Pong => "pong",
        }
    }

    /// The channel it is about, for the commands that must name one.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Subscribe(request) => Some(&request.channel),
            Self::Unsubscribe(request) => Some(&request.channel),
            Self::Publish(request) => Some(&request.channel),
            Self::Presence(request) => Some(&request.channel),
            Self::PresenceStats(request) => Some(&request.channel),
            Self::History(request) => Some(&request.channel),
            Self::SubRefresh(request) => Some(&request.channel),
            Self::Connect(_) | Self::Rpc(_) | Self::Send(_) | Self::Refresh(_) | Self::Pong => None,
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("id", &self.id).field("request", &self.request).finish()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.channel() {
            Some(channel) => write!(f, "{}({channel:?})", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// `connect`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct ConnectRequest {
    /// The access token; empty for none.
    #[serde(deserialize_with = "nullable")]
    pub token: String,
    /// Anything the application wants to know.
    #[serde(deserialize_with = "raw")]
    pub data: Option<Box<RawValue>>,
    /// Which SDK, for metrics; at most 16 characters by convention.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Which version of it, for metrics; at most 64 characters by convention.
    #[serde(deserialize_with = "nullable")]
    pub version: String,
    /// HTTP headers that a browser could not set.
    #[serde(deserialize_with = "nullable")]
    pub headers: BTreeMap<String, String>,
    /// On a reconnect: where the client is in the subscriptions that the server makes, by channel.
    #[serde(deserialize_with = "subs")]
    pub subs: BTreeMap<String, ConnectSub>,
}

/// A client's place in a subscription made by the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct ConnectSub {
    /// Whether it wants what it missed since.
    #[serde(deserialize_with = "nullable")]
    pub recover: bool,
    /// The last offset it has.
    #[serde(deserialize_with = "nullable")]
    pub offset: u64,
    /// Of which log; empty for unknown.
    #[serde(deserialize_with = "nullable")]
    pub epoch: String,
}

/// `subscribe`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct SubscribeRequest {
    /// The channel, not empty; its length is for the server to check.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
    /// The subscription token; empty for none.
    #[serde(deserialize_with = "nullable")]
    pub token: String,
    /// Anything the application wants to know.
    #[serde(deserialize_with = "raw")]
    pub data: Option<Box<RawValue>>,
    /// Whether the client wants what it missed since `offset`.
    #[serde(deserialize_with = "nullable")]
    pub recover: bool,
    /// Of which log `offset` is; empty for unknown, `_` for one that never matches.
    #[serde(deserialize_with = "nullable")]
    pub epoch: String,
    /// The last offset the client has.
    #[serde(deserialize_with = "nullable")]
    pub offset: u64,
    /// Asks the server to watch the client's position.
    #[serde(deserialize_with = "nullable")]
    pub positioned: bool,
    /// Asks for a subscription that can be recovered.
    #[serde(deserialize_with = "nullable")]
    pub recoverable: bool,
    /// Asks for join and leave pushes.
    #[serde(deserialize_with = "nullable")]
    pub join_leave: bool,
    /// Asks for deltas: empty for none, or `fossil`.
    #[serde(deserialize_with = "nullable")]
    pub delta: String,
    /// A filter by tags, unread.
    #[serde(deserialize_with = "nullable")]
    pub tf: Option<Box<RawValue>>,
    /// Bits of [`subscribe_flag`]; unknown ones are to be ignored.
    #[serde(deserialize_with = "nullable")]
    pub flag: i64,
    /// What kind of subscription: 0 for a stream, the only one served.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: i32,
}

/// The bits of [`SubscribeRequest::flag`].
pub mod subscribe_flag {
    /// The client can take numbers for channel names.
    pub const CHANNEL_COMPACTION: i64 = 1;
    /// Error 112, not a subscription, if the position cannot be recovered.
    pub const REJECT_UNRECOVERED: i64 = 2;
}

/// `unsubscribe`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct UnsubscribeRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
}

/// `publish`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct PublishRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
    /// What to say.
    #[serde(deserialize_with = "raw")]
    pub data: Option<Box<RawValue>>,
}

/// `presence`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct PresenceRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
}

/// `presence_stats`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct PresenceStatsRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
}

/// `history`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct HistoryRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
    /// How many: 0 for the position alone, below 0 for as many as the server gives.
    #[serde(deserialize_with = "nullable")]
    pub limit: i32,
    /// Where to start, itself not included; absent for the log's end that the direction starts at.
    #[serde(deserialize_with = "object")]
    pub since: Option<Position>,
    /// Newest first.
    #[serde(deserialize_with = "nullable")]
    pub reverse: bool,
}

/// A place in a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Position {
    /// The place.
    #[serde(deserialize_with = "nullable")]
    pub offset: u64,
    /// Of which log; empty for whichever it is now.
    #[serde(deserialize_with = "nullable")]
    pub epoch: String,
}

/// `rpc`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct RpcRequest {
    /// Which call.
    #[serde(deserialize_with = "nullable")]
    pub method: String,
    /// Its arguments.
    #[serde(deserialize_with = "raw")]
    pub data: Option<Box<RawValue>>,
}

/// `send`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct SendRequest {
    /// What is told.
    #[serde(deserialize_with = "raw")]
    pub data: Option<Box<RawValue>>,
}

/// `refresh`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct RefreshRequest {
    /// The new token.
    #[serde(deserialize_with = "nullable")]
    pub token: String,
}

/// `sub_refresh`.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct SubRefreshRequest {
    /// The channel, not empty.
    #[serde(deserialize_with = "nullable")]
    pub channel: String,
    /// The new token.
    #[serde(deserialize_with = "nullable")]
    pub token: String,
}

/// A field that `null` leaves at its default.
pub(crate) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A field of any JSON, in which `null` is a value.
fn raw<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(from).map(Some)
}

/// An optional object.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(from)?.map(|Object(value)| value))
}

fn subs<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, ConnectSub>, D::Error> {
    let subs: BTreeMap<String, Object<ConnectSub>> = nullable(from)?;
    Ok(subs.into_iter().map(|(channel, Object(sub))| (channel, sub)).collect())
}

/// Reads `T` from an object only. Derived code would take an array for a struct too, and so `[]` for a pong.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        from.deserialize_map(Fields(PhantomData)).map(Object)
    }
}
