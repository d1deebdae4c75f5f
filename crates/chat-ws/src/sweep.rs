//! Writing the same frames to many connections.
//!
//! A sweep goes round the members of a large room, from one to the next, and gives each all that has come since its last
//! turn, in one system call. What comes meanwhile is taken in, so that nobody waits for the end of a round: the busier the
//! room, the more frames share a write. A round begins a while after the one before, not sooner, so that frames share a
//! write also where the processor has time; the first after a pause waits for nothing. Whoever gets something else too gets
//! it in its place, behind what came before.

use std::collections::VecDeque;
use std::future::pending;
use std::rc::Rc;

use bytes::Bytes;
use chat_core::Address;
use tokio::time::{Instant, sleep_until};

use crate::connection::Connection;
use crate::mailbox::Post;
use crate::wire;
use crate::worker::Worker;

/// How many connections make a crowd. Fewer are quicker written to one by one.
const CROWD: usize = 16;

/// How many connections are looked up together, so that the processor fetches them at the same time: they lie all over the
/// memory, and what the kernel does for a write drives them out of its caches.
const AHEAD: usize = 16;

/// With how many frames a round begins at once, and those are forgotten that everyone has; few in tests, so that it comes
/// to that.
pub(crate) const FRAMES: usize = if cfg!(test) { 4 } else { 512 };

/// Rounds of the same connections, one crowd after the other.
pub(crate) struct Sweep<'a> {
    worker: &'a Worker,
    crowd: Vec<Address>,
    /// What the crowd is to get, in order.
    frames: Vec<Bytes>,
    /// How many of the frames each of the crowd has had.
    given: Vec<usize>,
    /// Who is next.
    next: usize,
    /// How many have not had all.
    behind: usize,
    /// All frames from a number on, made once for the many that get just these.
    pieces: Vec<(usize, Bytes)>,
    /// When the next round may begin.
    begins: Instant,
    /// How many have not had their turn in this round.
    left: usize,
    places: Places,
}

/// Where in the crowd each connection stands, by its index, counted from 1.
#[derive(Default)]
struct Places(Vec<u32>);

