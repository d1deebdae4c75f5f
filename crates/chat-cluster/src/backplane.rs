//! The door of this crate.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, RequestErrorKind, Subscriber};
use async_trait::async_trait;
use bytes::Bytes;
use chat_core::{
    Backplane, Channel, Chat, Comparison, Event, LocalBackplane, Notice, OwnChange, Presence, ReadMark,
    RoomId, RoomSignal, SessionId, UserId, UserPresence,
};
use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};

use crate::asks::Asks;
use crate::connect::{Changes, connect};
use crate::nodes::Nodes;
use crate::note::Note;
use crate::outgoing::Outgoing;
use crate::subjects::Subjects;
use crate::{ClusterError, ClusterSettings};

/// How long a new node listens for the others before it begins.
const GREETING: Duration = Duration::from_millis(300);

/// How often the others are told how much users have sent.
const SENT: Duration = Duration::from_secs(1);

/// How many users one note tells of.
const SENT_PORTION: usize = 10_000;

/// How long it takes to look again after something was lost.
const LOST: Duration = Duration::from_secs(1);

/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// A backplane on NATS. The events of this node reach its own hub directly, those of others by NATS.
pub struct NatsBackplane {
    pub(crate) settings: ClusterSettings,
    pub(crate) client: Client,
    pub(crate) subjects: Subjects,
    /// This node's id, another one for each start.
    pub(crate) id: String,
    pub(crate) local: Arc<LocalBackplane>,
    pub(crate) queue: mpsc::Sender<Outgoing>,
    /// Something did not fit into the queue.
    pub(crate) missed: AtomicBool,
    pub(crate) asks: Asks,
    pub(crate) changed: Notify,
    changes: Arc<Changes>,
    interest: Mutex<Interest>,
    nodes: Mutex<Nodes>,
    sent: Mutex<HashMap<UserId, u32>>,
    /// What [`NatsBackplane::run`] begins with.
    begin: Mutex<Option<(mpsc::Receiver<Outgoing>, Subscriber)>>,
}

/// The channels whose connections at this node have changed.
#[derive(Default)]
struct Interest {
    changed: HashSet<Channel>,
    /// Some are being followed just now.
    following: bool,
}

impl NatsBackplane {
    /// Connects, and looks who is there. `local` takes events to the hub of this node. A server that cannot be reached
    /// now is tried again for ever: until then the others' events are found by comparison with the log.
    ///
    /// # Errors
    /// [`ClusterError`]: what must be mended before this node can be one of several.
    pub async fn connect(
        settings: ClusterSettings,
        local: Arc<LocalBackplane>,
    ) -> Result<Arc<NatsBackplane>, ClusterError> {
        let changes = Arc::new(Changes::default());
        let client = connect(&settings, &changes).await?;
        let subjects = Subjects::new(&settings.installation);
        let wrong = |error: async_nats::SubscribeError| ClusterError::Settings { detail: error.to_string() };
        let heard = client.subscribe(subjects.nodes()).await.map_err(wrong)?;
        let (queue, queued) = mpsc::channel(settings.queue.max(1));
        let backplane = NatsBackplane {
            client,
            subjects,
            id: uuid::Uuid::new_v4().simple().to_string(),
            local,
            queue,
            missed: AtomicBool::new(false),
            asks: Asks::default(),
            changed: Notify::new(),
            changes,
            interest: Mutex::default(),
            nodes: Mutex::default(),
            sent: Mutex::default(),
            begin: Mutex::default(),
            settings,
        };
        let heard = backplane.look_around(heard).await?;
        *lock(&backplane.begin) = Some((queued, heard));
        Ok(Arc::new(backplane))
    }

    /// This node's id among the others.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether NATS can be reached now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// How many other nodes there are, as was last heard.
    #[must_use]
    pub fn others(&self) -> usize {
        self.nodes().ids().count()
    }

    /// Waits until NATS knows of all that this node wishes to hear at this moment; false when that is not known, as while
    /// NATS is away.
    pub async fn is_settled(&self) -> bool {
        let follows = {
            let interest = lock(&self.interest);
            interest.changed.is_empty() && !interest.following
        };
        follows && self.settle().await
    }

