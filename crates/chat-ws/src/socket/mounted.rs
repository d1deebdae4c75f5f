//! A connection that stays a response and a request of actix-web.
//!
//! actix-ws does the handshake and reads. The response is ours: it carries frames that are ready, in the order of the
//! connection's one queue; it goes on behind the close frame until the peer has answered, since a connection that is
//! ended at once could be reset under the frame; and it can be cut off.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::ws::{CloseCode, ProtocolError};
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_ws::{AggregatedMessage, AggregatedMessageStream};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::{Incoming, Unwritten, broken};
use crate::queue::Queue;

/// How much is handed to actix-http at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The connection's hand on the response. It holds one chunk: what a socket's buffer is to a connection taken over.
#[derive(Default)]
pub(crate) struct Response {
    chunk: RefCell<Option<Bytes>>,
    ending: Cell<Ending>,
    /// Woken when there is a chunk, or an end.
    body: RefCell<Option<Waker>>,
    /// Woken when the chunk was taken.
    connection: RefCell<Option<Waker>>,
}

/// How the response is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Ending {
    #[default]
    NotYet,
    /// As any response does.
    Orderly,
    /// By an error, which drops the connection with whatever waits in it.
    Abort,
}

impl Response {
    pub fn write(&self, queue: &mut Queue) -> Result<(), Unwritten> {
        queue.write(|slices| {
            let mut joined = BytesMut::new();
            for slice in slices {
                joined.extend_from_slice(slice);
                if joined.len() >= CHUNK_BYTES {
                    break;
                }
            }
            self.write_piece(joined.freeze())
        })
    }

    pub fn write_piece(&self, piece: Bytes) -> Result<usize, Unwritten> {
        let mut chunk = self.chunk.borrow_mut();
        if chunk.is_some() {
            return Err(Unwritten::Full);
        }
        let taken = piece.len();
        *chunk = Some(piece);
        drop(chunk);
        wake(&self.body);
        Ok(taken)
    }

    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.chunk.borrow().is_none() {
            return Poll::Ready(());
        }
        *self.connection.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }

    pub fn abort(&self) {
        self.end(Ending::Abort);
    }

    /// What was written, as the body would take it.
    #[cfg(test)]
    pub fn take(&self) -> Option<Bytes> {
        self.chunk.borrow_mut().take()
    }

    /// The first ending stays.
    fn end(&self, ending: Ending) {
        if self.ending.get() == Ending::NotYet {
            self.ending.set(ending);
        }
        wake(&self.body);
    }
}

fn wake(waker: &RefCell<Option<Waker>>) {
    let waker = waker.borrow_mut().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The response itself.
pub(crate) struct Body {
    /// actix-ws reads as long as its own response lives; nothing is written to that one.
    _inner: BoxBody,
    response: Rc<Response>,
}

impl Body {
    pub fn new(inner: BoxBody, response: Rc<Response>) -> Body {
        Body { _inner: inner, response }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the peer takes nothing")]
struct Aborted;

impl MessageBody for Body {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let response = &self.response;
        if response.ending.get() == Ending::Abort {
            return Poll::Ready(Some(Err(Box::new(Aborted))));
        }
        let chunk = response.chunk.borrow_mut().take();
        if chunk.is_some() {
            wake(&response.connection);
            return Poll::Ready(chunk.map(Ok));
        }
        if response.ending.get() == Ending::Orderly {
            return Poll::Ready(None);
        }
        *response.body.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The messages of a client. The response ends in an orderly way when this is dropped, unless it was aborted before.
pub(crate) struct Messages {
    stream: AggregatedMessageStream,
    response: Rc<Response>,
}

impl Messages {
    pub fn new(stream: AggregatedMessageStream, response: Rc<Response>) -> Messages {
        Messages { stream, response }
    }

    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        self.stream.poll_next_unpin(cx).map(|message| match message {
            Some(Ok(AggregatedMessage::Text(text))) => Incoming::Text(text),
            Some(Ok(AggregatedMessage::Binary(_))) => Incoming::Binary,
            Some(Ok(AggregatedMessage::Ping(payload))) => Incoming::Ping(payload),
            Some(Ok(AggregatedMessage::Pong(_))) => Incoming::Pong,
            Some(Ok(AggregatedMessage::Close(reason))) => Incoming::Close(reason),
            Some(Err(error)) => unreadable(&error),
            None => Incoming::Over,
        })
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        self.response.end(Ending::Orderly);
    }
}

/// RFC 6455, section 7.4.1.
fn unreadable(error: &ProtocolError) -> Incoming {
    match error {
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            broken(CloseCode::Invalid, "not UTF-8")
        }
        // Fragments that are too big together come as an error of no kind, as does a connection that broke;
        // to that one, nobody reads the code.
        ProtocolError::Overflow | ProtocolError::Io(_) => broken(CloseCode::Size, "message too big"),
        ProtocolError::UnmaskedFrame
        | ProtocolError::MaskedFrame
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::InvalidLength(_)
        | ProtocolError::BadOpCode
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::ContinuationFragment(_) => broken(CloseCode::Protocol, "not a WebSocket frame"),
    }
}
