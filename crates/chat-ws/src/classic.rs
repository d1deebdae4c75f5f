//! `GET /ws/joinRoom/{room}`: the room socket of the classic API. A text frame is a message; each object that
//! comes is one of the room's.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use bytestring::ByteString;
use chat_core::{
    AuthError, Chat, ChatError, Identity, Message, NewMessage, Profile, Range, Recovery, RoomId, RoomKind,
    Since, UserId,
};
use chat_json::{CallError, ErrorKind};
use chat_proto::Disconnect;
use futures_util::future::{BoxFuture, FutureExt};

use crate::closing::End;
use crate::connection::{Connection, Pings};
use crate::format::{classic_frame, classic_message};
use crate::handshake::{origin_allowed, query, token};
use crate::session::Registered;
use crate::socket::Reader;
use crate::takeover::accept;
use crate::task::Protocol;
use crate::wire::Wire;
use crate::worker::Seat;
use crate::{Sockets, commands};

/// Answers the handshake, or says why not; makes the caller a member of a public room; and leaves the
/// connection to a task of its own.
pub(crate) async fn open(
    req: HttpRequest,
    payload: web::Payload,
    path: web::Path<String>,
    seat: web::Data<Seat>,
) -> Result<HttpResponse, actix_web::Error> {
    let sockets = &seat.sockets;
    let settings = sockets.settings();
    if !origin_allowed(&req, &settings.origins) {
        return Ok(refusal(HttpResponse::Forbidden(), "this origin may not open sockets"));
    }
    let caller = match caller(&req, sockets).await {
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
    if let Err(error) = enter(sockets, &caller.profile, &room).await {
        return Ok(refused(error));
    }
    accept(&req, payload, &seat, &[], Wire::Objects, Pings::Frames, async move |connection, reader| {
        begin(connection, reader, caller, room, history).await
    })
}

/// Enters it into the hub and subscribes it.
async fn begin(
    connection: &Rc<Connection>,
    reader: &mut Reader,
    caller: Identity,
    room: RoomId,
    history: usize,
) -> Result<RoomSocket, End> {
    let registered = connection.enter(caller, connection.worker.sockets.0.classic.clone())?;
    match connection.unless_over(reader, subscribe(&registered.0, &room, history)).await? {
        Ok(()) => Ok(RoomSocket { registered, room, sending: None }),
        Err(_) => Err(End::Close(Disconnect::ServerError)),
    }
}

/// Begins with the last messages, if they are asked for; no message falls between them and the first live one.
async fn subscribe(caller: &commands::Caller, room: &RoomId, history: usize) -> Result<(), ChatError> {
    let commands::Caller { chat, connection } = caller;
    let user = connection.user();
    let end = chat.room(user, room).await?.room.position();
    let past = if history > 0 {
        chat.messages(user, room, Range::Before(end.offset.next()), history).await?
    } else {
        Vec::new()
    };
    let since = Since { offset: end.offset, epoch: Some(end.epoch) };
    chat.subscribe(connection, room, Some(since), true, |subscribed| {
        let since: &[_] = match &subscribed.recovery {
            Recovery::Recovered(events) => events,
            Recovery::NotAsked | Recovery::Impossible => &[],
        };
        let since = since.iter().filter_map(|event| event.created());
        Ok(lines(past.iter().chain(since)))
    })
    .await
}

/// Who calls.
async fn caller(req: &HttpRequest, sockets: &Sockets) -> Result<Identity, HttpResponse> {
    if sockets.settings().classic.trust_query {
        return trusted(req).ok_or_else(|| {
            refusal(HttpResponse::BadRequest(), "userId must be a number above 0, and username a name")
        });
    }
    let unauthorized = || refusal(HttpResponse::Unauthorized(), "unauthorized");
    let token = token(req).ok_or_else(unauthorized)?;
    match sockets.0.authenticator.authenticate(&token).await {
        Ok(identity) => Ok(identity),
        Err(AuthError::Unavailable) => {
            Err(refusal(HttpResponse::ServiceUnavailable(), "the accounts are unavailable: try again"))
        }
        Err(_) => Err(unauthorized()),
    }
}

/// Whoever the address says.
fn trusted(req: &HttpRequest) -> Option<Identity> {
    let id: UserId = query(req, "userId")?.parse().ok()?;
    let username = query(req, "username")?;
    if chat_core::rules::check_name("username", &username, 64).is_some() {
        return None;
    }
    let profile = Profile { id, display_name: username.clone(), username };
    Some(Identity { profile, session: None, expires_at: None })
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
        ErrorKind::Conflict | ErrorKind::Gone => HttpResponse::Conflict(),
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

/// The connection as its client sees it: a text is a message of the room.
struct RoomSocket {
    registered: Registered,
    room: RoomId,
    /// The message that is on its way; another is not read before.
    sending: Option<BoxFuture<'static, Option<Bytes>>>,
}

impl Protocol for RoomSocket {
    fn incoming(&mut self, text: &ByteString) -> Result<(), End> {
        let commands::Caller { chat, connection } = self.registered.0.clone();
        connection.touch();
        self.sending = Some(send(chat, connection, self.room.clone(), text.clone()).boxed());
        Ok(())
    }

    fn takes_more(&self) -> bool {
        self.sending.is_none()
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        let Some(sending) = &mut self.sending else { return Poll::Pending };
        let refusal = std::task::ready!(sending.as_mut().poll(cx));
        self.sending = None;
        refusal.into_iter().for_each(|refusal| self.registered.0.connection.tell(refusal));
        Poll::Ready(Ok(()))
    }
}

/// Sends a message. The classic wire has no answer to it, so a refusal is told in the form of a message to this client
/// alone. One that sends too fast waits instead.
async fn send(
    chat: Arc<Chat>,
    connection: Arc<chat_core::Connection>,
    room: RoomId,
    text: ByteString,
) -> Option<Bytes> {
    loop {
        let message = NewMessage { text: text.to_string(), ..NewMessage::default() };
        match chat.send(connection.user(), &room, message).await {
            Ok(_) => return None,
            Err(ChatError::TooManyRequests { retry_after }) => {
                tokio::time::sleep(retry_after.min(LONGEST_PAUSE)).await;
            }
            Err(error) => {
                let content = format!("message not sent: {}", CallError::from(error).detail);
                return Some(classic_frame(&room, &content, "").into());
            }
        }
    }
}

/// How long a message that came too fast waits before it is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Messages, one object a line, as one frame of the hub's.
fn lines<'a>(messages: impl Iterator<Item = &'a Message>) -> Bytes {
    let lines: Vec<String> = messages.filter_map(classic_message).collect();
    lines.join("\n").into()
}
