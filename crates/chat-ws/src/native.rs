//! `GET /connection/websocket`: the client protocol, from the handshake to the accepted connect command.

use std::collections::VecDeque;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use bytestring::ByteString;
use chat_core::{AuthError, Channel, Connection, Timestamp};
use chat_proto::{
    Command, ConnectRequest, ConnectResult, Disconnect, ReplyBody, Request, SubscribeResult, decode_frame,
};
use tokio::time::{Instant, timeout_at};

use crate::commands::{Caller, frame, token_expired, unavailable};
use crate::format::channel_name;
use crate::handshake::{origin_allowed, query, token};
use crate::session::Session;
use crate::timers::Timers;
use crate::transport::{End, Incoming, Reader, Writer, upgrade};
use crate::{SocketSettings, Sockets};

/// What a client may offer as the subprotocol; none means the same.
const PROTOCOL: &str = "centrifuge-json";

/// Answers the handshake and leaves the connection to a task of its own.
pub(crate) async fn open(
    req: HttpRequest,
    payload: web::Payload,
    sockets: web::Data<Sockets>,
) -> Result<HttpResponse, actix_web::Error> {
    if !origin_allowed(&req, &sockets.settings().origins) {
        return Ok(HttpResponse::Forbidden().body("this origin may not open sockets: see http.origins"));
    }
    let protobuf = |name| query(&req, name).as_deref() == Some("protobuf");
    let offered = req.headers().get_all("Sec-WebSocket-Protocol").filter_map(|value| value.to_str().ok());
    let offered: Vec<&str> = offered.flat_map(|value| value.split(',')).map(str::trim).collect();
    if protobuf("cf_protocol") || protobuf("format") || offered == ["centrifuge-protobuf"] {
        return Ok(HttpResponse::BadRequest().body("only the JSON form of the protocol is served"));
    }
    let pings = if query(&req, "cf_ws_frame_ping_pong").as_deref() == Some("true") {
        Pings::Frames
    } else {
        Pings::Commands
    };
    let credentials = token(&req);
    let (response, reader, writer) = upgrade(&req, payload, &[PROTOCOL], sockets.settings())?;
    let sockets = sockets.get_ref().clone();
    actix_web::rt::spawn(async move {
        let newcomer = Newcomer { sockets, reader, writer, credentials, pings };
        if let Some(session) = newcomer.connect().await {
            session.run().await;
        }
    });
    Ok(response)
}

/// How a connection is pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pings {
    /// By empty commands, as SDKs expect.
    Commands,
    /// By frames of WebSocket itself, for tools without an SDK.
    Frames,
}

/// A connection that has not said who it is.
struct Newcomer {
    sockets: Sockets,
    reader: Reader,
    writer: Writer,
    credentials: Option<String>,
    pings: Pings,
}

/// What became of a connect command.
enum Verdict {
    Accepted(Arc<Connection>, Option<Timestamp>),
    /// An error reply; the connection can do nothing more.
    Refused(bytes::Bytes),
    Close(Disconnect),
}

impl Newcomer {
    /// Waits for the connect command and carries it out; none when the connection has ended over it.
    async fn connect(mut self) -> Option<Session> {
        let stale = Instant::now() + self.sockets.settings().stale;
        let (id, request, rest) = match timeout_at(stale, self.first_command()).await {
            Ok(Ok(first)) => first,
            Ok(Err(end)) => return self.end(end).await,
            Err(_) => return self.end(End::Close(Disconnect::Stale)).await,
        };
        match self.judge(id, request).await {
            Verdict::Accepted(connection, expires_at) => Some(self.accept(id, connection, expires_at, rest)),
            Verdict::Close(why) => self.end(End::Close(why)).await,
            Verdict::Refused(reply) => self.refuse(reply, stale).await,
        }
    }

    /// The connect command, and what else its frame held.
    async fn first_command(&mut self) -> Result<(u32, ConnectRequest, VecDeque<Command>), End> {
        let text = loop {
            match self.reader.next().await {
                Incoming::Text(text) => break text,
                Incoming::Binary => return Err(End::Close(Disconnect::InappropriateProtocol)),
                Incoming::Pong => {}
                Incoming::Over => return Err(End::Gone),
                Incoming::Broken(reason) => return Err(End::Broken(reason)),
            }
        };
        let mut commands = decode(&text).map_err(End::Close)?;
        match commands.pop_front() {
            Some(Command { id, request: Request::Connect(request) }) => Ok((id, request, commands)),
            _ => Err(End::Close(Disconnect::BadRequest)),
        }
    }