    /// Asks who is there: their tokens must be good here too.
    async fn look_around(&self, mut heard: Subscriber) -> Result<Subscriber, ClusterError> {
        if !self.is_connected() {
            return Ok(heard);
        }
        self.settle().await;
        self.send(self.subjects.nodes(), &self.alive(true)).await;
        let until = Instant::now() + GREETING;
        while let Ok(Some(message)) = timeout_at(until, heard.next()).await {
            if let Some(Note::Alive { node, key, .. }) = Note::decode(&message.payload) {
                if key != self.settings.key {
                    return Err(ClusterError::OtherKey);
                }
                self.nodes().hear(&node, Instant::now());
            }
        }
        Ok(heard)
    }

    /// Carries events and notes in both directions, for this chat, as long as the process lives. Once; a second call
    /// returns.
    pub async fn run(self: Arc<Self>, chat: Arc<Chat>, comparison: Arc<Comparison>) {
        let Some((queued, heard)) = lock(&self.begin).take() else { return };
        let sending = self.clone().send_queued(queued);
        let hearing = self.clone().hear(heard, chat.clone(), comparison.clone());
        futures_util::join!(sending, hearing, self.keep_alive(&chat, &comparison));
    }

    /// Tells the others that this node goes, behind all that it has told before.
    pub async fn leave(&self) {
        let (done, left) = oneshot::channel();
        let leave = async {
            if self.queue.send(Outgoing::Leave(done)).await.is_ok() {
                let _ = left.await;
            }
        };
        if timeout(FAREWELL, leave).await.is_err() {
            log::warn!("the other nodes do not hear that this one goes; they forget it in a while");
        }
    }

    async fn keep_alive(&self, chat: &Chat, comparison: &Comparison) {
        let mut beat = interval(self.settings.term / 3);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tell = interval(SENT);
        tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => {
                    self.nodes().expire(self.settings.term, Instant::now());
                    self.send(self.subjects.nodes(), &self.alive(false)).await;
                }
                _ = tell.tick() => self.tell_sent().await,
                () = self.changes.lost.notified() => {
                    log::warn!("NATS: more came than could be read; what was lost is read from the log");
                    comparison.ask_all();
                    // However much is lost now, it is found by the next look.
                    sleep(LOST).await;
                }
                () = self.changes.connected.notified() => {
                    // What was told meanwhile was lost, in both directions.
                    self.settle().await;
                    comparison.ask_all();
                    self.send(self.subjects.nodes(), &Note::Compare).await;
                    self.send(self.subjects.nodes(), &self.alive(true)).await;
                    for user in chat.hub().users() {
                        self.interest(&Channel::User(user));
                    }
                }
            }
        }
    }

    async fn tell_sent(&self) {
        let sent: Vec<_> = lock(&self.sent).drain().collect();
        if self.nodes().is_empty() {
            return;
        }
        for portion in sent.chunks(SENT_PORTION) {
            self.send(self.subjects.nodes(), &Note::Sent(Cow::Borrowed(portion))).await;
        }
    }

    pub(crate) fn alive(&self, ask: bool) -> Note<'_> {
        Note::Alive { node: Cow::Borrowed(&self.id), key: Cow::Borrowed(&self.settings.key), ask }
    }

    /// Sends a note at once, or not at all while NATS is away.
    pub(crate) async fn send(&self, subject: String, note: &Note<'_>) {
        self.send_bytes(subject, note.encode()).await;
    }

    pub(crate) async fn send_bytes(&self, subject: String, payload: Bytes) {
        if self.is_connected()
            && let Err(error) = self.client.publish(subject, payload).await
        {
            log::debug!("a note is not sent: {error}");
        }
    }

    /// Waits until NATS has taken in all that this node has told it, its wishes to hear among it.
    pub(crate) async fn settle(&self) -> bool {
        // Nobody listens there, which the server says in the order in which it was asked.
        match self.client.request(self.subjects.nobody(), Bytes::new()).await {
            Err(error) if error.kind() == RequestErrorKind::NoResponders => true,
            Err(error) => {
                log::debug!("NATS does not answer: {error}");
                false
            }
            Ok(_) => false,
        }
    }

    /// Queues a note that may be lost.
    pub(crate) fn queue_note(&self, subject: String, note: &Note<'_>) {
        if self.queue.try_send(Outgoing::Note(subject, note.encode())).is_err() {
            log::debug!("a note does not fit into the queue");
        }
    }

    pub(crate) fn nodes(&self) -> MutexGuard<'_, Nodes> {
        lock(&self.nodes)
    }

    /// The channels whose connections here have changed, to be followed now.
    pub(crate) fn take_changed(&self) -> HashSet<Channel> {
        let mut interest = lock(&self.interest);
        interest.following = true;
        std::mem::take(&mut interest.changed)
    }

    /// They have been.
    pub(crate) fn has_followed(&self) {
        lock(&self.interest).following = false;
    }
}

