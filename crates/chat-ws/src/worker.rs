//! The connections of one thread, and the fan-out to them.
//!
//! What the hub has for a thread's connections comes in one piece, through one mailbox. The worker takes all that has
//! come, writes frames that go to the same connections into one buffer, which they share, and gives each connection all
//! that it is to have in one system call.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chat_core::Address;
use slab::Slab;

use crate::Sockets;
use crate::connection::Connection;
use crate::deadlines::Deadlines;
use crate::mailbox::{Mailbox, Post};
use crate::wire;

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
    /// Kept for its memory, from one batch to the next.
    apart: Cell<Addresses>,
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
            apart: Cell::default(),
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

    async fn run(self: Rc<Self>) {
        let mut posts = Vec::new();
        loop {
            tokio::select! {
                () = self.mailbox.next(&mut posts) => self.distribute(&mut posts).await,
                () = self.deadlines.wait() => self.on_time(),
            }
        }
    }

    fn find(&self, address: Address) -> Option<Rc<Connection>> {
        let connections = self.connections.borrow();
        connections.get(address.index as usize).filter(|one| one.address() == Some(address)).cloned()
    }

    /// Gives each connection what there is for it, in one write.
    ///
    /// Most of a batch often goes to the same connections, those in a large room: they get it as one piece, straight
    /// into their sockets. Those that get something else too, such as the answer to who has sent, get all of it in its
    /// order through their queues, and first: so they go on while the others are written to.
    async fn distribute(&self, posts: &mut Vec<Post>) {
        let closes_all = posts.iter().any(|post| matches!(post, Post::CloseAll(_)));
        let crowd =
            posts.iter().map(Post::to).max_by_key(|to| to.len()).filter(|to| to.len() > 1 && !closes_all);
        let crowd = crowd.unwrap_or_default();
        let mut apart = self.apart.take();
        for address in posts.iter().map(Post::to).filter(|to| *to != crowd).flatten() {
            apart.insert(*address);
        }
        let both: Vec<_> = crowd.iter().copied().filter(|address| apart.contains(*address)).collect();

        let (mut shared, mut touched) = (Vec::new(), Vec::new());
        for post in posts.iter() {
            match post {
                Post::Frame { frame, to } if to == crowd => {
                    shared.push(frame);
                    self.queue(frame, &both, &mut touched);
                }
                Post::Frame { frame, to } => self.queue(frame, to, &mut touched),
                Post::Close { at, reason } => {
                    self.find(*at).inspect(|connection| connection.close_for(*reason));
                }
                Post::CloseAll(reason) => {
                    let all: Vec<_> = self.connections.borrow().iter().map(|(_, one)| one.clone()).collect();
                    all.iter().for_each(|connection| connection.close_for(*reason));
                }
            }
        }
        for (count, connection) in touched.iter().enumerate() {
            connection.write();
            take_turns(count).await;
        }
        let alone = || {
            crowd
                .iter()
                .filter(|address| !apart.contains(**address))
                .filter_map(|address| self.find(*address))
        };
        if let Some(first) = alone().next() {
            // All that get a frame read the same format.
            let piece = wire::texts(shared.into_iter(), first.wire());
            for (count, connection) in alone().enumerate() {
                connection.give(&piece);
                take_turns(count).await;
            }
        }
        apart.clear();
        self.apart.set(apart);
        posts.clear();
    }

    /// Puts a frame into the queues of these connections, as one piece that they share.
    fn queue(&self, frame: &Bytes, to: &[Address], touched: &mut Vec<Rc<Connection>>) {
        let mut piece = None;
        for connection in to.iter().filter_map(|address| self.find(*address)) {
            let piece: &Bytes =
                piece.get_or_insert_with(|| wire::texts([frame].into_iter(), connection.wire()));
            if connection.push(piece.clone()) {
                touched.push(connection);
            }
        }
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

/// A set of connections.
#[derive(Default)]
struct Addresses(Vec<bool>);

impl Addresses {
    fn insert(&mut self, address: Address) {
        let index = address.index as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, false);
        }
        self.0[index] = true;
    }

    fn contains(&self, address: Address) -> bool {
        self.0.get(address.index as usize).is_some_and(|there| *there)
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// Lets others have the thread after so many writes.
async fn take_turns(count: usize) {
    if count % WRITES_IN_A_ROW == WRITES_IN_A_ROW - 1 {
        tokio::task::yield_now().await;
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