    /// Finds out who it is (client protocol, section 4).
    async fn judge(&self, id: u32, request: ConnectRequest) -> Verdict {
        let given = Some(request.token).filter(|token| !token.is_empty());
        let Some(token) = given.or_else(|| self.credentials.clone()) else {
            return Verdict::Close(Disconnect::BadRequest);
        };
        let identity = match self.sockets.0.authenticator.authenticate(&token).await {
            Ok(identity) => identity,
            Err(AuthError::Expired) => return Verdict::Refused(token_expired(id)),
            Err(AuthError::Unavailable) => return Verdict::Refused(unavailable(id)),
            Err(_) => return Verdict::Close(Disconnect::InvalidToken),
        };
        let format = self.sockets.0.native.clone();
        match self.sockets.chat().hub().connect(identity.profile, identity.session, format) {
            Ok(connection) => Verdict::Accepted(connection, identity.expires_at),
            Err(_) => Verdict::Close(Disconnect::ConnectionLimit),
        }
    }

    /// Writes the reply, before anything can be pushed, and opens the user's own channel.
    fn accept(
        self,
        id: u32,
        connection: Arc<Connection>,
        expires_at: Option<Timestamp>,
        rest: VecDeque<Command>,
    ) -> Session {
        let settings = self.sockets.settings();
        let commands = self.pings == Pings::Commands;
        let own = channel_name(&Channel::User(connection.user().id));
        let result = ConnectResult {
            client: connection.client().to_owned(),
            version: settings.version.clone(),
            expires: expires_at.is_some(),
            ttl: expires_at.map_or(0, ttl_seconds),
            subs: [(own, SubscribeResult::default())].into(),
            ping: if commands { whole_seconds(settings) } else { 0 },
            pong: commands,
            ..ConnectResult::default()
        };
        connection.outbox.push(frame(id, ReplyBody::Connect(result)));
        self.sockets.chat().hub().subscribe_to_user(&connection);
        let timers = Timers::new(settings, expires_at.map(|end| expiry(end, settings)));
        let caller = Caller { chat: self.sockets.chat().clone(), connection };
        Session::new(self.sockets.clone(), caller, self.reader, self.writer, timers, self.pings, rest)
    }

    /// Writes the error; another command is a mistake then, and silence has an end.
    async fn refuse(mut self, reply: bytes::Bytes, stale: Instant) -> Option<Session> {
        let outbox = chat_core::Outbox::new(usize::MAX);
        let Ok(text) = ByteString::try_from(reply) else { return None };
        if self.writer.text(text, &outbox).await.is_err() {
            return None;
        }
        match timeout_at(stale, self.reader.next()).await {
            Ok(Incoming::Over) => None,
            Ok(Incoming::Broken(reason)) => self.end(End::Broken(reason)).await,
            Ok(_) => self.end(End::Close(Disconnect::BadRequest)).await,
            Err(_) => self.end(End::Close(Disconnect::Stale)).await,
        }
    }

    async fn end(self, end: End) -> Option<Session> {
        self.writer.end(end, self.reader).await;
        None
    }
}

/// All commands of a frame. Where one of them is broken, none is carried out.
pub(crate) fn decode(text: &str) -> Result<VecDeque<Command>, Disconnect> {
    decode_frame(text).collect::<Result<_, _>>().map_err(|error| {
        log::debug!("a client sent a frame that is none: {error}");
        error.disconnect()
    })
}

/// How many whole seconds a token still lives; at least 1, for 0 means for ever.
pub(crate) fn ttl_seconds(end: Timestamp) -> u32 {
    let seconds = end.until(Timestamp::now()).as_secs().max(1);
    u32::try_from(seconds).unwrap_or(u32::MAX).min(chat_proto::limits::MAX_TTL_SECONDS)
}

/// When a connection whose token ends then is closed.
pub(crate) fn expiry(end: Timestamp, settings: &SocketSettings) -> Instant {
    Instant::now() + end.until(Timestamp::now()) + settings.expiry_grace
}

/// What clients are told of the ping interval, at least a second.
fn whole_seconds(settings: &SocketSettings) -> u32 {
    u32::try_from(settings.ping.as_secs().max(1)).unwrap_or(u32::MAX)
}
