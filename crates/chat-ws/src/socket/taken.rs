//! A connection that was taken over as a `TcpStream`.

use std::io::{self, ErrorKind, IoSlice};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_codec::Decoder;
use actix_http::ws::{CloseCode, Codec, Frame, Item, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::{Incoming, Unwritten, broken};

/// How much is read at once.
const READ_BYTES: usize = 16 * 1024;

/// Writes one piece, in one system call.
///
/// It passes tokio by, whose memory of what the socket was ready for is elsewhere and not in the cache of a processor that
/// writes to a thousand connections. Where the socket is full, [`write`] finds that out again, for tokio to wait.
pub(crate) fn write_piece(socket: &SockRef<'_>, piece: &[u8]) -> Result<usize, Unwritten> {
    socket.send(piece).map_err(unwritten)
}

/// Writes many pieces, in one system call.
pub(super) fn write(stream: &TcpStream, pieces: &[IoSlice<'_>]) -> Result<usize, Unwritten> {
    let written =
        if let [piece] = pieces { stream.try_write(piece) } else { stream.try_write_vectored(pieces) };
    written.map_err(unwritten)
}

fn unwritten(error: io::Error) -> Unwritten {
    let again = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
    if again { Unwritten::Full } else { Unwritten::Gone }
}

/// What waits in the kernel for a peer that takes nothing is dropped together with the stream.
pub(super) fn abort(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
        log::debug!("a connection is not reset: {error}");
    }
}

/// The messages of a client.
pub(crate) struct Frames {
    codec: Codec,
    limit: usize,
    /// What was read and not yet looked at; between two reads, a part of a frame at the most.
    unread: BytesMut,
    /// Whether `unread` lies in the buffer of the worker.
    borrowed: bool,
    fragments: Option<Box<Fragments>>,
}

/// A message of which the end is still to come.
struct Fragments {
    text: bool,
    bytes: BytesMut,
}

impl Frames {
    /// Messages of at most `limit` bytes; `unread` came right behind the handshake.
    pub fn new(unread: BytesMut, limit: usize) -> Frames {
        let codec = Codec::new().max_size(limit);
        Frames { codec, limit, unread, borrowed: true, fragments: None }
    }

    pub fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        buffer: &mut BytesMut,
    ) -> Poll<Incoming> {
        loop {
            if let Some(incoming) = self.decode() {
                return Poll::Ready(incoming);
            }
            if ready!(self.poll_read(cx, stream, buffer)).is_err() {
                return Poll::Ready(Incoming::Over);
            }
        }
    }

    pub fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        buffer: &mut BytesMut,
    ) -> Poll<()> {
        loop {
            self.unread.clear();
            if ready!(self.poll_read(cx, stream, buffer)).is_err() {
                return Poll::Ready(());
            }
        }
    }

    /// Takes what is left of the worker's buffer into memory of its own: nothing, mostly.
    pub fn settle(&mut self) {
        if self.borrowed {
            self.unread = BytesMut::from(&self.unread[..]);
            self.borrowed = false;
        }
    }

    /// Reads once; an error is the end.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<()>> {
        buffer.reserve(READ_BYTES);
        let room = buffer.spare_capacity_mut().len();
        let count = loop {
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read_buf(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => break read?,
            }
        };
        if count == 0 {
            return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
        }
        if count < room {
            // That was all there is, and the driver, which runs on this thread, will tell when there is more. Without
            // this, tokio would have us ask once more.
            let _ = stream.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
        }
        let read = buffer.split();
        if self.unread.is_empty() {
            self.unread = read;
            self.borrowed = true;
        } else {
            self.settle();
            self.unread.extend_from_slice(&read);
        }
        Poll::Ready(Ok(()))
    }

    /// The next message that is whole, or what its frames come to.
    fn decode(&mut self) -> Option<Incoming> {
        loop {
            // The codec would reserve room for a frame that has only begun, and find one too long at its end.
            let Lengths { header, payload } = lengths(&self.unread)?;
            if payload > self.limit as u64 {
                return Some(too_big());
            }
            if (self.unread.len() as u64) < header + payload {
                return None;
            }
            match self.codec.decode(&mut self.unread) {
                Ok(None) => return None,
                Ok(Some(Frame::Text(text))) => return Some(checked(text)),
                Ok(Some(Frame::Binary(_))) => return Some(Incoming::Binary),
                Ok(Some(Frame::Ping(payload))) => return Some(Incoming::Ping(payload)),
                Ok(Some(Frame::Pong(_))) => return Some(Incoming::Pong),
                Ok(Some(Frame::Close(reason))) => return Some(Incoming::Close(reason)),
                Ok(Some(Frame::Continuation(item))) => {
                    if let Some(incoming) = self.fragment(item) {
                        return Some(incoming);
                    }
                }
                Err(ProtocolError::Overflow) => return Some(too_big()),
                Err(_) => return Some(broken(CloseCode::Protocol, "not a WebSocket frame")),
            }
        }
    }

    fn fragment(&mut self, item: Item) -> Option<Incoming> {
        let (bytes, last) = match item {
            Item::FirstText(bytes) => return self.first(true, &bytes),
            Item::FirstBinary(bytes) => return self.first(false, &bytes),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        // The codec lets none through without a first one.
        let fragments = self.fragments.as_mut()?;
        if fragments.bytes.len() + bytes.len() > self.limit {
            return Some(too_big());
        }
        fragments.bytes.extend_from_slice(&bytes);
        if !last {
            return None;
        }
        let whole = self.fragments.take()?;
        Some(if whole.text { checked(whole.bytes.freeze()) } else { Incoming::Binary })
    }

    fn first(&mut self, text: bool, bytes: &[u8]) -> Option<Incoming> {
        self.fragments = Some(Box::new(Fragments { text, bytes: BytesMut::from(bytes) }));
        None
    }
}

fn checked(text: Bytes) -> Incoming {
    match ByteString::try_from(text) {
        Ok(text) => Incoming::Text(text),
        Err(_) => broken(CloseCode::Invalid, "not UTF-8"),
    }
}

fn too_big() -> Incoming {
    broken(CloseCode::Size, "message too big")
}

/// How long a frame is.
#[derive(Debug, PartialEq, Eq)]
struct Lengths {
    header: u64,
    payload: u64,
}

/// The lengths of the first frame, as soon as its header is there (RFC 6455, section 5.2).
fn lengths(bytes: &[u8]) -> Option<Lengths> {
    let second = *bytes.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (header, payload) = match second & 0x7f {
        126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into()),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        short => (2, short.into()),
    };
    Some(Lengths { header: header + mask, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_long_as_its_header_says() {
        let known = |bytes: &[u8]| lengths(bytes).map(|Lengths { header, payload }| (header, payload));
        assert_eq!(known(&[0x81]), None);
        assert_eq!(known(&[0x81, 0x80 | 125]), Some((6, 125)));
        assert_eq!(known(&[0x81, 125]), Some((2, 125)));
        assert_eq!(known(&[0x81, 0x80 | 126, 1]), None);
        assert_eq!(known(&[0x81, 0x80 | 126, 1, 2]), Some((8, 258)));
        assert_eq!(known(&[0x81, 0x80 | 127, 1, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(known(&[0x81, 0x80 | 127, 1, 0, 0, 0, 0, 0, 0, 2]), Some((14, (1 << 56) + 2)));
    }
}
