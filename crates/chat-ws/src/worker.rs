//! The connections of one thread, and the fan-out to them.
//!
//! What the hub has for a thread's connections comes through one mailbox, each frame once, with the list of those it is
//! for. The worker takes all that has come and gives each connection all that it is to have in one system call.

use std::cell::{OnceCell, Ref, RefCell};
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
use crate::sweep::Sweep;

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
    connections: RefCell<Connections>,
}

impl Worker {
    fn new(sockets: Sockets) -> Worker {
        let mailbox = sockets.open_mailbox();
        let deadlines = Deadlines::new(sockets.settings().ping / PARTS_OF_A_PING);
        Worker { sockets, mailbox, deadlines, buffer: RefCell::default(), connections: RefCell::default() }
    }

    /// Takes in a connection, which is made with the index that it is known by.
    pub fn admit(&self, make: impl FnOnce(u32) -> Connection) -> Rc<Connection> {
        let mut connections = self.connections.borrow_mut();
        let entry = connections.0.vacant_entry();
        // A process does not have so many sockets.
        let connection = Rc::new(make(u32::try_from(entry.key()).unwrap_or(u32::MAX)));
        entry.insert(connection.clone());
        connection
    }

    /// Lets a connection go.
    pub fn dismiss(&self, index: u32) {
        self.connections.borrow_mut().0.try_remove(index as usize);
    }

    /// All of them. None can come or go meanwhile.
    pub fn connections(&self) -> Ref<'_, Connections> {
        self.connections.borrow()
    }

    /// The connection at an address, unless it has gone.
    pub fn find(&self, address: Address) -> Option<Rc<Connection>> {
        self.connections().at(address).cloned()
    }

    /// All connections, those too that the hub does not know yet.
    pub fn all(&self) -> Vec<Rc<Connection>> {
        self.connections().0.iter().map(|(_, connection)| connection.clone()).collect()
    }

    async fn run(self: Rc<Self>) {
        let mut posts = VecDeque::new();
        let mut sweep = Sweep::new(&self);
        loop {
            tokio::select! {
                () = self.mailbox.next(&mut posts) => {}
                () = self.deadlines.wait() => self.on_time(),
                () = sweep.due() => {}
            }
            self.distribute(&mut posts, &mut sweep).await;
        }
    }

    /// Gives each connection what there is for it, and what comes meanwhile, but for what the next round of the sweep is to
    /// bring.
    async fn distribute(&self, posts: &mut VecDeque<Post>, sweep: &mut Sweep<'_>) {
        loop {
            for (count, connection) in sweep.take_in(posts).iter().enumerate() {
                connection.write();
                if count % WRITES_IN_A_ROW == WRITES_IN_A_ROW - 1 {
                    tokio::task::yield_now().await;
                }
            }
            // What is behind the sweep does not wait for a round.
            let goes_on = sweep.go_on(WRITES_IN_A_ROW, !posts.is_empty());
            if !goes_on && posts.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
            self.on_time();
            if posts.is_empty() {
                self.mailbox.take(posts);
            }
        }
    }

    fn on_time(&self) {
        let by = self.deadlines.horizon();
        while let Some((at, index)) = self.deadlines.pop(by) {
            let connection = self.connections().0.get(index as usize).cloned();
            if let Some(connection) = connection {
                connection.on_time(at, by);
            }
        }
    }
}

/// Connections by their index.
#[derive(Default)]
pub(crate) struct Connections(Slab<Rc<Connection>>);

