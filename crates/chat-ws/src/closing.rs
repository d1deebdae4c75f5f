//! How connections end.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use actix_http::ws::{self, CloseCode};
use chat_proto::Disconnect;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::socket::{Incoming, Reader, Unwritten};
use crate::wire;

/// How long a connection whose incoming bytes make no sense stays open behind its close frame.
const UNREADABLE_LINGER: Duration = Duration::from_secs(1);

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// Close it, by this code.
    Close(Disconnect),
    /// Close it: the peer broke the rules of WebSockets.
    Broken(ws::CloseReason),
    /// The peer closes it, for this reason.
    Closed(Option<ws::CloseReason>),
    /// There is nothing left to close.
    Gone,
    /// The peer takes nothing: what waits for it is dropped.
    Cut,
}

impl Connection {
    /// Ends the connection as it deserves, and gives its place free.
    pub async fn close(&self, end: End, mut reader: Reader) {
        let wait = match &end {
            End::Gone => return,
            End::Cut => return self.socket.abort(),
            End::Close(_) | End::Broken(_) => true,
            End::Closed(_) => false,
        };
        let readable = !matches!(&end, End::Broken(reason) if reason.code != CloseCode::Invalid);
        let reason = match end {
            End::Close(why) => {
                Some(ws::CloseReason { code: why.code().into(), description: Some(why.reason().to_owned()) })
            }
            End::Broken(reason) => Some(reason),
            End::Closed(reason) => reason,
            End::Gone | End::Cut => None,
        };
        self.closing.set(true);
        self.queue.borrow_mut().push(wire::close(reason));
        let farewell = async {
            let written = poll_fn(|cx| {
                while self.socket.poll_writable(cx).is_ready() {
                    match self.socket.write(&mut self.queue.borrow_mut()) {
                        Err(Unwritten::Full) => {}
                        written => return Poll::Ready(written),
                    }
                }
                Poll::Pending
            });
            if written.await.is_ok() && wait {
                self.hear_out(&mut reader, readable).await;
            }
        };
        let time = self.worker.sockets.settings().close_timeout;
        if timeout(time, farewell).await.is_err() {
            self.socket.abort();
        }
    }

    /// Waits for the peer's close. What it sends meanwhile is read and dropped.
    async fn hear_out(&self, reader: &mut Reader, readable: bool) {
        if readable {
            poll_fn(|cx| {
                loop {
                    let incoming = std::task::ready!(reader.poll_next(
                        cx,
                        &self.socket,
                        &mut self.worker.buffer.borrow_mut()
                    ));
                    if matches!(incoming, Incoming::Close(_) | Incoming::Over | Incoming::Broken(_)) {
                        return Poll::Ready(());
                    }
                }
            })
            .await;
        } else {
            // What follows a broken frame cannot be told apart from it: there is nothing to wait for but the peer's
            // going.
            let gone =
                poll_fn(|cx| reader.poll_drain(cx, &self.socket, &mut self.worker.buffer.borrow_mut()));
            let _ = timeout(UNREADABLE_LINGER, gone).await;
        }
    }
}
