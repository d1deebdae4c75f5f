//! `GET /ws/joinRoom/{room}`: the room socket of the classic API. A text frame is a message; each object that
//! comes is one of the room's.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use bytestring::ByteString;
use chat_core::{
    AuthError, ChatError, Connection, EventBody, Message, NewMessage, Profile, Range, Recovery, RoomId,
    RoomKind, SessionId, Since, Timestamp, UserId,
};
use chat_json::{CallError, ErrorKind};
use chat_proto::Disconnect;
use tokio::time::{Instant, sleep_until};

use crate::error::disconnect;
use crate::format::{classic_frame, classic_message};
use crate::handshake::{origin_allowed, query, token};
use crate::session::Registered;
use crate::timers::{Due, Timers};
use crate::transport::{End, Gone, Incoming, Reader, Writer, upgrade};
use crate::{Sockets, commands, native};

/// Answers the handshake, or says why not; makes the caller a member of a public room; and leaves the
/// connection to a task of its own.
pub(crate) async fn open(
    req: HttpRequest,
    payload: web::Payload,
    path: web::Path<String>,
    sockets: web::Data<Sockets>,
) -> Result<HttpResponse, actix_web::Error> {
    let settings = sockets.settings();
    if !origin_allowed(&req, &settings.origins) {
        return Ok(refusal(HttpResponse::Forbidden(), "this origin may not open sockets"));
    }
    let (profile, session, expires_at) = match caller(&req, &sockets).await {
        Ok(caller) => caller,
        Err(refused) => return Ok(refused),
    };
    let Ok(room) = path.parse::<RoomId>() else {
        return Ok(refusal(HttpResponse::NotFound(), "room not found"));
    };
    let history = match query(&req, "history").map(|number| number.parse::<usize>()) {
        None => 0,
        Some(Ok(number)) => number.min(settings.classic.history_max),
        Some(Err(_)) => return Ok(refusal(HttpResponse::BadRequest(), "history must be a whole number")),
    };
    if let Err(error) = enter(&sockets, &profile, &room).await {
        return Ok(refused(error));
    }
    let (response, reader, writer) = upgrade(&req, payload, &[], settings)?;
    let sockets = sockets.get_ref().clone();
    actix_web::rt::spawn(async move {
        let Ok(connection) = sockets.chat().hub().connect(profile, session, sockets.0.classic.clone()) else {
            return writer.end(End::Close(Disconnect::ConnectionLimit), reader).await;
        };
        let expires = expires_at.map(|end| native::expiry(end, sockets.settings()));
        let timers = Timers::new(sockets.settings(), expires);
        RoomSocket { sockets, connection, room, reader, writer, timers }.run(history).await;
    });
    Ok(response)
}

/// Who calls, and the session and end of their token.
type Caller = (Profile, Option<SessionId>, Option<Timestamp>);

async fn caller(req: &HttpRequest, sockets: &Sockets) -> Result<Caller, HttpResponse> {
    if sockets.settings().classic.trust_query {
        return trusted(req).map(|profile| (profile, None, None)).ok_or_else(|| {
            refusal(HttpResponse::BadRequest(), "userId must be a number above 0, and username a name")
        });
    }
    let unauthorized = || refusal(HttpResponse::Unauthorized(), "unauthorized");
    let token = token(req).ok_or_else(unauthorized)?;
    match sockets.0.authenticator.authenticate(&token).await {
        Ok(identity) => Ok((identity.profile, identity.session, identity.expires_at)),
        Err(AuthError::Unavailable) => {
            Err(refusal(HttpResponse::ServiceUnavailable(), "the accounts are unavailable: try again"))
        }
        Err(_) => Err(unauthorized()),
    }
}

/// Whoever the address says.
fn trusted(req: &HttpRequest) -> Option<Profile> {
    let id: UserId = query(req, "userId")?.parse().ok()?;
    let username = query(req, "username")?;
    if chat_core::rules::check_name("username", &username, 64).is_some() {
        return None;
    }
    Some(Profile { id, display_name: username.clone(), username })
}

/// Classic clients know no membership: whoever opens the socket of a public room is made a member.
async fn enter(sockets: &Sockets, caller: &Profile, room: &RoomId) -> Result<(), ChatError> {
    let access = sockets.chat().room(caller, room).await?;
    if access.role.is_none() && access.room.kind == RoomKind::Public {
        sockets.chat().join(caller, room).await?;
    }
    Ok(())
}

fn refused(error: ChatError) -> HttpResponse {
    let error = CallError::from(error);
    let answer = match error.kind {
        ErrorKind::NotFound => return refusal(HttpResponse::NotFound(), "room not found"),
        ErrorKind::Unavailable => HttpResponse::ServiceUnavailable(),
        ErrorKind::Conflict => HttpResponse::Conflict(),
        ErrorKind::TooManyRequests => HttpResponse::TooManyRequests(),
        ErrorKind::Unauthorized => HttpResponse::Unauthorized(),
        ErrorKind::Forbidden => HttpResponse::Forbidden(),
        ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::TooLarge | ErrorKind::UnknownMethod => {
            HttpResponse::BadRequest()
        }
    };
    refusal(answer, &error.detail)
}

