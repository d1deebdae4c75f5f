//! The two ways to a client's socket.
//!
//! [`taken`]: the connection was taken over from actix-http, and is written and read by us; a process that is a chat
//! server does that, since it costs a system call a write and next to no memory. [`mounted`]: the connection stays a
//! response and a request of actix-web, so that the sockets can be mounted in any application, behind TLS too.

pub(crate) mod mounted;
pub(crate) mod taken;

use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::ws::{CloseCode, CloseReason};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::net::TcpStream;

use self::mounted::Response;
use crate::queue::Queue;

/// What comes in.
pub(crate) enum Incoming {
    /// A text, put together from its fragments.
    Text(ByteString),
    /// A message that is not a text.
    Binary,
    /// A ping, to be answered with what it brought.
    Ping(Bytes),
    /// The answer to a ping frame.
    Pong,
    /// The peer closes, for this reason.
    Close(Option<CloseReason>),
    /// The connection broke, or ended without a close.
    Over,
    /// The peer broke the rules of WebSockets.
    Broken(CloseReason),
}

/// The peer broke the rules in this way (RFC 6455, section 7.4.1).
fn broken(code: CloseCode, description: &str) -> Incoming {
    Incoming::Broken(CloseReason { code, description: Some(description.to_owned()) })
}

/// The writing half.
pub(crate) enum Socket {
    /// Taken over.
    Taken(TcpStream),
    /// A response.
    Mounted(Rc<Response>),
}

/// The reading half.
pub(crate) enum Reader {
    /// Taken over.
    Taken(taken::Frames),
    /// A request.
    Mounted(Box<mounted::Messages>),
}

/// Why not all was written.
pub(crate) enum Unwritten {
    /// The peer has to read first.
    Full,
    /// There is nobody to write to.
    Gone,
}

impl Socket {
    /// Writes as much of the queue as the socket takes.
    pub fn write(&self, queue: &mut Queue) -> Result<(), Unwritten> {
        match self {
            Socket::Taken(stream) => queue.write(|slices| taken::write(stream, slices)),
            Socket::Mounted(response) => response.write(queue),
        }
    }

    /// Whether more can be written; the task is woken when it can.
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Socket::Taken(stream) => stream.poll_write_ready(cx).map(drop),
            Socket::Mounted(response) => response.poll_writable(cx),
        }
    }

    /// Ends the connection with whatever waits in it.
    pub fn abort(&self) {
        match self {
            Socket::Taken(stream) => taken::abort(stream),
            Socket::Mounted(response) => response.abort(),
        }
    }
}

impl Reader {
    /// The next that came in by this socket, read into `buffer`, which all connections of a worker share.
    pub fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        socket: &Socket,
        buffer: &mut BytesMut,
    ) -> Poll<Incoming> {
        match (self, socket) {
            (Reader::Taken(frames), Socket::Taken(stream)) => frames.poll_next(cx, stream, buffer),
            (Reader::Mounted(messages), _) => messages.poll_next(cx),
            (Reader::Taken(_), Socket::Mounted(_)) => Poll::Ready(Incoming::Over),
        }
    }

    /// To be called before it is left waiting: nothing of the shared buffer stays with it.
    pub fn settle(&mut self) {
        if let Reader::Taken(frames) = self {
            frames.settle();
        }
    }

    /// Reads and drops what comes, up to the end of the connection.
    pub fn poll_drain(&mut self, cx: &mut Context<'_>, socket: &Socket, buffer: &mut BytesMut) -> Poll<()> {
        match (self, socket) {
            (Reader::Taken(frames), Socket::Taken(stream)) => frames.poll_drain(cx, stream, buffer),
            // What follows a broken message cannot be read here; the response is ended after a while.
            (Reader::Mounted(_), _) => Poll::Pending,
            (Reader::Taken(_), Socket::Mounted(_)) => Poll::Ready(()),
        }
    }
}
