//! Writing the same frames to many connections.
//!
//! A sweep goes round the members of a large room, from one to the next, and gives each all that has come since its last
//! turn, in one system call. What comes meanwhile is taken in, so that nobody waits for the end of a round: the busier the
//! room, the more frames share a write. Whoever gets something else too gets it in its place, behind what came before.

use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use chat_core::Address;

use crate::connection::Connection;
use crate::mailbox::Post;
use crate::wire;
use crate::worker::Worker;

/// How many connections make a crowd. Fewer are quicker written to one by one.
const CROWD: usize = 16;

/// How many connections are looked up together, so that the processor fetches them at the same time: they lie all over the
/// memory, and what the kernel does for a write drives them out of its caches.
const AHEAD: usize = 16;

/// Of how many frames a sweep forgets those that everyone has; few in tests, so that it comes to that.
const FRAMES: usize = if cfg!(test) { 4 } else { 512 };

/// A round of the same connections.
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
    places: Places,
}

/// Where in the crowd each connection stands, by its index, counted from 1; kept by the worker for its memory.
#[derive(Default)]
pub(crate) struct Places(Vec<u32>);

impl<'a> Sweep<'a> {
    /// A sweep of the first crowd that is posted to; of nobody when there is none.
    pub fn of(worker: &'a Worker, posts: &VecDeque<Post>, mut places: Places) -> Sweep<'a> {
        let crowd = posts.iter().map(Post::to).find(|to| to.len() >= CROWD).unwrap_or_default().to_vec();
        for (place, address) in crowd.iter().enumerate() {
            places.set(*address, place);
        }
        let given = vec![0; crowd.len()];
        Sweep { worker, crowd, frames: Vec::new(), given, next: 0, behind: 0, pieces: Vec::new(), places }
    }

    /// Takes in posts, up to one to another crowd. Who is to be written to now, besides the crowd, is returned.
    pub fn take_in(&mut self, posts: &mut VecDeque<Post>) -> Vec<Rc<Connection>> {
        let mut touched = Vec::new();
        while let Some(post) = posts.pop_front() {
            match post {
                Post::Frame { frame, to } if to == self.crowd => {
                    self.frames.push(frame);
                    self.behind = self.crowd.len();
                    self.pieces.clear();
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

    /// Goes on to the next of the crowd, and writes to `count` of them or so; false when nobody is behind any more.
    pub fn go_on(&mut self, count: usize) -> bool {
        let connections = self.worker.connections();
        let mut ahead = Vec::with_capacity(AHEAD);
        let mut done = 0;
        while self.behind > 0 && done < count {
            while self.behind > 0 && ahead.len() < AHEAD {
                let place = self.next;
                self.next = (place + 1) % self.crowd.len();
                let given = std::mem::replace(&mut self.given[place], self.frames.len());
                if given < self.frames.len() {
                    self.behind -= 1;
                    ahead.extend(connections.at(self.crowd[place]).map(|connection| (given, connection)));
                }
            }
            done += ahead.len().max(1);
            for (given, connection) in ahead.drain(..) {
                let piece = self.piece(given, connection);
                connection.give(&piece);
            }
        }
        self.behind > 0
    }

    /// Ends the sweep; the memory of the places is for the next.
    pub fn end(mut self) -> Places {
        self.crowd.iter().for_each(|address| self.places.clear(*address));
        self.places
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

    /// Drops frames that everyone has had.
    fn forget(&mut self) {
        if self.frames.len() < FRAMES {
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