impl<'a> Sweep<'a> {
    /// A sweep of nobody yet.
    pub fn new(worker: &'a Worker) -> Sweep<'a> {
        Sweep {
            worker,
            crowd: Vec::new(),
            frames: Vec::new(),
            given: Vec::new(),
            next: 0,
            behind: 0,
            pieces: Vec::new(),
            begins: Instant::now(),
            left: 0,
            places: Places::default(),
        }
    }

    /// Waits until it is worth going on; for ever while nobody is behind. Cancel safe.
    pub async fn due(&self) {
        match self.behind {
            0 => pending().await,
            _ => sleep_until(self.begins).await,
        }
    }

    /// Takes in posts, up to one to another crowd while this one is behind. Who is to be written to now, besides the
    /// crowd, is returned.
    pub fn take_in(&mut self, posts: &mut VecDeque<Post>) -> Vec<Rc<Connection>> {
        let mut touched = Vec::new();
        while let Some(post) = posts.pop_front() {
            match post {
                Post::Frame { frame, to } if to == self.crowd => self.add(frame),
                Post::Frame { frame, to } if to.len() >= CROWD && self.behind == 0 => {
                    self.turn_to(to);
                    self.add(frame);
                }
                Post::Frame { ref to, .. } if to.len() >= CROWD => {
                    posts.push_front(post);
                    break;
                }
                Post::CloseAll(_) if self.behind > 0 => {
                    posts.push_front(post);
                    break;
                }
                Post::Frame { frame, to } => self.queue(&frame, &to, &mut touched),
                Post::Close { at, reason } => {
                    if let Some(connection) = self.worker.find(at) {
                        self.catch_up(&connection, at);
                        connection.close_for(reason);
                    }
                }
                Post::CloseAll(reason) => {
                    self.worker.all().iter().for_each(|connection| connection.close_for(reason));
                }
            }
        }
        self.forget();
        touched
    }

    /// Goes on to the next of the crowd, and writes to `count` of them or so; false when that is no use for now: nobody is
    /// behind any more, or the next round is not due, which `hurried` passes over.
    pub fn go_on(&mut self, count: usize, hurried: bool) -> bool {
        if self.left == 0 && self.behind > 0 {
            let now = Instant::now();
            if now < self.begins && !hurried && self.frames.len() < FRAMES {
                return false;
            }
            self.begins = now + self.worker.sockets.settings().sweep;
            self.left = self.crowd.len();
        }
        let connections = self.worker.connections();
        let mut ahead = Vec::with_capacity(AHEAD);
        let end = self.left.saturating_sub(count);
        while self.behind > 0 && self.left > end {
            let given = self.given[self.next];
            while self.left > end && ahead.len() < AHEAD && self.given[self.next] == given {
                let place = self.next;
                self.next = if place + 1 < self.crowd.len() { place + 1 } else { 0 };
                self.left -= 1;
                if given < self.frames.len() {
                    self.given[place] = self.frames.len();
                    self.behind -= 1;
                    ahead.extend(connections.at(self.crowd[place]));
                }
            }
            if let [first, ..] = ahead[..] {
                let piece = self.piece(given, first);
                Connection::give(&piece, &ahead);
                ahead.clear();
            }
        }
        self.forget();
        self.behind > 0
    }

    /// Turns to another crowd, when this one has had all.
    fn turn_to(&mut self, crowd: Vec<Address>) {
        self.frames.clear();
        self.crowd.iter().for_each(|address| self.places.clear(*address));
        for (place, address) in crowd.iter().enumerate() {
            self.places.set(*address, place);
        }
        self.given.clear();
        self.given.resize(crowd.len(), 0);
        self.crowd = crowd;
        (self.next, self.left) = (0, 0);
        self.begins = Instant::now();
    }

    fn add(&mut self, frame: Bytes) {
        self.frames.push(frame);
        self.behind = self.crowd.len();
        self.pieces.clear();
    }

    /// Puts a frame into the queues of these connections, as one piece that they share.
    fn queue(&mut self, frame: &Bytes, to: &[Address], touched: &mut Vec<Rc<Connection>>) {
        let mut piece = None;
        for address in to {
            let Some(connection) = self.worker.find(*address) else { continue };
            self.catch_up(&connection, *address);
            // All that get a frame read the same format.
            let piece: &Bytes =
                piece.get_or_insert_with(|| wire::texts(std::iter::once(frame), connection.wire));
            connection.push(piece.clone());
            if connection.touch() {
                touched.push(connection);
            }
        }
    }

    /// Puts what the sweep has not brought to a connection yet into its queue.
    fn catch_up(&mut self, connection: &Connection, address: Address) {
        let Some(place) = self.places.get(address).filter(|place| self.crowd[*place] == address) else {
            return;
        };
        if self.given[place] < self.frames.len() {
            connection.push(self.piece(self.given[place], connection));
            self.given[place] = self.frames.len();
            self.behind -= 1;
        }
    }

    /// All frames from this number on.
    fn piece(&mut self, from: usize, connection: &Connection) -> Bytes {
        if let Some((_, piece)) = self.pieces.iter().find(|(known, _)| *known == from) {
            return piece.clone();
        }
        let piece = wire::texts(self.frames[from..].iter(), connection.wire);
        self.pieces.push((from, piece.clone()));
        piece
    }

    /// Drops frames that everyone has had, when that is all of them or there are many.
    fn forget(&mut self) {
        if self.frames.is_empty() || (self.behind > 0 && self.frames.len() < FRAMES) {
            return;
        }
        let had = self.given.iter().copied().min().unwrap_or(0);
        self.frames.drain(..had);
        self.given.iter_mut().for_each(|given| *given -= had);
        self.pieces.clear();
    }
}

impl Places {
    fn set(&mut self, address: Address, place: usize) {
        let index = address.index as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        self.0[index] = u32::try_from(place + 1).unwrap_or(0);
    }

    fn get(&self, address: Address) -> Option<usize> {
        let place = *self.0.get(address.index as usize)?;
        (place as usize).checked_sub(1)
    }

    fn clear(&mut self, address: Address) {
        if let Some(place) = self.0.get_mut(address.index as usize) {
            *place = 0;
        }
    }
}
