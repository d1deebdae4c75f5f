//! Nodes in one process: each with a hub, a fan-out and a connection to NATS of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chat_cluster::{ClusterError, ClusterSettings, NatsBackplane};
use chat_core::*;
use chat_testdb::NatsServer;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(5);

/// What all nodes share: a NATS server and a store, whose events go to the backplane of the node that wrote them.
pub struct Shared {
    pub nats: NatsServer,
    store: MemoryStore,
}

/// Users 1 to 99 exist.
struct Hundred;

#[async_trait]
impl Directory for Hundred {
    async fn find(&self, user: UserId) -> Result<Option<Profile>, AuthError> {
        Ok((user.get() < 100).then(|| profile(user.get())))
    }
}

/// Writes pushes as short texts: `e7` is the event at offset 7.
struct Plain;

impl WireFormat for Plain {
    fn encode(&self, _: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let text = match push {
            Push::Event(event) => format!("e{}", event.offset),
            Push::Signal(Signal::RoomAdded(room)) => format!("added {}", room.id),
            Push::Signal(Signal::RoomRemoved(room)) => format!("removed {room}"),
            Push::Signal(Signal::ReadMarked(mark)) => format!("read {} {}", mark.room, mark.offset),
            Push::Signal(Signal::Own(change)) => format!("own {change:?}"),
            Push::Signal(Signal::SessionEnded(session)) => format!("session {session}"),
            Push::RoomSignal(RoomSignal::TypingStarted(user)) => format!("{} writes", user.username),
            Push::RoomSignal(RoomSignal::TypingStopped(_) | RoomSignal::ReadMoved(..)) => return None,
            Push::RoomSignal(RoomSignal::PresenceChanged(user, availability, text)) => {
                format!("{} is {availability:?} {text}", user.username)
            }
            Push::Notice(Notice::Joined, who) => format!("joined {}", who.user.username),
            Push::Notice(Notice::Left, who) => format!("left {}", who.user.username),
            Push::Ended(reason) => format!("ended {reason:?}"),
        };
        Some(text.into())
    }
}

pub fn profile(number: i64) -> Profile {
    let name = format!("u{number}");
    Profile { id: UserId::new(number).unwrap(), username: name.clone(), display_name: name }
}

pub fn room_id(name: &str) -> RoomId {
    name.parse().unwrap()
}

