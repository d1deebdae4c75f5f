//! The connections of one thread, and the fan-out to them.
//!
//! What the hub has for a thread's connections comes through one mailbox, each frame once, with the list of those it is
//! for. The worker takes all that has come and gives each connection all that it is to have in one system call.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use chat_core::Address;
use slab::Slab;

use crate::Sockets;
use crate::connection::Connection;
use crate::deadlines::Deadlines;
use crate::mailbox::{Mailbox, Post};
use crate::sweep::{Places, Sweep};

/// How many connections are written to before the thread turns to what else it has: reading, mostly.
const WRITES_IN_A_ROW: usize = 128;

/// How often a ping interval is looked at: pings that fall into the same part of it are sent together.
const PARTS_OF_A_PING: u32 = 256;

/// The place of a worker in an application's thread; it is taken with the first connection.
pub(crate) struct Seat {
    pub sockets: Sockets,
    worker: OnceCell<Rc<Worker>>,
}

impl Seat {
    pub fn new(sockets: Sockets) -> Seat {
        Seat { sockets, worker: OnceCell::new() }
    }

    pub fn worker(&self) -> &Rc<Worker> {
        self.worker.get_or_init(|| {
            let worker = Rc::new(Worker::new(self.sockets.clone()));
            actix_web::rt::spawn(worker.clone().run());
            worker
        })
    }
}

/// The connections of one thread.
pub(crate) struct Worker {
    pub sockets: Sockets,
    pub mailbox: Arc<Mailbox>,
    pub deadlines: Deadlines,
    /// What all of them read into.
    pub buffer: RefCell<BytesMut>,
    connections: RefCell<Slab<Rc<Connection>>>,
    places: Cell<Places>,
}

impl Worker {
    fn new(sockets: Sockets) -> Worker {
        let mailbox = sockets.open_mailbox();
        let deadlines = Deadlines::new(sockets.settings().ping / PARTS_OF_A_PING);
        Worker {
            sockets,
            mailbox,
            deadlines,
            buffer: RefCell::default(),
            connections: RefCell::default(),
            places: Cell::default(),
        }
    }

    /// Takes in a connection, which is made with the index that it is known by.
    pub fn admit(&self, make: impl FnOnce(u32) -> Connection) -> Rc<Connection> {
        let mut connections = self.connections.borrow_mut();
        let entry = connections.vacant_entry();
        // A process does not have so many sockets.
        let connection = Rc::new(make(u32::try_from(entry.key()).unwrap_or(u32::MAX)));
        entry.insert(connection.clone());
        connection
    }

    /// Lets a connection go.
    pub fn dismiss(&self, index: u32) {
        self.connections.borrow_mut().try_remove(index as usize);
    }

    /// The connection at an address, unless it has gone.
    pub fn find(&self, address: Address) -> Option<Rc<Connection>> {
        let connections = self.connections.borrow();
        connections.get(address.index as usize).filter(|one| one.address() == Some(address)).cloned()
    }

    /// All connections, those too that the hub does not know yet.
    pub fn all(&self) -> Vec<Rc<Connection>> {
        self.connections.borrow().iter().map(|(_, connection)| connection.clone()).collect()
    }

    async fn run(self: Rc<Self>) {
        let mut posts = VecDeque::new();
        loop {
            tokio::select! {
                () = self.mailbox.next(&mut posts) => {}
                () = self.deadlines.wait() => self.on_time(),
            }
            while !posts.is_empty() {
                self.distribute(&mut posts).await;
            }
        }
    }

    /// Gives each connection what there is for it; what comes meanwhile too, as far as it goes to the same crowd or to
    /// few.
    async fn distribute(&self, posts: &mut VecDeque<Post>) {
        let mut sweep = Sweep::of(self, posts, self.places.take());
        loop {
            for (count, connection) in sweep.take_in(posts).iter().enumerate() {
                connection.write();
                if count % WRITES_IN_A_ROW == WRITES_IN_A_ROW - 1 {
                    tokio::task::yield_now().await;
                }
            }
            if !sweep.go_on(WRITES_IN_A_ROW) {
                break;
            }
            tokio::task::yield_now().await;
            self.on_time();
            if posts.is_empty() {
                self.mailbox.take(posts);
            }
        }
        self.places.set(sweep.end());
    }

    fn on_time(&self) {
        let by = self.deadlines.horizon();
        while let Some((at, index)) = self.deadlines.pop(by) {
            let connection = self.connections.borrow().get(index as usize).cloned();
            if let Some(connection) = connection {
                connection.on_time(at, by);
            }
        }
    }
}

/// Counts an open socket, of whatever way, for as long as it lives.
pub(crate) struct Open(Sockets);

impl Open {
    /// None when there are as many as there may be.
    pub fn count(sockets: &Sockets) -> Option<Open> {
        sockets.count_open().then(|| Open(sockets.clone()))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.count_closed();
    }
}

/// A flag that remembers whether it was set before.
#[derive(Default)]
pub(crate) struct Once(Cell<bool>);

impl Once {
    /// Whether this is the first time since it was cleared.
    pub fn set(&self) -> bool {
        !self.0.replace(true)
    }

    pub fn clear(&self) {
        self.0.set(false);
    }
}
