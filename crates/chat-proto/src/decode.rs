//! From a WebSocket text message to commands (client protocol, sections 2 and 3).

use serde::Deserialize;
use serde_json::StreamDeserializer;
use serde_json::de::StrRead;
use serde_json::error::Category;

use crate::codes::Disconnect;
use crate::request::{
    Command, ConnectRequest, HistoryRequest, Object, PresenceRequest, PresenceStatsRequest, PublishRequest,
    RefreshRequest, Request, RpcRequest, SendRequest, SubRefreshRequest, SubscribeRequest,
    UnsubscribeRequest, nullable, object,
};

/// What made a frame unacceptable; always answered with disconnect 3501. No payload is in it, so that it can
/// be logged. Commands are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame holds no command.
    #[error("the frame is empty")]
    Empty,
    /// A command cannot be read.
    #[error("command {command} of the frame {fault}, at line {line} column {column}")]
    Json {
        /// Which command of the frame.
        command: usize,
        /// In which way.
        fault: JsonFault,
        /// Line of the frame, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
    },
    /// A command has an id but asks nothing that we know.
    #[error("command with id {id} has no known request")]
    UnknownRequest {
        /// The command's id.
        id: u32,
    },
    /// A command that must be answered has no id: the request beside a `send` that goes before it.
    #[error("a {request} command has no id")]
    MissingId {
        /// The command's name on the wire.
        request: &'static str,
    },
    /// A command names no channel and must.
    #[error("{request} command with id {id} names no channel")]
    MissingChannel {
        /// The command's id.
        id: u32,
        /// The command's name on the wire.
        request: &'static str,
    },
}

impl FrameError {
    /// How the connection ends.
    pub const fn disconnect(&self) -> Disconnect {
        Disconnect::BadRequest
    }
}

/// In which way a command cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// It is not JSON.
    #[error("is not JSON")]
    Syntax,
    /// It is JSON, but a value has the wrong type, is out of range, or is given twice.
    #[error("has a wrong value")]
    Value,
    /// It ends too early.
    #[error("is cut off")]
    Truncated,
}

/// Reads the commands of one WebSocket text message, in order and on demand: what stands before a broken
/// command still counts, as in the reference. Gives at least one item; after an error there is nothing more.
///
/// Commands stand on a line each; any JSON whitespace between and inside them is accepted. Nesting costs no
/// stack: what is not understood is skipped or kept as text. The frame's size is for the caller to bound.
///
/// `collect::<Result<Vec<_>, _>>()` takes all or nothing.
pub fn decode_frame(text: &str) -> Commands<'_> {
    Commands { stream: serde_json::Deserializer::from_str(text).into_iter(), read: 0, failed: false }
}

/// The commands of a frame; see [`decode_frame`].
pub struct Commands<'a> {
    stream: StreamDeserializer<'a, StrRead<'a>, Object<Envelope>>,
    read: usize,
    failed: bool,
}

impl Iterator for Commands<'_> {
    type Item = Result<Command, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = match self.stream.next() {
            None if self.read > 0 => return None,
            None => Err(FrameError::Empty),
            Some(Ok(Object(envelope))) => envelope.into_command(),
            Some(Err(error)) => Err(FrameError::Json {
                command: self.read + 1,
                fault: match error.classify() {
                    Category::Data => JsonFault::Value,
                    Category::Eof => JsonFault::Truncated,
                    Category::Syntax | Category::Io => JsonFault::Syntax,
                },
                line: error.line(),
                column: error.column(),
            }),
        };
        self.read += 1;
        self.failed = result.is_err();
        Some(result)
    }
}

impl std::iter::FusedIterator for Commands<'_> {}

/// A command as it stands on the wire, where nothing keeps a client from filling in several requests.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "nullable")]
    id: u32,
    #[serde(deserialize_with = "object")]
    connect: Option<ConnectRequest>,
    #[serde(deserialize_with = "object")]
    subscribe: Option<SubscribeRequest>,
    #[serde(deserialize_with = "object")]
    unsubscribe: Option<UnsubscribeRequest>,
    #[serde(deserialize_with = "object")]
    publish: Option<PublishRequest>,
    #[serde(deserialize_with = "object")]
    presence: Option<PresenceRequest>,
    #[serde(deserialize_with = "object")]
    presence_stats: Option<PresenceStatsRequest>,
    #[serde(deserialize_with = "object")]
    history: Option<HistoryRequest>,
    #[serde(deserialize_with = "object")]
    rpc: Option<RpcRequest>,
    #[serde(deserialize_with = "object")]
    send: Option<SendRequest>,
    #[serde(deserialize_with = "object")]
    refresh: Option<RefreshRequest>,
    #[serde(deserialize_with = "object")]
    sub_refresh: Option<SubRefreshRequest>,
}

impl Envelope {
    fn into_command(self) -> Result<Command, FrameError> {
        let id = self.id;
        if id == 0 && self.send.is_none() {
            return Ok(Command { id, request: Request::Pong });
        }
        // The protocol's order: the first one counts.
        let request = None
            .or(self.connect.map(Request::Connect))
            .or(self.subscribe.map(Request::Subscribe))
            .or(self.unsubscribe.map(Request::Unsubscribe))
            .or(self.publish.map(Request::Publish))
            .or(self.presence.map(Request::Presence))
            .or(self.presence_stats.map(Request::PresenceStats))
            .or(self.history.map(Request::History))
            .or(self.rpc.map(Request::Rpc))
            .or(self.send.map(Request::Send))
            .or(self.refresh.map(Request::Refresh))
            .or(self.sub_refresh.map(Request::SubRefresh))
            .ok_or(FrameError::UnknownRequest { id })?;
        if id == 0 && !matches!(request, Request::Send(_)) {
            return Err(FrameError::MissingId { request: request.name() });
        }
        if request.channel().is_some_and(str::is_empty) {
            return Err(FrameError::MissingChannel { id, request: request.name() });
        }
        Ok(Command { id, request })
    }
}