/// A node.
pub struct Node {
    pub chat: Arc<Chat>,
    pub backplane: Arc<NatsBackplane>,
    format: Arc<dyn WireFormat>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Node {
    /// As if it were killed: nobody is told.
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// A connection with an outlet of its own.
pub struct Client {
    pub connection: Arc<Connection>,
    outbox: Arc<Outbox>,
    frames: Vec<String>,
}

impl Shared {
    pub fn new() -> Shared {
        Shared::with(NatsServer::start())
    }

    pub fn with(nats: NatsServer) -> Shared {
        // Each node writes by a store of its own beside this one.
        let (nobody, _) = LocalBackplane::new(1);
        Shared { nats, store: MemoryStore::new(limits(), Arc::new(nobody)) }
    }

    pub fn settings(&self) -> ClusterSettings {
        ClusterSettings {
            term: Duration::from_millis(600),
            answer_timeout: Duration::from_millis(500),
            ..ClusterSettings::new(vec![self.nats.url()], "test".into(), "key".into())
        }
    }

    pub async fn node(&self) -> Node {
        self.node_with(self.settings(), limits()).await.unwrap()
    }

    pub async fn node_with(&self, settings: ClusterSettings, limits: Limits) -> Result<Node, ClusterError> {
        let (local, arrivals) = LocalBackplane::new(limits.fan_out_queue);
        let local = Arc::new(local);
        let backplane = NatsBackplane::connect(settings, local.clone()).await?;
        let store = Arc::new(self.store.beside(backplane.clone()));
        let hub = Arc::new(Hub::of_several(limits.clone(), backplane.clone()));
        let chat = Arc::new(Chat::new(store.clone(), Arc::new(Hundred), hub.clone(), limits));
        let comparison = Arc::new(Comparison::new(hub.clone(), store.clone(), local));
        let comparing = comparison.clone();
        let tasks = vec![
            tokio::spawn(FanOut::new(hub, store).run(arrivals)),
            tokio::spawn(async move { comparing.run(Duration::from_secs(3600)).await }),
            tokio::spawn(backplane.clone().run(chat.clone(), comparison)),
        ];
        Ok(Node { chat, backplane, format: Arc::new(Plain), tasks })
    }

    /// The subjects that any node hears, as the server's monitor at this port tells; without those of single nodes.
    pub fn subjects(monitor: u16) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", monitor)).unwrap();
        stream.write_all(b"GET /connz?subs=1 HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let named =
            answer.lines().filter_map(|line| line.trim().trim_matches([',', '"']).strip_prefix("chat.test."));
        let mut named: Vec<String> =
            named.filter(|name| !name.starts_with("node")).map(str::to_owned).collect();
        named.sort();
        named
    }
}

fn limits() -> Limits {
    Limits { messages: None, rooms_per_user: u64::MAX, ..Limits::default() }
}

impl Node {
    /// Waits until the node hears what it should: signals are not repeated.
    pub async fn settled(&self) {
        eventually("the node hears its channels", || self.backplane.is_settled()).await;
    }

    pub fn connect(&self, user: i64) -> Client {
        self.connect_in(user, None)
    }

    pub fn connect_in(&self, user: i64, session: Option<SessionId>) -> Client {
        self.try_connect(user, session).unwrap()
    }

    pub fn try_connect(&self, user: i64, session: Option<SessionId>) -> Result<Client, TooManyConnections> {
        let outbox = Arc::new(Outbox::new(1 << 20));
        let hub = self.chat.hub();
        let connection = hub.connect(profile(user), session, self.format.clone(), outbox.clone(), 0)?;
        Ok(Client { connection, outbox, frames: Vec::new() })
    }

    pub async fn create_room(&self, owner: i64, room: &str, kind: RoomKind) {
        let new = NewRoom { name: "Room".into(), topic: String::new(), kind };
        self.chat.create_room(&profile(owner), Some(room_id(room)), new).await.unwrap();
    }

    pub async fn subscribe(&self, client: &Client, room: &str) {
        let reply = |subscribed: &Subscribed| Ok(Bytes::from(format!("at {}", subscribed.position.offset)));
        self.chat.subscribe(&client.connection, &room_id(room), None, true, reply).await.unwrap();
    }

    pub async fn send(&self, user: i64, room: &str) -> Result<u64, ChatError> {
        let message = NewMessage { text: "x".into(), ..NewMessage::default() };
        let (message, _) = self.chat.send(&profile(user), &room_id(room), message).await?;
        Ok(message.offset.get())
    }

    /// Who is in a room, by name, as this node says.
    pub async fn present(&self, room: &str) -> Vec<String> {
        let present = self.chat.presence(&profile(1), &room_id(room)).await.unwrap();
        let mut names: Vec<String> = present.into_iter().map(|one| one.user.username).collect();
        names.sort();
        names
    }
}

impl Client {
    /// Waits for a frame, and drops those before it.
    pub async fn until(&mut self, wanted: &str) {
        let found = async {
            loop {
                if let Some(place) = self.frames.iter().position(|frame| frame == wanted) {
                    self.frames.drain(..=place);
                    return;
                }
                self.read().await.expect("the connection stays");
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        assert!(found.is_ok(), "{wanted:?} does not come, only {:?}", self.frames);
    }

    /// Waits for the events from one offset to another, and for nothing else of the room.
    pub async fn events(&mut self, from: u64, to: u64) {
        for offset in from..=to {
            let next = loop {
                match self.frames.iter().position(|frame| frame.starts_with('e')) {
                    Some(place) => break self.frames.remove(place),
                    None => {
                        let read = tokio::time::timeout(PATIENCE, self.read()).await;
                        read.unwrap_or_else(|_| panic!("e{offset} does not come"))
                            .expect("the connection stays");
                    }
                }
            };
            assert_eq!(next, format!("e{offset}"), "every event once, in order");
        }
    }

    /// Waits until it is closed.
    pub async fn closed(&mut self) -> CloseReason {
        let closed = async {
            loop {
                if let Err(reason) = self.read().await {
                    return reason;
                }
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.expect("it is closed")
    }

    async fn read(&mut self) -> Result<(), CloseReason> {
        let mut batch = Vec::new();
        self.outbox.next(&mut batch).await?;
        self.frames.extend(batch.iter().map(|frame| String::from_utf8_lossy(frame).into_owned()));
        Ok(())
    }
}

/// Waits until something holds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let looking = async {
        while !holds().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "{what}");
}