#[async_trait]
impl Backplane for NatsBackplane {
    fn publish(&self, events: &[Arc<Event>]) {
        self.local.publish(events);
        for event in events {
            self.queue_event(event);
        }
    }

    fn behind(&self, rooms: &[RoomId]) {
        self.local.behind(rooms);
        for room in rooms {
            self.queue_behind(room);
        }
    }

    fn interest(&self, channel: &Channel) {
        if lock(&self.interest).changed.insert(channel.clone()) {
            self.changed.notify_one();
        }
    }

    fn notice(&self, room: &RoomId, notice: Notice, who: &Presence) {
        let note = Note::Notice(Cow::Borrowed(room), notice, Cow::Borrowed(who));
        self.queue_note(self.subjects.room(room), &note);
    }

    fn signal_room(&self, room: &RoomId, signal: &RoomSignal) {
        let note = Note::RoomSignal(Cow::Borrowed(room), Cow::Borrowed(signal));
        self.queue_note(self.subjects.room(room), &note);
    }

    fn presence_changed(&self, presence: &UserPresence) {
        let note = Note::Presence(Cow::Borrowed(presence));
        self.queue_note(self.subjects.user(presence.user.id), &note);
    }

    fn read_marked(&self, user: UserId, mark: &ReadMark) {
        self.queue_note(self.subjects.user(user), &Note::ReadMarked(user, Cow::Borrowed(mark)));
    }

    fn own_changed(&self, user: UserId, change: &OwnChange) {
        self.queue_note(self.subjects.user(user), &Note::Own(user, Cow::Borrowed(change)));
    }

    fn end_session(&self, user: UserId, session: &SessionId) {
        self.queue_note(self.subjects.user(user), &Note::SessionEnded(user, Cow::Borrowed(session)));
    }

    fn count(&self, user: UserId) {
        let mut sent = lock(&self.sent);
        let count = sent.entry(user).or_default();
        *count = count.saturating_add(1);
    }

    fn connections_elsewhere(&self, user: UserId) -> usize {
        self.nodes().connections(user)
    }

    /// A node that does not answer in time is taken for gone until it is heard of again.
    async fn presence(&self, channel: &Channel) -> Vec<Presence> {
        let mut waiting: HashSet<String> = self.nodes().ids().cloned().collect();
        let mut all = Vec::new();
        if waiting.is_empty() || !self.is_connected() {
            return all;
        }
        let mut ask = self.asks.open();
        let note =
            Note::Who { node: Cow::Borrowed(&self.id), ask: ask.number, channel: Cow::Borrowed(channel) };
        let deadline = Instant::now() + self.settings.answer_timeout;
        let answered = async {
            self.send(self.subjects.nodes(), &note).await;
            while !waiting.is_empty() {
                let Some(answer) = ask.answers.recv().await else { return };
                all.extend(answer.present);
                if !answer.more {
                    waiting.remove(&answer.node);
                }
            }
        };
        if timeout_at(deadline, answered).await.is_err() {
            waiting.iter().for_each(|node| self.nodes().forget(node));
        }
        all
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
