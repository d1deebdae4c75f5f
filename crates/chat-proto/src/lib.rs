//! The client protocol (Centrifuge v2) in JSON as pure data: commands in, replies and pushes out, and the
//! codes they carry. There are no sockets, no timers and no state here: who may do what, and when, is the
//! business of whoever owns the connection.
//!
//! - [`decode_frame`] turns one WebSocket text message into [`Command`]s.
//! - [`Reply`] answers a command; the `push_*` functions write what the server sends unasked; [`PING`] is the
//!   server's ping. Each gives one line of compact JSON without a newline at its end; the lines of one
//!   WebSocket message are joined with a newline.
//! - [`ErrorCode`], [`Unsubscribe`] and [`Disconnect`] are the tables of codes.
//!
//! ```
//! use chat_proto::{ErrorCode, Reply, ReplyBody, Request, decode_frame, push_publication};
//!
//! let frame = "{\"id\":1,\"subscribe\":{\"channel\":\"room:den\"}}\n{\"id\":2,\"rpc\":{\"method\":\"nap\"}}";
//! for command in decode_frame(frame) {
//!     let command = command?;
//!     let body = match command.request {
//!         Request::Subscribe(_) => ReplyBody::Subscribe(Default::default()),
//!         _ => ReplyBody::Error(ErrorCode::MethodNotFound.into()),
//!     };
//!     let line: Vec<u8> = Reply { id: command.id, body }.encode();
//!     assert!(line.starts_with(b"{\"id\":"));
//! }
//!
//! let line = push_publication("room:den", r#"{"text":"hi"}"#, 7);
//! assert_eq!(line, br#"{"push":{"channel":"room:den","pub":{"data":{"text":"hi"},"offset":7}}}"#);
//! # Ok::<(), chat_proto::FrameError>(())
//! ```

mod codes;
mod decode;
mod json;
pub mod limits;
mod push;
mod reply;
mod request;

pub use codes::{Disconnect, ErrorBody, ErrorCode, Unsubscribe};
pub use decode::{Commands, FrameError, JsonFault, decode_frame};
pub use push::{
    PING, SubscribePush, push_disconnect, push_join, push_leave, push_message, push_publication,
    push_publication_with, push_subscribe, push_unsubscribe,
};
pub use reply::{
    ClientInfo, ConnectResult, HistoryResult, PresenceResult, PresenceStatsResult, Publication,
    RefreshResult, Reply, ReplyBody, RpcResult, SubRefreshResult, SubscribeResult,
};
pub use request::{
    Command, ConnectRequest, ConnectSub, HistoryRequest, Position, PresenceRequest, PresenceStatsRequest,
    PublishRequest, RefreshRequest, Request, RpcRequest, SendRequest, SubRefreshRequest, SubscribeRequest,
    UnsubscribeRequest, subscribe_flag,
};
/// One JSON value kept as the text it came as: the `bytes` fields of the schema.
pub use serde_json::value::{RawValue, to_raw_value};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
