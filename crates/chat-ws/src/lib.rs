//! The client protocol and the classic room socket over actix-ws.
//!
//! [`configure`] mounts both on any actix application:
//!
//! - `GET /connection/websocket`: the client protocol, in JSON;
//! - `GET /ws/joinRoom/{roomId}`: the socket of the classic API, where it is enabled.
//!
//! One worker for each thread of the application writes to all connections of that thread; a small task for each
//! reads from it. A peer that does not read is cut off alone.
//!
//! In a server of one's own, [`takeover`] takes the connections over from actix-http, at a fraction of the cost.

mod classic;
mod closing;
mod commands;
mod connection;
mod deadlines;
mod error;
mod format;
mod handshake;
mod mailbox;
mod native;
mod queue;
mod session;
mod settings;
mod socket;
mod sweep;
mod takeover;
mod task;
mod timers;
mod wire;
mod worker;

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use actix_web::web::{self, ServiceConfig};
use chat_core::{Authenticator, Chat, CloseReason, WireFormat};

use mailbox::Mailbox;
pub use settings::{ClassicSettings, SocketSettings};
pub use takeover::takeover;
use worker::Seat;

/// What the connections work with. Cheap to clone; made once and given to every worker.
#[derive(Clone)]
pub struct Sockets(Arc<Inner>);

struct Inner {
    chat: Arc<Chat>,
    authenticator: Arc<dyn Authenticator>,
    settings: SocketSettings,
    native: Arc<dyn WireFormat>,
    classic: Arc<dyn WireFormat>,
    /// Those of all workers.
    mailboxes: Mutex<Vec<Weak<Mailbox>>>,
    open: AtomicUsize,
    /// How many bytes wait for those who do not read.
    waiting: AtomicUsize,
}

impl Sockets {
    /// Sockets for this chat, with whoever knows whose a token is.
    #[must_use]
    pub fn new(chat: Arc<Chat>, authenticator: Arc<dyn Authenticator>, settings: SocketSettings) -> Sockets {
        if settings.classic.enabled && settings.classic.trust_query {
            log::warn!(
                "classic room sockets believe userId and username in their address: anyone can speak as anyone"
            );
        }
        Sockets(Arc::new(Inner {
            chat,
            authenticator,
            settings,
            native: Arc::new(format::ClientFormat),
            classic: Arc::new(format::ClassicFormat),
            mailboxes: Mutex::default(),
            open: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// How many sockets are open, those too that have not said who they are.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Closes all sockets, in an orderly way; [`open_count`](Self::open_count) tells when they have gone.
    pub fn close_all(&self, reason: CloseReason) {
        let mailboxes = self.0.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.iter().filter_map(Weak::upgrade).for_each(|mailbox| mailbox.close_all(reason));
    }

    fn chat(&self) -> &Arc<Chat> {
        &self.0.chat
    }

    fn settings(&self) -> &SocketSettings {
        &self.0.settings
    }

    /// A mailbox for one more worker.
    fn open_mailbox(&self) -> Arc<Mailbox> {
        let backpressure = self.chat().hub().backpressure().clone();
        let mailbox = Arc::new(Mailbox::new(self.settings().mailbox_bytes, backpressure));
        let mut mailboxes = self.0.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        mailboxes.push(Arc::downgrade(&mailbox));
        mailbox
    }

    /// Counts one more open socket; false when there are as many as there may be.
    fn count_open(&self) -> bool {
        let most = self.chat().limits().connections;
        let more = |open| (open < most).then_some(open + 1);
        self.0.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn count_closed(&self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts `bytes` that wait for a connection instead of the `counted` before; false when more wait on this node than
    /// may.
    fn count_waiting(&self, counted: &Cell<usize>, bytes: usize) -> bool {
        let before = counted.replace(bytes);
        if bytes <= before {
            if bytes < before {
                self.0.waiting.fetch_sub(before - bytes, Ordering::Relaxed);
            }
            return true;
        }
        let more = bytes - before;
        self.0.waiting.fetch_add(more, Ordering::Relaxed) + more <= self.settings().waiting_bytes
    }
}

/// Mounts the sockets on an application: `App::new().configure(chat_ws::configure(sockets.clone()))`.
pub fn configure(sockets: Sockets) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let classic = sockets.settings().classic.enabled;
        config
            .app_data(web::Data::new(Seat::new(sockets)))
            .route("/connection/websocket", web::get().to(native::open));
        if classic {
            config.route("/ws/joinRoom/{room}", web::get().to(classic::open));
        }
    }
}
