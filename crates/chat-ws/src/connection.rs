//! One client's connection: its socket, what waits for it, and its task.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use chat_core::{Address, CloseReason, Identity, WireFormat};
use chat_proto::Disconnect;
use socket2::SockRef;
use tokio::time::Instant;

use crate::closing::End;
use crate::commands::Caller;
use crate::error::disconnect;
use crate::queue::Queue;
use crate::session::Registered;
use crate::socket::{Socket, Unwritten, taken};
use crate::timers::{Due, Timers};
use crate::wire::{self, Wire};
use crate::worker::{Open, Worker};

/// How a connection is pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pings {
    /// By empty commands, as SDKs expect.
    Commands,
    /// By frames of WebSocket itself, for tools without an SDK.
    Frames,
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
    pub(crate) waiting: Cell<bool>,
    pub(crate) socket: Socket,
    pub(crate) wire: Wire,
    pub(crate) pings: Pings,
    pub(crate) index: u32,
    pub(crate) worker: Rc<Worker>,
    pub(crate) queue: RefCell<Queue>,
    /// What the queue's bytes are counted as, of all that wait on this node.
    counted: Cell<usize>,
    /// Since when the peer takes nothing of what waits.
    stuck: Cell<Option<Instant>>,
    timers: RefCell<Timers>,
    /// When the worker looks at the timers next.
    looked_at: Cell<Option<Instant>>,
    pub(crate) end: RefCell<Option<End>>,
    pub(crate) task: RefCell<Option<Waker>>,
    touched: Cell<bool>,
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
            touched: Cell::new(false),
            _open: open,
        });
        connection.set_deadline();
        connection
    }

    /// Whether the hub knows it by this address.
    pub fn is_at(&self, address: Address) -> bool {
        self.address.get() == Some(address)
    }

    /// Makes it known to the hub as this caller's, until their token ends.
    pub fn enter(&self, caller: Identity, format: Arc<dyn WireFormat>) -> Result<Registered, End> {
        let Identity { profile, session, expires_at } = caller;
        let (chat, settings) = (self.worker.sockets.chat().clone(), self.worker.sockets.settings());
        let known = chat.hub().connect(profile, session, format, self.worker.mailbox.clone(), self.index);
        let known = known.map_err(|_| End::Close(Disconnect::ConnectionLimit))?;
        self.address.set(Some(known.address()));
        self.set_timers(|timers| *timers = Timers::new(settings, expires_at));
        Ok(Registered(Caller { chat, connection: known }))
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
        !self.touched.replace(true)
    }

    /// Writes the same piece to many, at once where nothing waits before it.
    ///
    /// One system call follows the other with as little as may be between them: what the kernel does for each drives all
    /// else out of the processor's caches.
    pub fn give(piece: &Bytes, to: &[&Rc<Connection>]) {
        let mut ready = Vec::with_capacity(to.len());
        for connection in to {
            match &connection.socket {
                _ if connection.closing.get() => {}
                _ if connection.waiting.get() => {
                    connection.push(piece.clone());
                    connection.write();
                }
                Socket::Taken(stream) => ready.push((SockRef::from(stream), connection)),
                Socket::Mounted(response) => connection.gave(piece, response.write_piece(piece.clone())),
            }
        }
        for (socket, connection) in ready {
            connection.gave(piece, taken::write_piece(&socket, piece));
        }
    }

    /// Goes on with a piece of which this much was written.
    fn gave(&self, piece: &Bytes, written: Result<usize, Unwritten>) {
        let written = match written {
            Ok(written) if written == piece.len() => return,
            Ok(written) => written,
            Err(Unwritten::Full) => 0,
            Err(Unwritten::Gone) => return self.finish(End::Gone),
        };
        self.queue.borrow_mut().push_rest(piece, written);
        self.write();
    }

    /// Writes what waits, as far as the socket takes it; its task does the rest.
    pub fn write(&self) {
        match self.try_write() {
            Ok(()) => {}
            Err(Unwritten::Full) => self.wake(),
            Err(Unwritten::Gone) => self.finish(End::Gone),
        }
    }

    pub(crate) fn try_write(&self) -> Result<(), Unwritten> {
        self.touched.set(false);
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
    pub(crate) fn finish(&self, end: End) {
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
                self.push(Bytes::from_static(match self.pings {
                    Pings::Commands => wire::PING_COMMAND,
                    Pings::Frames => wire::PING_FRAME,
                }));
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
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.worker.sockets.count_waiting(&self.counted, 0);
    }
}
