//! `GET /connection/websocket`: the client protocol, from the handshake to the accepted connect command.

use std::collections::VecDeque;
use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use chat_core::{AuthError, Channel, Identity, Timestamp};
use chat_proto::{
    Command, ConnectRequest, ConnectResult, Disconnect, ReplyBody, Request, SubscribeResult, decode_frame,
};

use crate::SocketSettings;
use crate::closing::End;
use crate::commands::{frame, token_expired, unavailable};
use crate::connection::{Connection, Pings};
use crate::format::channel_name;
use crate::handshake::{origin_allowed, query, token};
use crate::session::Session;
use crate::socket::Reader;
use crate::takeover::accept;
use crate::wire::Wire;
use crate::worker::Seat;

/// What a client may offer as the subprotocol; none means the same.
const PROTOCOL: &str = "centrifuge-json";

/// Answers the handshake and leaves the connection to a task of its own.
pub(crate) async fn open(
    req: HttpRequest,
    payload: web::Payload,
    seat: web::Data<Seat>,
) -> Result<HttpResponse, actix_web::Error> {
    let sockets = &seat.sockets;
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
    accept(&req, payload, &seat, &[PROTOCOL], Wire::Lines, pings, async move |connection, reader| {
        connect(connection, reader, credentials).await
    })
}

/// Waits for the connect command and carries it out (client protocol, section 4).
async fn connect(
    connection: &Rc<Connection>,
    reader: &mut Reader,
    credentials: Option<String>,
) -> Result<Session, End> {
    let text = connection.next(reader).await?;
    let mut commands = decode(&text).map_err(End::Close)?;
    let Some(Command { id, request: Request::Connect(request) }) = commands.pop_front() else {
        return Err(End::Close(Disconnect::BadRequest));
    };
    match connection.unless_over(reader, judge(connection, id, request, credentials)).await? {
        Verdict::Accepted(identity) => accepted(connection, id, *identity, commands),
        Verdict::Close(why) => Err(End::Close(why)),
        Verdict::Refused(reply) => {
            connection.greet(&reply);
            // Another command is a mistake now, and silence has an end.
            connection.next(reader).await?;
            Err(End::Close(Disconnect::BadRequest))
        }
    }
}

/// What became of a connect command.
enum Verdict {
    Accepted(Box<Identity>),
    /// An error reply; the connection can do nothing more.
    Refused(Bytes),
    Close(Disconnect),
}

/// Finds out who it is.
async fn judge(
    connection: &Connection,
    id: u32,
    request: ConnectRequest,
    credentials: Option<String>,
) -> Verdict {
    let given = Some(request.token).filter(|token| !token.is_empty());
    let Some(token) = given.or(credentials) else {
        return Verdict::Close(Disconnect::BadRequest);
    };
    match connection.worker.sockets.0.authenticator.authenticate(&token).await {
        Ok(identity) => Verdict::Accepted(Box::new(identity)),
        Err(AuthError::Expired) => Verdict::Refused(token_expired(id)),
        Err(AuthError::Unavailable) => Verdict::Refused(unavailable(id)),
        Err(_) => Verdict::Close(Disconnect::InvalidToken),
    }
}

/// Enters it into the hub, and replies before anything can be pushed.
fn accepted(
    connection: &Rc<Connection>,
    id: u32,
    identity: Identity,
    rest: VecDeque<Command>,
) -> Result<Session, End> {
    let sockets = &connection.worker.sockets;
    let settings = sockets.settings();
    let expires_at = identity.expires_at;
    let registered = connection.enter(identity, sockets.0.native.clone())?;
    let known = &registered.0.connection;

    let commands = connection.pings == Pings::Commands;
    let own = channel_name(&Channel::User(known.user().id));
    let result = ConnectResult {
        client: known.client().to_owned(),
        version: settings.version.clone(),
        expires: expires_at.is_some(),
        ttl: expires_at.map_or(0, ttl_seconds),
        subs: [(own, SubscribeResult::default())].into(),
        ping: if commands { whole_seconds(settings) } else { 0 },
        pong: commands,
        ..ConnectResult::default()
    };
    connection.greet(&frame(id, ReplyBody::Connect(result)));
    Ok(Session::new(registered, connection.clone(), rest))
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

/// What clients are told of the ping interval, at least a second.
fn whole_seconds(settings: &SocketSettings) -> u32 {
    u32::try_from(settings.ping.as_secs().max(1)).unwrap_or(u32::MAX)
}