impl Connections {
    /// The connection at an address, unless it has gone.
    pub fn at(&self, address: Address) -> Option<&Rc<Connection>> {
        self.0.get(address.index as usize).filter(|one| one.is_at(address))
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;
    use std::time::Duration;

    use async_trait::async_trait;
    use bytes::Bytes;
    use chat_core::{AuthError, Authenticator, Chat, CloseReason, Identity, Limits, Outlet, Profile, UserId};
    use proptest::prelude::*;
    use tokio::time::advance;

    use super::*;
    use crate::SocketSettings;
    use crate::connection::Pings;
    use crate::session::Registered;
    use crate::socket::Socket;
    use crate::socket::mounted::Response;
    use crate::sweep::FRAMES;
    use crate::wire::Wire;

    struct Nobody;

    #[async_trait]
    impl Authenticator for Nobody {
        async fn authenticate(&self, _: &str) -> Result<Identity, AuthError> {
            Err(AuthError::Invalid)
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        /// A frame to so many connections from this one on.
        Post(usize, usize),
        /// This connection's peer reads.
        Read(usize),
        /// The worker goes on.
        Turn,
        /// So many milliseconds pass.
        Pass(u64),
    }

    const CONNECTIONS: usize = 300;

    /// The time between two rounds.
    const SWEEP: Duration = Duration::from_millis(16);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let from = 0..CONNECTIONS;
        let reach =
            prop_oneof![3 => Just(1), 1 => 2..40_usize, 4 => Just(CONNECTIONS), 1 => Just(CONNECTIONS - 5)];
        let step = prop_oneof![
            4 => (from.clone(), reach).prop_map(|(from, reach)| Step::Post(if reach < 40 { from } else { 0 }, reach)),
            2 => from.prop_map(Step::Read),
            3 => Just(Step::Turn),
            1 => (1..20_u64).prop_map(Step::Pass),
        ];
        prop::collection::vec(step, 1..60)
    }

    struct Peer {
        registered: Registered,
        connection: Rc<Connection>,
        socket: Rc<Response>,
        expected: Vec<String>,
        seen: Vec<u8>,
    }

    impl Peer {
        fn read(&mut self) {
            while let Some(chunk) = self.socket.take() {
                self.seen.extend_from_slice(&chunk);
                self.connection.write();
            }
        }

        /// What one write brought.
        fn written(&self) -> Option<Vec<String>> {
            self.socket.take().map(|chunk| lines(&chunk))
        }
    }

    /// The lines of these frames.
    fn lines(frames: &[u8]) -> Vec<String> {
        let mut bytes = BytesMut::from(frames);
        let mut lines = Vec::new();
        while let Ok(Some((true, _, Some(payload)))) =
            actix_http::ws::Parser::parse(&mut bytes, false, usize::MAX)
        {
            lines.extend(String::from_utf8_lossy(&payload).lines().map(str::to_owned));
        }
        assert!(bytes.is_empty(), "the rest is no frame");
        lines
    }

    fn worker(sweep: Duration) -> (Rc<Worker>, Vec<Peer>) {
        let limits = Limits { connections_per_user: CONNECTIONS, ..Limits::default() };
        let chat = Arc::new(Chat::in_memory(limits));
        let settings = SocketSettings { sweep, ..SocketSettings::default() };
        let sockets = Sockets::new(chat, Arc::new(Nobody), settings);
        let worker = Rc::new(Worker::new(sockets.clone()));
        let user = UserId::new(1).unwrap();
        let connect = |_| {
            let socket = Rc::new(Response::default());
            let open = Open::count(&sockets).unwrap();
            let way = Socket::Mounted(socket.clone());
            let connection = Connection::open(&worker, way, Wire::Lines, Pings::Commands, open);
            let profile = Profile { id: user, username: "u".into(), display_name: "U".into() };
            let caller = Identity { profile, session: None, expires_at: None };
            let registered = connection.enter(caller, sockets.0.native.clone()).unwrap();
            Peer { registered, connection, socket, expected: Vec::new(), seen: Vec::new() }
        };
        let peers = (0..CONNECTIONS).map(connect).collect();
        (worker, peers)
    }

    fn post(worker: &Worker, to: &mut [Peer], text: &str) {
        to.iter_mut().for_each(|peer| peer.expected.push(text.to_owned()));
        let to = to.iter().map(|peer| peer.registered.0.connection.address()).collect();
        worker.mailbox.put(Bytes::copy_from_slice(text.as_bytes()), to);
    }

    /// Polls the worker once.
    async fn turn(mut worker: Pin<&mut impl Future<Output = ()>>) {
        let _ = poll_fn(|cx| Poll::Ready(worker.as_mut().poll(cx))).await;
    }

    async fn run(steps: Vec<Step>, sweep: Duration) {
        let (worker, mut peers) = worker(sweep);
        let mut running = pin!(worker.clone().run());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Post(from, reach) => {
                    let to = &mut peers[from..(from + reach).min(CONNECTIONS)];
                    post(&worker, to, &number.to_string());
                }
                Step::Read(peer) => peers[peer].read(),
                Step::Turn => turn(running.as_mut()).await,
                Step::Pass(milliseconds) => advance(Duration::from_millis(milliseconds)).await,
            }
        }
        for _ in 0..200 {
            turn(running.as_mut()).await;
            advance(Duration::from_millis(1)).await;
        }
        for peer in &mut peers {
            peer.read();
            assert_eq!(lines(&peer.seen), peer.expected);
        }
    }

    fn paused() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn everyone_gets_what_is_theirs_once_and_in_its_order(steps in steps(), waits: bool) {
            paused().block_on(run(steps, if waits { SWEEP } else { Duration::ZERO }));
        }
    }

    /// Whether one write brought just these to all of them, or nothing where there are none.
    fn got(peers: &[Peer], texts: &[&str]) -> bool {
        peers.iter().all(|peer| peer.written().unwrap_or_default() == texts)
    }

    /// Polls the worker as often as a round takes, and more.
    async fn turns(mut worker: Pin<&mut impl Future<Output = ()>>) {
        for _ in 0..CONNECTIONS / WRITES_IN_A_ROW + 3 {
            turn(worker.as_mut()).await;
        }
    }

    #[test]
    fn what_comes_between_two_rounds_shares_a_write() {
        paused().block_on(async {
            let (worker, mut peers) = worker(SWEEP);
            let mut running = pin!(worker.clone().run());

            post(&worker, &mut peers, "first");
            turns(running.as_mut()).await;
            assert!(got(&peers, &["first"]), "after a pause, nothing waits");

            post(&worker, &mut peers, "second");
            turns(running.as_mut()).await;
            post(&worker, &mut peers, "third");
            post(&worker, &mut peers[..1], "to one");
            turns(running.as_mut()).await;
            assert!(got(&peers[..1], &["second", "third", "to one"]), "what is for few does not wait");
            assert!(got(&peers[1..], &[]));

            advance(SWEEP).await;
            turns(running.as_mut()).await;
            assert!(got(&peers[..1], &[]));
            assert!(got(&peers[1..], &["second", "third"]));

            (0..FRAMES).for_each(|_| post(&worker, &mut peers, "one of many"));
            turns(running.as_mut()).await;
            assert!(got(&peers, &["one of many"; FRAMES]), "no more is gathered than a bound");
        });
    }

    #[test]
    fn what_is_behind_a_round_does_not_wait_for_it() {
        paused().block_on(async {
            let (worker, mut peers) = worker(SWEEP);
            let mut running = pin!(worker.clone().run());
            post(&worker, &mut peers, "first");
            turns(running.as_mut()).await;
            assert!(got(&peers, &["first"]));

            post(&worker, &mut peers, "second");
            post(&worker, &mut peers[..200], "to others");
            turns(running.as_mut()).await;
            assert!(got(&peers, &["second"]));
            peers.iter().for_each(|peer| peer.connection.write());
            assert!(got(&peers[..200], &["to others"]), "their first waits for nothing");

            post(&worker, &mut peers[..200], "third");
            worker.mailbox.close(peers[0].registered.0.connection.address(), CloseReason::SessionEnded);
            turns(running.as_mut()).await;
            peers[0].connection.write();
            assert!(got(&peers[..1], &["third"]), "a close comes behind what was put before");
            assert!(got(&peers[1..], &[]));

            worker.mailbox.close_all(CloseReason::Shutdown);
            turns(running.as_mut()).await;
            assert!(got(&peers[1..200], &["third"]), "the end too");
            assert!(peers.iter().all(|peer| peer.connection.closing.get()));
        });
    }
}
