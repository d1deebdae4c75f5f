//! A connection's task: it reads, has the protocol answer, and writes what the worker could not.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytestring::ByteString;
use chat_proto::Disconnect;

use crate::closing::End;
use crate::connection::{Connection, Pings};
use crate::socket::{Incoming, Reader, Unwritten};
use crate::wire;

/// What a client speaks, once it has said who it is.
pub(crate) trait Protocol {
    /// Takes a message.
    fn incoming(&mut self, text: &ByteString) -> Result<(), End>;

    /// Whether it takes another one now.
    fn takes_more(&self) -> bool;

    /// Goes on with what is under way; ready when something was done, so that it is worth asking again.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>>;
}

/// The whole task: `begin` finds out who it is and enters the hub, and the protocol serves it to its end.
pub(crate) async fn run<P: Protocol>(
    connection: Rc<Connection>,
    mut reader: Reader,
    begin: impl AsyncFnOnce(&Rc<Connection>, &mut Reader) -> Result<P, End>,
) {
    let seated = Seated(connection);
    let connection = &seated.0;
    // What is needed once is kept in memory once.
    let end = match Box::pin(begin(connection, &mut reader)).await {
        // The protocol leaves the hub when it is dropped: nothing more is queued for it, and the others see it leave.
        Ok(mut protocol) => connection.serve(&mut reader, &mut protocol).await,
        Err(end) => end,
    };
    Box::pin(connection.close(end, reader)).await;
}

/// The place of a connection at its worker, which goes with its task, also when that panics.
struct Seated(Rc<Connection>);

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.worker.dismiss(self.0.index);
    }
}

impl Connection {
    /// The next message of a client that is not asked for anything else. Cancel safe.
    pub async fn next(&self, reader: &mut Reader) -> Result<ByteString, End> {
        poll_fn(|cx| {
            if let Some(end) = self.listen(cx) {
                return Poll::Ready(Err(end));
            }
            while let Poll::Ready(incoming) = self.poll_incoming(cx, reader) {
                if let Some(text) = incoming.transpose() {
                    return Poll::Ready(text);
                }
            }
            self.settle(cx, reader);
            Poll::Pending
        })
        .await
    }

    /// Waits for something, unless the connection ends first.
    pub async fn unless_over<T>(&self, reader: &mut Reader, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = std::pin::pin!(work);
        poll_fn(|cx| {
            if let Some(end) = self.listen(cx) {
                return Poll::Ready(Err(end));
            }
            self.settle(cx, reader);
            work.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    /// Runs the protocol to the connection's end.
    pub async fn serve(&self, reader: &mut Reader, protocol: &mut impl Protocol) -> End {
        poll_fn(|cx| {
            loop {
                if let Some(end) = self.listen(cx) {
                    return Poll::Ready(end);
                }
                match protocol.poll_work(cx) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(end)) => return Poll::Ready(end),
                    Poll::Pending => {}
                }
                if !protocol.takes_more() {
                    break;
                }
                match self.poll_incoming(cx, reader) {
                    Poll::Ready(Ok(None)) => {}
                    Poll::Ready(Ok(Some(text))) => {
                        if let Err(end) = protocol.incoming(&text) {
                            return Poll::Ready(end);
                        }
                    }
                    Poll::Ready(Err(end)) => return Poll::Ready(end),
                    Poll::Pending => break,
                }
            }
            self.settle(cx, reader);
            Poll::Pending
        })
        .await
    }

    /// Has the task woken when the worker ends the connection; says whether it has.
    fn listen(&self, cx: &mut Context<'_>) -> Option<End> {
        let mut task = self.task.borrow_mut();
        if task.as_ref().is_none_or(|task| !task.will_wake(cx.waker())) {
            *task = Some(cx.waker().clone());
        }
        self.end.borrow_mut().take()
    }

    /// What came in: a text, something that was dealt with, or the end.
    fn poll_incoming(
        &self,
        cx: &mut Context<'_>,
        reader: &mut Reader,
    ) -> Poll<Result<Option<ByteString>, End>> {
        let incoming =
            std::task::ready!(reader.poll_next(cx, &self.socket, &mut self.worker.buffer.borrow_mut()));
        Poll::Ready(match incoming {
            Incoming::Text(text) => Ok(Some(text)),
            Incoming::Binary => Err(End::Close(Disconnect::InappropriateProtocol)),
            Incoming::Ping(payload) => {
                self.push(wire::pong(&payload));
                Ok(None)
            }
            Incoming::Pong => {
                if self.pings == Pings::Frames {
                    self.pong();
                }
                Ok(None)
            }
            Incoming::Close(reason) => Err(End::Closed(reason)),
            Incoming::Over => Err(End::Gone),
            Incoming::Broken(reason) => Err(End::Broken(reason)),
        })
    }

    /// Before the task waits: writes what waits, and holds no memory that it does not need.
    fn settle(&self, cx: &mut Context<'_>, reader: &mut Reader) {
        while self.waiting.get() && self.socket.poll_writable(cx).is_ready() {
            match self.try_write() {
                Ok(()) | Err(Unwritten::Full) => {}
                Err(Unwritten::Gone) => {
                    self.finish(End::Gone);
                    break;
                }
            }
        }
        reader.settle();
    }
}