fn refusal(mut answer: actix_web::HttpResponseBuilder, why: &str) -> HttpResponse {
    answer.json(serde_json::json!({ "error": why }))
}

/// The connection's task and its state.
struct RoomSocket {
    sockets: Sockets,
    connection: Arc<Connection>,
    room: RoomId,
    reader: Reader,
    writer: Writer,
    timers: Timers,
}

impl RoomSocket {
    async fn run(mut self, history: usize) {
        let caller =
            commands::Caller { chat: self.sockets.chat().clone(), connection: self.connection.clone() };
        let registered = Registered(caller);
        let end = match self.subscribe(history).await {
            Ok(()) => self.serve().await,
            Err(_) => End::Close(Disconnect::ServerError),
        };
        drop(registered);
        self.writer.end(end, self.reader).await;
    }

    /// Begins with the last messages, if they are asked for; no message falls between them and the first live
    /// one.
    async fn subscribe(&mut self, history: usize) -> Result<(), ChatError> {
        let (chat, caller) = (self.sockets.chat(), self.connection.user());
        let end = chat.room(caller, &self.room).await?.room.position();
        let past = if history > 0 {
            let range = Range::Before(end.offset.next());
            chat.messages(caller, &self.room, range, history).await?
        } else {
            Vec::new()
        };
        let since = Since { offset: end.offset, epoch: Some(end.epoch) };
        chat.subscribe(&self.connection, &self.room, Some(since), true, |subscribed| {
            let since: &[_] = match &subscribed.recovery {
                Recovery::Recovered(events) => events,
                Recovery::NotAsked | Recovery::Impossible => &[],
            };
            let since = since.iter().filter_map(|event| match &event.body {
                EventBody::MessageCreated(message) => Some(&**message),
                EventBody::MemberJoined(_)
                | EventBody::MemberLeft(_)
                | EventBody::MemberChanged(_)
                | EventBody::RoomChanged { .. }
                | EventBody::RoomDeleted => None,
            });
            Ok(lines(past.iter().chain(since)))
        })
        .await
    }

    async fn serve(&mut self) -> End {
        loop {
            if let Err(end) = self.turn().await {
                return end;
            }
            if !self.subscribed() {
                // Removed, or the room deleted: the classic wire has no word for it.
                return End::Close(Disconnect::PermissionDenied);
            }
        }
    }

    /// Waits for one thing and does it.
    async fn turn(&mut self) -> Result<(), End> {
        let mut batch = Vec::new();
        tokio::select! {
            () = sleep_until(self.timers.next()) => match self.timers.due(Instant::now()) {
                Some(Due::Close(why)) => return Err(End::Close(why)),
                Some(Due::Ping) => self.writer.ping().await?,
                None => {}
            },
            waiting = self.connection.outbox.next(&mut batch) => match waiting {
                Ok(()) => self.write(batch).await?,
                Err(reason) => return Err(End::Close(disconnect(reason))),
            },
            incoming = self.reader.next() => match incoming {
                Incoming::Text(text) => self.send(&text).await,
                Incoming::Pong => drop(self.timers.pong()),
                Incoming::Binary => return Err(End::Close(Disconnect::InappropriateProtocol)),
                Incoming::Over => return Err(End::Gone),
                Incoming::Broken(reason) => return Err(End::Broken(reason)),
            },
        }
        Ok(())
    }

    fn subscribed(&self) -> bool {
        let channel = chat_core::Channel::Room(self.room.clone());
        self.sockets.chat().hub().is_subscribed(&self.connection, &channel)
    }

    /// Sends a message. The classic wire has no answer to it, so a refusal is told in the form of a message to
    /// this client alone. One that sends too fast waits instead.
    async fn send(&mut self, text: &str) {
        loop {
            let message = NewMessage { text: text.to_owned(), ..NewMessage::default() };
            let sent = self.sockets.chat().send(self.connection.user(), &self.room, message).await;
            match sent {
                Ok(_) => return,
                Err(ChatError::TooManyRequests { retry_after }) => {
                    tokio::time::sleep(retry_after.min(LONGEST_PAUSE)).await;
                }
                Err(error) => {
                    let content = format!("message not sent: {}", CallError::from(error).detail);
                    return self.connection.outbox.push(classic_frame(&self.room, &content, "").into());
                }
            }
        }
    }

    /// Writes all that waits, one object a message.
    async fn write(&mut self, batch: Vec<Bytes>) -> Result<(), Gone> {
        for frame in batch {
            let text = ByteString::try_from(frame).unwrap_or_default();
            for line in text.lines() {
                self.writer.text(line.into(), &self.connection.outbox).await?;
            }
        }
        Ok(())
    }
}

/// How long a message that came too fast waits before it is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Messages, one object a line, as one frame of the outbox.
fn lines<'a>(messages: impl Iterator<Item = &'a Message>) -> Bytes {
    let lines: Vec<String> = messages.map(classic_message).collect();
    lines.join("\n").into()
}
