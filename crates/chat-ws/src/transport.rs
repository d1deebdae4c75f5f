//! The way to the socket through actix-ws.
//!
//! Two things are added to it. After the close frame the response goes on until the peer has answered: ended at
//! once, the socket could be reset under the frame. And a connection whose peer takes nothing can be cut off.

use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use bytestring::ByteString;
use chat_core::Outbox;
use chat_proto::Disconnect;

use crate::SocketSettings;
use crate::body::{Body, EndOnDrop, Ending, Response};

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

/// Why a connection ends.
pub(crate) enum End {
    /// Close it, by this code.
    Close(Disconnect),
    /// Close it: the peer broke the rules of WebSockets.
    Broken(CloseReason),
    /// There is nothing left to close.
    Gone,
}

impl From<Gone> for End {
    fn from(_: Gone) -> End {
        End::Gone
    }
}

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
    let end = Response::default();
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
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            (CloseCode::Invalid, "not UTF-8")
        }
        // Fragments that are too big together come as an error of no kind, as does a connection that broke;
        // to that one, nobody reads the code.
        ProtocolError::Overflow | ProtocolError::Io(_) => (CloseCode::Size, "message too big"),
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

    /// Ends the connection as it deserves.
    pub async fn end(self, end: End, reader: Reader) {
        match end {
            End::Close(why) => {
                let code = CloseCode::from(why.code());
                self.close(CloseReason { code, description: Some(why.reason().to_owned()) }, reader).await;
            }
            End::Broken(reason) => self.close(reason, reader).await,
            End::Gone => {}
        }
    }

    /// Sends the close frame and waits for the peer's, for a while. What the peer sends meanwhile is read and
    /// dropped.
    async fn close(self, reason: CloseReason, mut reader: Reader) {
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
