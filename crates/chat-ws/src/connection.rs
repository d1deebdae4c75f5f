//! One client's connection: its socket, what waits for it, and its task.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use bytestring::ByteString;
use chat_core::{Address, CloseReason};
use chat_proto::Disconnect;
use tokio::time::Instant;

use crate::closing::End;
use crate::error::disconnect;
use crate::queue::Queue;
use crate::socket::{Incoming, Reader, Socket, Unwritten};
use crate::timers::{Due, Timers};
use crate::wire::{self, Wire};
use crate::worker::{Once, Open, Worker};

/// How a connection is pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pings {
    /// By empty commands, as SDKs expect.
    Commands,
    /// By frames of WebSocket itself, for tools without an SDK.
    Frames,
}

/// What a client speaks, once it has said who it is.
pub(crate) trait Protocol {
    /// Takes a message.
    fn incoming(&mut self, text: &ByteString) -> Result<(), End>;

    /// Whether it takes another one now.
    fn takes_more(&self) -> bool;

    /// Goes on with what is under way; ready when something was done, so that it is worth asking again.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>>;
}

/// One client's connection, shared by its task and its worker.
///
/// What a write touches stands together, at the beginning: with a thousand connections, the time goes into fetching it.
#[repr(C)]
pub(crate) struct Connection {
    /// How the hub knows it, once it does.
    address: Cell<Option<Address>>,
    /// Nothing more is queued for it.
    pub(crate) closing: Cell<bool>,
    /// Whether something is in the queue.
    waiting: Cell<bool>,
    pub(crate) socket: Socket,
    wire: Wire,
    pings: Pings,
    index: u32,
    pub(crate) worker: Rc<Worker>,
    pub(crate) queue: RefCell<Queue>,
    /// What the queue's bytes are counted as, of all that wait on this node.
    counted: Cell<usize>,
    /// Since when the peer takes nothing of what waits.
    stuck: Cell<Option<Instant>>,
    timers: RefCell<Timers>,
    /// When the worker looks at the timers next.
    looked_at: Cell<Option<Instant>>,
    end: RefCell<Option<End>>,
    task: RefCell<Option<Waker>>,
    touched: Once,
    _open: Open,
}

impl Connection {
    /// A connection that has not said who it is, and is closed when it does not for too long.
    pub fn open(worker: &Rc<Worker>, socket: Socket, wire: Wire, pings: Pings, open: Open) -> Rc<Connection> {
        let timers = Timers::stale(worker.sockets.settings());
        let connection = worker.admit(|index| Connection {
            worker: worker.clone(),
            index,
            address: Cell::new(None),
            wire,
            pings,
            socket,
            queue: RefCell::default(),
            counted: Cell::new(0),
            stuck: Cell::new(None),
            timers: RefCell::new(timers),
            looked_at: Cell::new(None),
            end: RefCell::new(None),
            closing: Cell::new(false),
            waiting: Cell::new(false),
            task: RefCell::new(None),
            touched: Once::default(),
            _open: open,
        });
        connection.set_deadline();
        connection
    }

