//! A connection of the client protocol that has said who it is: its commands come in, what the hub has for it
//! goes out.

use std::collections::VecDeque;

use bytes::Bytes;
use bytestring::ByteString;
use chat_core::AuthError;
use chat_proto::{Command, Disconnect, PING, RefreshResult, ReplyBody, Request, limits};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use crate::Sockets;
use crate::commands::{Caller, Started, frame, unavailable};
use crate::error::disconnect;
use crate::native::{Pings, decode, expiry, ttl_seconds};
use crate::timers::{Due, Timers};
use crate::transport::{End, Incoming, Reader, Writer};

/// The connection's task and its state.
pub(crate) struct Session {
    sockets: Sockets,
    caller: Caller,
    reader: Reader,
    writer: Writer,
    timers: Timers,
    pings: Pings,
    work: Work,
}

/// Takes the connection out of the hub, also when its task panics.
pub(crate) struct Registered(pub Caller);

impl Drop for Registered {
    fn drop(&mut self) {
        self.0.chat.hub().disconnect(&self.0.connection);
    }
}

/// The commands that are not answered yet.
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
    /// A message is on disk, or refused.
    Beside(Bytes),
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
    pub fn new(
        sockets: Sockets,
        caller: Caller,
        reader: Reader,
        writer: Writer,
        timers: Timers,
        pings: Pings,
        waiting: VecDeque<Command>,
    ) -> Session {
        let work = Work { waiting, turn: None, beside: FuturesUnordered::new() };
        Session { sockets, caller, reader, writer, timers, pings, work }
    }

    /// Runs the connection to its end.
    pub async fn run(mut self) {
        let registered = Registered(self.caller.clone());
        let end = match self.serve().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        // First out of the hub: nothing more is queued for it, and the others see it leave.
        drop(registered);
        self.writer.end(end, self.reader).await;
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, End> {
        let mut batch = Vec::new();
        loop {
            self.begin_waiting()?;
            let reads = self.work.reads(self.sockets.settings().in_flight);
            let connection = &self.caller.connection;
            // By chance, not in order: a flood in one direction must not starve the other.
            tokio::select! {
                () = sleep_until(self.timers.next()) => self.on_time().await?,
                done = self.work.next() => self.done(done)?,
                waiting = connection.outbox.next(&mut batch) => match waiting {
                    Ok(()) => self.write(&mut batch).await?,
                    Err(reason) => return Err(End::Close(disconnect(reason))),
                },
                incoming = self.reader.next(), if reads => self.incoming(incoming)?,
            }
        }
    }

    fn incoming(&mut self, incoming: Incoming) -> Result<(), End> {
        match incoming {
            Incoming::Text(text) => {
                self.work.waiting = decode(&text).map_err(End::Close)?;
                Ok(())
            }
            Incoming::Binary => Err(End::Close(Disconnect::InappropriateProtocol)),
            Incoming::Pong => {
                if self.pings == Pings::Frames {
                    self.timers.pong();
                }
                Ok(())
            }
            Incoming::Over => Err(End::Gone),
            Incoming::Broken(reason) => Err(End::Broken(reason)),
        }
    }

    /// Begins the commands that wait, in their order, up to one that the others must wait for.
    fn begin_waiting(&mut self) -> Result<(), End> {
        let in_flight = self.sockets.settings().in_flight;
        while self.work.turn.is_none() && self.work.beside.len() < in_flight {
            let Some(Command { id, request }) = self.work.waiting.pop_front() else { break };
            match self.start(id, request).map_err(End::Close)? {
                None => {}
                Some(Started::Reply(reply)) => self.caller.connection.outbox.push(reply),
                Some(Started::Beside(reply)) => self.work.beside.push(reply),
                Some(Started::InTurn(reply)) => {
                    self.work.turn = Some(Box::pin(async move { Turn::Done(reply.await) }));
                }
                Some(Started::Close(why)) => return Err(End::Close(why)),
            }
        }
        Ok(())
    }

    fn start(&mut self, id: u32, request: Request) -> Result<Option<Started>, Disconnect> {
        let caller = &self.caller;
        Ok(Some(match request {
            Request::Pong => {
                let expected = self.pings == Pings::Commands && self.timers.pong();
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
        let sockets = self.sockets.clone();
        self.work.turn = Some(Box::pin(async move {
            let result = sockets.0.authenticator.authenticate(&token).await;
            Turn::Renewed(Renewal { id, result })
        }));
    }

    fn done(&mut self, turn: Turn) -> Result<(), End> {
        let outbox = &self.caller.connection.outbox;
        let Renewal { id, result } = match turn {
            Turn::Beside(reply) => {
                outbox.push(reply);
                return Ok(());
            }
            Turn::Done(reply) => {
                self.work.turn = None;
                reply.into_iter().for_each(|reply| outbox.push(reply));
                return Ok(());
            }
            Turn::Renewed(renewal) => {
                self.work.turn = None;
                renewal
            }
        };
        let identity = match result {
            Ok(identity) => identity,
            Err(AuthError::Expired) => return Err(End::Close(Disconnect::ConnectionExpired)),
            Err(AuthError::Unavailable) => {
                outbox.push(unavailable(id));
                return Ok(());
            }
            Err(_) => return Err(End::Close(Disconnect::InvalidToken)),
        };
        if identity.profile.id != self.caller.connection.user().id {
            return Err(End::Close(Disconnect::InvalidToken));
        }
        // A token of another log-in: that one's end must end this connection, so it begins anew with it.
        if identity.session.as_ref() != self.caller.connection.session() {
            return Err(End::Close(Disconnect::ForceReconnect));
        }
        self.timers.renew(identity.expires_at.map(|end| expiry(end, self.sockets.settings())));
        let result = RefreshResult {
            client: self.caller.connection.client().to_owned(),
            version: self.sockets.settings().version.clone(),
            expires: identity.expires_at.is_some(),
            ttl: identity.expires_at.map_or(0, ttl_seconds),
        };
        outbox.push(frame(id, ReplyBody::Refresh(result)));
        Ok(())
    }

    async fn on_time(&mut self) -> Result<(), End> {
        match (self.timers.due(Instant::now()), self.pings) {
            (None, _) => Ok(()),
            (Some(Due::Close(why)), _) => Err(End::Close(why)),
            (Some(Due::Ping), Pings::Frames) => Ok(self.writer.ping().await?),
            (Some(Due::Ping), Pings::Commands) => {
                self.caller.connection.outbox.push(Bytes::from_static(PING.as_bytes()));
                Ok(())
            }
        }
    }

    /// Writes all that waits, many lines a message.
    async fn write(&mut self, batch: &mut Vec<Bytes>) -> Result<(), End> {
        let outbox = &self.caller.connection.outbox;
        let mut lines = batch.drain(..).peekable();
        while let Some(line) = lines.next() {
            let fits = |text: &[u8], next: &Bytes| text.len() + next.len() < JOINED_BYTES;
            if lines.peek().is_none_or(|next| !fits(&line, next)) {
                // The shared bytes themselves, when nothing joins them.
                self.writer.text(text(line), outbox).await?;
                continue;
            }
            let mut joined = Vec::from(line);
            while let Some(next) = lines.next_if(|next| fits(&joined, next)) {
                joined.push(b'\n');
                joined.extend_from_slice(&next);
            }
            self.writer.text(text(joined.into()), outbox).await?;
        }
        Ok(())
    }
}

/// How many bytes of lines share a message.
const JOINED_BYTES: usize = limits::DEFAULT_MESSAGE_BYTES;

/// All lines are JSON that we wrote ourselves.
fn text(line: Bytes) -> ByteString {
    ByteString::try_from(line).unwrap_or_default()
}

impl Work {
    /// Whether more is read: not while commands wait, and not when too many are under way.
    fn reads(&self, in_flight: usize) -> bool {
        self.waiting.is_empty() && self.beside.len() + usize::from(self.turn.is_some()) < in_flight
    }

    /// The next command that is done; never, when there is none.
    async fn next(&mut self) -> Turn {
        let turn = async {
            match &mut self.turn {
                Some(turn) => turn.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(reply) = self.beside.next() => Turn::Beside(reply),
            turn = turn => turn,
        }
    }
}
