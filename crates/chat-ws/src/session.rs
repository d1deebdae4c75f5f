//! A connection of the client protocol that has said who it is: what its commands come to.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use bytestring::ByteString;
use chat_core::AuthError;
use chat_proto::{Command, Disconnect, RefreshResult, ReplyBody, Request};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::closing::End;
use crate::commands::{Caller, Started, frame, unavailable};
use crate::connection::{Connection, Pings};
use crate::native::{decode, ttl_seconds};
use crate::task::Protocol;

/// The connection as its commands see it.
pub(crate) struct Session {
    registered: Registered,
    connection: Rc<Connection>,
    /// None while nothing is under way.
    work: Option<Box<Work>>,
}

/// Takes the connection out of the hub, also when its task panics.
pub(crate) struct Registered(pub Caller);

impl Drop for Registered {
    fn drop(&mut self) {
        self.0.chat.hub().disconnect(&self.0.connection);
    }
}

/// The commands that are not answered yet.
#[derive(Default)]
struct Work {
    /// Read, and not begun.
    waiting: VecDeque<Command>,
    /// The one that the waiting ones wait for.
    turn: Option<BoxFuture<'static, Turn>>,
    /// Messages on their way to the disk.
    beside: FuturesUnordered<BoxFuture<'static, Bytes>>,
}

/// What a command comes to.
enum Turn {
    /// The command in turn is done.
    Done(Option<Bytes>),
    /// The command in turn was a refresh.
    Renewed(Renewal),
}

/// What became of a refresh command.
struct Renewal {
    id: u32,
    result: Result<chat_core::Identity, AuthError>,
}

impl Session {
    /// `waiting` came together with the connect command.
    pub fn new(registered: Registered, connection: Rc<Connection>, waiting: VecDeque<Command>) -> Session {
        let work = (!waiting.is_empty()).then(|| Box::new(Work { waiting, ..Work::default() }));
        Session { registered, connection, work }
    }

    /// Begins the commands that wait, in their order, up to one that the others must wait for.
    fn begin_waiting(&mut self) -> Result<(), End> {
        let in_flight = self.connection.worker.sockets.settings().in_flight;
        loop {
            let Some(work) = &mut self.work else { return Ok(()) };
            if work.turn.is_some() || work.beside.len() >= in_flight {
                return Ok(());
            }
            let Some(Command { id, request }) = work.waiting.pop_front() else { return Ok(()) };
            let started = self.start(id, request).map_err(End::Close)?;
            let work = self.work.get_or_insert_default();
            match started {
                None | Some(Started::Done) => {}
                Some(Started::Reply(reply)) => self.registered.0.connection.tell(reply),
                Some(Started::Beside(reply)) => work.beside.push(reply),
                Some(Started::InTurn(reply)) => {
                    work.turn = Some(Box::pin(async move { Turn::Done(reply.await) }));
                }
                Some(Started::Close(why)) => return Err(End::Close(why)),
            }
        }
    }

    fn start(&mut self, id: u32, request: Request) -> Result<Option<Started>, Disconnect> {
        let caller = &self.registered.0;
        if !matches!(request, Request::Pong | Request::Refresh(_)) {
            caller.connection.touch();
        }
        Ok(Some(match request {
            Request::Pong => {
                let expected = self.connection.pings == Pings::Commands && self.connection.pong();
                return if expected { Ok(None) } else { Err(Disconnect::BadRequest) };
            }
            Request::Connect(_) => return Err(Disconnect::BadRequest),
            Request::Send(_) => return Err(Disconnect::NotAvailable),
            Request::Subscribe(request) => caller.subscribe(id, request),
            Request::Unsubscribe(request) => caller.unsubscribe(id, &request.channel),
            Request::Publish(request) => caller.publish(id, &request),
            Request::Presence(request) => caller.presence(id, &request.channel),
            Request::PresenceStats(request) => caller.presence_stats(id, &request.channel),
            Request::History(request) => caller.history(id, request),
            Request::Rpc(request) => caller.rpc(id, &request),
            Request::Refresh(request) => {
                if request.token.is_empty() {
                    return Err(Disconnect::BadRequest);
                }
                self.renew(id, request.token);
                return Ok(None);
            }
            Request::SubRefresh(request) => caller.sub_refresh(id, &request),
        }))
    }

    /// Checks a new token of the same user (client protocol, section 5).
    fn renew(&mut self, id: u32, token: String) {
        let sockets = self.connection.worker.sockets.clone();
        self.work.get_or_insert_default().turn = Some(Box::pin(async move {
            let result = sockets.0.authenticator.authenticate(&token).await;
            Turn::Renewed(Renewal { id, result })
        }));
    }

    fn done(&mut self, turn: Turn) -> Result<(), End> {
        let Renewal { id, result } = match turn {
            Turn::Done(reply) => {
                reply.into_iter().for_each(|reply| self.registered.0.connection.tell(reply));
                return Ok(());
            }
            Turn::Renewed(renewal) => renewal,
        };
        let known = &self.registered.0.connection;
        let identity = match result {
            Ok(identity) => identity,
            Err(AuthError::Expired) => return Err(End::Close(Disconnect::ConnectionExpired)),
            Err(AuthError::Unavailable) => {
                self.registered.0.connection.tell(unavailable(id));
                return Ok(());
            }
            Err(_) => return Err(End::Close(Disconnect::InvalidToken)),
        };
        if identity.profile.id != known.user().id {
            return Err(End::Close(Disconnect::InvalidToken));
        }
        // A token of another log-in: that one's end must end this connection, so it begins anew with it.
        if identity.session.as_ref() != known.session() {
            return Err(End::Close(Disconnect::ForceReconnect));
        }
        let settings = self.connection.worker.sockets.settings();
        self.connection.set_timers(|timers| timers.renew(settings, identity.expires_at));
        let result = RefreshResult {
            client: known.client().to_owned(),
            version: settings.version.clone(),
            expires: identity.expires_at.is_some(),
            ttl: identity.expires_at.map_or(0, ttl_seconds),
        };
        self.registered.0.connection.tell(frame(id, ReplyBody::Refresh(result)));
        Ok(())
    }
}

impl Protocol for Session {
    fn incoming(&mut self, text: &ByteString) -> Result<(), End> {
        let waiting = decode(text).map_err(End::Close)?;
        self.work.get_or_insert_default().waiting = waiting;
        self.begin_waiting()
    }

    /// Not while commands wait, and not when too many are under way.
    fn takes_more(&self) -> bool {
        let in_flight = self.connection.worker.sockets.settings().in_flight;
        self.work.as_ref().is_none_or(|work| {
            work.waiting.is_empty() && work.beside.len() + usize::from(work.turn.is_some()) < in_flight
        })
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        self.begin_waiting()?;
        let Some(work) = &mut self.work else { return Poll::Pending };
        if let Poll::Ready(Some(reply)) = work.beside.poll_next_unpin(cx) {
            self.registered.0.connection.tell(reply);
            return Poll::Ready(Ok(()));
        }
        if let Some(Poll::Ready(turn)) = work.turn.as_mut().map(|turn| turn.as_mut().poll(cx)) {
            work.turn = None;
            return Poll::Ready(self.done(turn));
        }
        if work.turn.is_none() && work.beside.is_empty() && work.waiting.is_empty() {
            self.work = None;
        }
        Poll::Pending
    }
}