    pub fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }

    /// Whether the hub knows it by this address.
    pub fn is_at(&self, address: Address) -> bool {
        self.address.get() == Some(address)
    }

    pub fn wire(&self) -> Wire {
        self.wire
    }

    pub fn pings(&self) -> Pings {
        self.pings
    }

    pub fn index(&self) -> u32 {
        self.index
    }

    /// The hub knows it; its timers are those of a client that has said who it is.
    pub fn enter(&self, address: Address, timers: Timers) {
        self.address.set(Some(address));
        self.set_timers(|old| *old = timers);
    }

    /// The peer has answered a ping; false when it was not asked.
    pub fn pong(&self) -> bool {
        self.timers.borrow_mut().pong()
    }

    /// Changes when something is due.
    pub fn set_timers(&self, change: impl FnOnce(&mut Timers)) {
        change(&mut self.timers.borrow_mut());
        self.set_deadline();
    }

    /// Tells this client something before the hub does; it is written before its task waits again. Later, all that it
    /// is told comes through the hub, in one order.
    pub fn greet(&self, frame: &Bytes) {
        self.push(wire::texts([frame].into_iter(), self.wire));
    }

    /// Puts ready frames behind what waits.
    ///
    /// Where they do not fit, what waits is dropped and the client closed as too slow: it comes back and recovers. A
    /// single piece larger than the whole bound still passes when nothing else waits.
    pub fn push(&self, piece: Bytes) {
        if self.closing.get() {
            return;
        }
        let mut queue = self.queue.borrow_mut();
        let fits = queue.bytes() + piece.len() <= self.worker.sockets.chat().limits().queue_bytes;
        if queue.is_empty() || fits {
            queue.push(piece);
            self.waiting.set(true);
            return;
        }
        drop(queue);
        self.close_for(CloseReason::Slow);
    }

    /// Whether it has not been touched since it was written to.
    pub fn touch(&self) -> bool {
        self.touched.set()
    }

    /// Writes ready frames at once, when nothing waits before them.
    pub fn give(&self, piece: &Bytes) {
        if self.closing.get() {
            return;
        }
        if self.waiting.get() {
            self.push(piece.clone());
            self.write();
            return;
        }
        match self.socket.write_piece(piece) {
            Ok(written) if written == piece.len() => {}
            Ok(written) => {
                self.queue.borrow_mut().push_rest(piece, written);
                self.write();
            }
            Err(Unwritten::Full) => {
                self.queue.borrow_mut().push_rest(piece, 0);
                self.write();
            }
            Err(Unwritten::Gone) => self.finish(End::Gone),
        }
    }

    /// Writes what waits, as far as the socket takes it; its task does the rest.
    pub fn write(&self) {
        match self.try_write() {
            Ok(()) => {}
            Err(Unwritten::Full) => self.wake(),
            Err(Unwritten::Gone) => self.finish(End::Gone),
        }
    }

    fn try_write(&self) -> Result<(), Unwritten> {
        self.touched.clear();
        let (written, taken, left) = {
            let mut queue = self.queue.borrow_mut();
            let before = queue.bytes();
            let written = self.socket.write(&mut queue);
            (written, before - queue.bytes(), queue.bytes())
        };
        self.waiting.set(left > 0);
        if taken > 0 {
            self.stuck.set(None);
        }
        if !self.worker.sockets.count_waiting(&self.counted, left) {
            self.close_for(CloseReason::Slow);
        } else if left > 0 && self.stuck.get().is_none() {
            self.stuck.set(Some(Instant::now()));
            self.set_deadline();
        }
        written
    }

    /// Closes it from this side.
    pub fn close_for(&self, reason: CloseReason) {
        if reason == CloseReason::Slow {
            self.queue.borrow_mut().drop_unseen();
        }
        self.finish(End::Close(disconnect(reason)));
    }

    /// The first end stays.
    fn finish(&self, end: End) {
        self.closing.set(true);
        self.end.borrow_mut().get_or_insert(end);
        self.wake();
    }

    fn wake(&self) {
        let task = self.task.borrow_mut().take();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Does what is due `by` then; `at` is when it was asked to look.
    pub fn on_time(&self, at: Instant, by: Instant) {
        if self.looked_at.get() != Some(at) {
            return;
        }
        self.looked_at.set(None);
        let settings = self.worker.sockets.settings();
        if self.stuck.get().is_some_and(|since| since + settings.write_timeout <= by) {
            log::debug!("a client takes nothing and is cut off");
            return self.finish(End::Cut);
        }
        let due = self.timers.borrow_mut().due(by, settings);
        match due {
            None => {}
            Some(Due::Close(why)) => return self.finish(End::Close(why)),
            Some(Due::Ping) => {
                let ping = match self.pings {
                    Pings::Commands => {
                        wire::texts([&Bytes::from_static(chat_proto::PING.as_bytes())].into_iter(), self.wire)
                    }
                    Pings::Frames => wire::ping(),
                };
                self.push(ping);
                self.write();
            }
        }
        self.set_deadline();
    }

    /// Has the worker look at the timers in time.
    fn set_deadline(&self) {
        let timers = self.timers.borrow().next();
        let stuck = self.stuck.get().map(|since| since + self.worker.sockets.settings().write_timeout);
        let next = stuck.map_or(timers, |stuck| stuck.min(timers));
        if self.looked_at.get().is_none_or(|at| next < at) {
            self.looked_at.set(Some(next));
            self.worker.deadlines.add(next, self.index);
        }
    }

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

impl Drop for Connection {
    fn drop(&mut self) {
        self.worker.sockets.count_waiting(&self.counted, 0);
    }
}

/// The place of a connection at its worker, which goes with its task, also when that panics.
pub(crate) struct Seated(pub Rc<Connection>);

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.worker.dismiss(self.0.index);
    }
}
