//! The way to the socket through actix-ws.
//!
//! Two things are added to it. After the close frame the response goes on until the peer has answered: ended at
//! once, the socket could be reset under the frame. And a connection whose peer takes nothing can be cut off.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use bytes::Bytes;
use bytestring::ByteString;
use chat_core::Outbox;
use chat_proto::Disconnect;

use crate::SocketSettings;

/// What comes in.
pub(crate) enum Incoming {
    /// A text, put together from its fragments.
    Text(ByteString),
    /// A message that is not a text.
    Binary,
    /// The answer to a ping frame.
    Pong,
    /// The connection is over: the peer closed it, or it broke.
    Over,
    /// The peer broke the rules of WebSockets.
    Broken(CloseReason),
}

/// The connection cannot be written to any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// The reading half.
pub(crate) struct Reader {
    stream: AggregatedMessageStream,
    pongs: Session,
}

/// The writing half. The response ends when it is dropped.
pub(crate) struct Writer {
    session: Session,
    end: EndOnDrop,
    write_timeout: Duration,
    close_timeout: Duration,
}

/// Answers the handshake.
pub(crate) fn upgrade(
    req: &HttpRequest,
    payload: web::Payload,
    protocols: &[&str],
    settings: &SocketSettings,
) -> Result<(HttpResponse, Reader, Writer), actix_web::Error> {
    let (response, session, stream) = actix_ws::handle_with_protocols(req, payload, protocols)?;
    let end = End::default();
    let response = response.map_body(|_, body| BoxBody::new(Body { inner: body, end: end.clone() }));
    let limit = settings.frame_bytes;
    let stream = stream.max_frame_size(limit).aggregate_continuations().max_continuation_size(limit);
    let reader = Reader { stream, pongs: session.clone() };
    let (write_timeout, close_timeout) = (settings.write_timeout, settings.close_timeout);
    Ok((response, reader, Writer { session, end: EndOnDrop(end), write_timeout, close_timeout }))
}

impl Reader {
    /// The next message. Cancel safe.
    pub async fn next(&mut self) -> Incoming {
        loop {
            return match self.stream.recv().await {
                Some(Ok(AggregatedMessage::Text(text))) => Incoming::Text(text),
                Some(Ok(AggregatedMessage::Binary(_))) => Incoming::Binary,
                Some(Ok(AggregatedMessage::Ping(bytes))) => {
                    if self.pongs.pong(&bytes).await.is_err() {
                        return Incoming::Over;
                    }
                    continue;
                }
                Some(Ok(AggregatedMessage::Pong(_))) => Incoming::Pong,
                Some(Ok(AggregatedMessage::Close(_))) | None => Incoming::Over,
                Some(Err(error)) => broken(&error),
            };
        }
    }
}

/// RFC 6455, section 7.4.1.
fn broken(error: &ProtocolError) -> Incoming {
    let (code, description) = match error {
        ProtocolError::Overflow => (CloseCode::Size, "message too big"),
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            (CloseCode::Invalid, "not UTF-8")
        }
        ProtocolError::Io(_) => return Incoming::Over,
        ProtocolError::UnmaskedFrame
        | ProtocolError::MaskedFrame
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::InvalidLength(_)
        | ProtocolError::BadOpCode
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::ContinuationFragment(_) => (CloseCode::Protocol, "not a WebSocket frame"),
    };
    Incoming::Broken(CloseReason { code, description: Some(description.to_owned()) })
}

impl Writer {
    /// Writes a text message, unless the peer takes nothing: then, when too much waits for it or it has taken
    /// too long, the connection is cut off.
    pub async fn text(&mut self, text: ByteString, outbox: &Outbox) -> Result<(), Gone> {
        let too_slow = async {
            loop {
                if outbox.closed().await == chat_core::CloseReason::Slow {
                    return;
                }
                // Any other reason lets what waits be written.
                std::future::pending::<()>().await;
            }
        };
        let written = tokio::select! {
            biased;
            written = self.session.text(text) => return written.map_err(|_| Gone),
            () = too_slow => "reads too slowly",
            () = tokio::time::sleep(self.write_timeout) => "takes nothing",
        };
        log::debug!("a client {written} and is cut off");
        self.end.0.set(Ending::Abort);
        Err(Gone)
    }

    /// Sends a ping frame.
    pub async fn ping(&mut self) -> Result<(), Gone> {
        self.session.ping(b"").await.map_err(|_| Gone)
    }

    /// Closes with a code of the client protocol.
    pub async fn disconnect(self, why: Disconnect, reader: Reader) {
        let code = CloseCode::from(why.code());
        self.close(CloseReason { code, description: Some(why.reason().to_owned()) }, reader).await;
    }

    /// Sends the close frame and waits for the peer's, for a while. What the peer sends meanwhile is read and
    /// dropped.
    pub async fn close(self, reason: CloseReason, mut reader: Reader) {
        let Writer { session, end, close_timeout, .. } = self;
        let unreadable = reason.code == CloseCode::Size || reason.code == CloseCode::Protocol;
        let farewell = async {
            if session.close(Some(reason)).await.is_err() {
                return;
            }
            if unreadable {
                // What follows a broken frame cannot be told apart from it: there is nothing to wait for but
                // the peer's going.
                reader.stream_closed().await;
            }
            while !matches!(reader.next().await, Incoming::Over | Incoming::Broken(_)) {}
        };
        if tokio::time::timeout(close_timeout, farewell).await.is_err() {
            end.0.set(Ending::Abort);
        }
    }
}

impl Reader {
    /// Waits, a while at the most, before the connection is ended with unread bytes in it.
    async fn stream_closed(&mut self) {
        tokio::time::sleep(UNREADABLE_LINGER).await;
    }
}

/// How long a connection whose incoming bytes make no sense stays open behind its close frame.
const UNREADABLE_LINGER: Duration = Duration::from_secs(1);

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

/// The writing half's hand on the response.
#[derive(Clone, Default)]
struct End(Arc<Mutex<(Ending, Option<Waker>)>>);

impl End {
    /// The first ending stays.
    fn set(&self, ending: Ending) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 == Ending::NotYet {
            state.0 = ending;
        }
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }
}

/// Lets the response end in an orderly way, unless something else was said before.
struct EndOnDrop(End);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.set(Ending::Orderly);
    }
}

/// The response: what actix-ws writes, and an end that is ours to choose.
struct Body {
    inner: BoxBody,
    end: End,
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
        let this = self.get_mut();
        {
            let mut state = this.end.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.0 == Ending::Abort {
                return Poll::Ready(Some(Err(Box::new(Aborted))));
            }
            state.1 = Some(cx.waker().clone());
        }
        let next = std::task::ready!(Pin::new(&mut this.inner).poll_next(cx));
        let ending = this.end.0.lock().unwrap_or_else(PoisonError::into_inner).0;
        if next.is_none() && ending == Ending::NotYet { Poll::Pending } else { Poll::Ready(next) }
    }
}
