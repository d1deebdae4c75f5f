//! What the hub has for the connections of one worker.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chat_core::{Address, Backpressure, CloseReason, Outlet};
use tokio::sync::Notify;

/// One thing to do for connections.
pub(crate) enum Post {
    /// Write this to these.
    Frame { frame: Bytes, to: Vec<Address> },
    /// Close this one.
    Close { at: Address, reason: CloseReason },
    /// Close all there are.
    CloseAll(CloseReason),
}

/// The outlet of a worker's connections. Bounded in bytes: past the bound the fan-out waits, and signals are left out.
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Notify,
    limit: usize,
    backpressure: Arc<Backpressure>,
}

#[derive(Default)]
struct Queue {
    posts: VecDeque<Post>,
    bytes: usize,
    /// Whether the fan-out was told to wait.
    pressing: bool,
}

impl Mailbox {
    pub fn new(limit: usize, backpressure: Arc<Backpressure>) -> Mailbox {
        Mailbox { queue: Mutex::default(), arrived: Notify::new(), limit, backpressure }
    }

    /// Waits for posts and moves all that have come behind the others. For one task only. Cancel safe.
    pub async fn next(&self, posts: &mut VecDeque<Post>) {
        while !self.take(posts) {
            self.arrived.notified().await;
        }
    }

    /// Moves all posts that have come behind the others; false when there are none.
    pub fn take(&self, posts: &mut VecDeque<Post>) -> bool {
        let mut queue = self.queue();
        if queue.posts.is_empty() {
            return false;
        }
        posts.append(&mut queue.posts);
        queue.bytes = 0;
        if std::mem::take(&mut queue.pressing) {
            self.backpressure.ease();
        }
        true
    }

    /// Closes every connection of the worker, those too that the hub does not know yet.
    pub fn close_all(&self, reason: CloseReason) {
        self.post(Post::CloseAll(reason), 0);
    }

    fn post(&self, post: Post, bytes: usize) {
        let mut queue = self.queue();
        queue.posts.push_back(post);
        queue.bytes += bytes + size_of::<Post>();
        if queue.bytes > self.limit && !queue.pressing {
            queue.pressing = true;
            self.backpressure.press();
        }
        drop(queue);
        self.arrived.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Mailbox {
    fn put(&self, frame: Bytes, to: Vec<Address>) {
        let bytes = frame.len() + size_of_val(&to[..]);
        self.post(Post::Frame { frame, to }, bytes);
    }

    fn close(&self, at: Address, reason: CloseReason) {
        self.post(Post::Close { at, reason }, 0);
    }

    fn is_crowded(&self) -> bool {
        self.queue().pressing
    }
}

/// The fan-out must not wait for a worker that has gone.
impl Drop for Mailbox {
    fn drop(&mut self) {
        if self.queue().pressing {
            self.backpressure.ease();
        }
    }
}
