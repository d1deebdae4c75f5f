//! A small chat to test with.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use chat_core::*;
use futures_util::future::BoxFuture;

/// Writes pushes as short texts: `e7` is the event at offset 7.
pub struct Plain;

impl WireFormat for Plain {
    fn encode(&self, _: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let text = match push {
            Push::Event(event) => format!("e{}", event.offset),
            Push::Signal(Signal::RoomAdded(room)) => format!("added {}", room.id),
            Push::Signal(Signal::RoomRemoved(room)) => format!("removed {room}"),
            Push::Signal(Signal::ReadMarked(mark)) => {
                format!("read {} {} {}", mark.room, mark.offset, mark.unread)
            }
            Push::Signal(Signal::Own(change)) => format!("own {change:?}"),
            Push::Signal(Signal::SessionEnded(session)) => format!("session {session}"),
            Push::RoomSignal(RoomSignal::TypingStarted(user)) => format!("{} writes", user.username),
            Push::RoomSignal(RoomSignal::TypingStopped(user)) => format!("{} stops", user.username),
            Push::RoomSignal(RoomSignal::ReadMoved(user, offset)) => {
                format!("{} read {offset}", user.username)
            }
            Push::RoomSignal(RoomSignal::PresenceChanged(user, availability, text)) => {
                format!("{} is {availability:?} {text}", user.username)
            }
            Push::Notice(Notice::Joined, presence) => format!("joined {}", presence.user.username),
            Push::Notice(Notice::Left, presence) => format!("left {}", presence.user.username),
            Push::Ended(reason) => format!("ended {reason:?}"),
        };
        Some(text.into())
    }
}

/// A store that lets others go first: each read steps aside so often before and after it, as a database
/// would.
pub struct Yielding {
    pub inner: MemoryStore,
    pub before: AtomicUsize,
    pub after: AtomicUsize,
}

async fn step_aside(times: &AtomicUsize) {
    for _ in 0..times.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl RoomStore for Yielding {
    fn submit(&self, command: Command) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        self.inner.submit(command)
    }

    async fn room(&self, room: &RoomId, viewer: UserId) -> Result<Option<Access>, ChatError> {
        step_aside(&self.before).await;
        let answer = self.inner.room(room, viewer).await;
        step_aside(&self.after).await;
        answer
    }

    async fn rooms(
        &self,
        viewer: UserId,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError> {
        self.inner.rooms(viewer, filter, after, limit).await
    }

    async fn members(
        &self,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError> {
        self.inner.members(room, after, limit).await
    }

    async fn member(&self, room: &RoomId, user: UserId) -> Result<Option<Member>, ChatError> {
        self.inner.member(room, user).await
    }

    async fn messages(
        &self,
        room: &RoomId,
        viewer: UserId,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        self.inner.messages(room, viewer, range, limit).await
    }

    async fn thread(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
    ) -> Result<Option<ThreadView>, ChatError> {
        self.inner.thread(room, viewer, root).await
    }

    async fn replies(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        self.inner.replies(room, viewer, root, range, limit).await
    }

    async fn followed(
        &self,
        user: UserId,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError> {
        self.inner.followed(user, after, limit).await
    }

    async fn follow(
        &self,
        room: &RoomId,
        user: UserId,
        root: Offset,
        following: bool,
    ) -> Result<(), ChatError> {
        self.inner.follow(room, user, root, following).await
    }

    async fn mark(
        &self,
        room: &RoomId,
        user: UserId,
        offset: Offset,
        back: bool,
    ) -> Result<Option<(ReadMark, bool)>, ChatError> {
        self.inner.mark(room, user, offset, back).await
    }

    async fn readers(
        &self,
        message: &Message,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Profile>, ChatError> {
        self.inner.readers(message, after, limit).await
    }

    async fn inbox(
        &self,
        user: UserId,
        after: Option<InboxCursor>,
        limit: usize,
    ) -> Result<Vec<InboxRoom>, ChatError> {
        self.inner.inbox(user, after, limit).await
    }

    async fn block(&self, user: UserId, block: Block) -> Result<(Block, bool), ChatError> {
        self.inner.block(user, block).await
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<(), ChatError> {
        self.inner.unblock(user, other).await
    }

    async fn blocks(
        &self,
        user: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Block>, ChatError> {
        self.inner.blocks(user, after, limit).await
    }

    async fn statuses(&self, users: &[UserId]) -> Result<Vec<(UserId, Status)>, ChatError> {
        self.inner.statuses(users).await
    }

    async fn change_status(&self, user: UserId, changes: StatusChanges) -> Result<Status, ChatError> {
        self.inner.change_status(user, changes).await
    }

    async fn saw(&self, users: &[(UserId, Timestamp)]) -> Result<(), ChatError> {
        self.inner.saw(users).await
    }

    async fn reacted(
        &self,
        room: &RoomId,
        message: Offset,
        reaction: &Reaction,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Reacted>, ChatError> {
        self.inner.reacted(room, message, reaction, after, limit).await
    }

    async fn versions(
        &self,
        room: &RoomId,
        message: Offset,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Version>, ChatError> {
        self.inner.versions(room, message, after, limit).await
    }

    async fn message(
        &self,
        room: &RoomId,
        viewer: UserId,
        offset: Offset,
    ) -> Result<Option<Message>, ChatError> {
        self.inner.message(room, viewer, offset).await
    }

    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError> {
        step_aside(&self.before).await;
        let answer = self.inner.log(room, viewer, range, limit).await;
        step_aside(&self.after).await;
        answer
    }

    async fn bookmark(
        &self,
        user: UserId,
        message: &Message,
        note: Option<String>,
    ) -> Result<(String, Timestamp, bool), ChatError> {
        self.inner.bookmark(user, message, note).await
    }

    async fn unbookmark(&self, user: UserId, room: &RoomId, message: Offset) -> Result<bool, ChatError> {
        self.inner.unbookmark(user, room, message).await
    }

    async fn bookmarks(
        &self,
        user: UserId,
        after: Option<BookmarkCursor>,
        limit: usize,
    ) -> Result<Vec<Bookmark>, ChatError> {
        self.inner.bookmarks(user, after, limit).await
    }

    async fn schedule(&self, new: Scheduled) -> Result<(Scheduled, bool), ChatError> {
        self.inner.schedule(new).await
    }

    async fn scheduled(&self, user: UserId, id: &ScheduledId) -> Result<Option<Scheduled>, ChatError> {
        self.inner.scheduled(user, id).await
    }

    async fn all_scheduled(
        &self,
        user: UserId,
        room: Option<RoomId>,
        after: Option<ScheduledCursor>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ChatError> {
        self.inner.all_scheduled(user, room, after, limit).await
    }

    async fn reschedule(
        &self,
        user: UserId,
        id: &ScheduledId,
        changes: ScheduledChanges,
        now: Timestamp,
    ) -> Result<Scheduled, ChatError> {
        self.inner.reschedule(user, id, changes, now).await
    }

    async fn unschedule(&self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<(), ChatError> {
        self.inner.unschedule(user, id, now).await
    }

    async fn take_due(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Due>, ChatError> {
        self.inner.take_due(now, until, limit).await
    }

    async fn next_due(&self, after: Option<Timestamp>) -> Result<Option<Timestamp>, ChatError> {
        self.inner.next_due(after).await
    }

    async fn settle(
        &self,
        id: &ScheduledId,
        taken_until: Timestamp,
        settled: Settled,
    ) -> Result<(), ChatError> {
        self.inner.settle(id, taken_until, settled).await
    }

    async fn pins(
        &self,
        room: &RoomId,
        viewer: UserId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Pin>, ChatError> {
        self.inner.pins(room, viewer, before, limit).await
    }

    async fn search(&self, viewer: UserId, search: &Search, limit: usize) -> Result<SearchPage, ChatError> {
        self.inner.search(viewer, search, limit).await
    }

    async fn audit(&self, room: &RoomId, before: Offset, limit: usize) -> Result<Vec<Arc<Event>>, ChatError> {
        self.inner.audit(room, before, limit).await
    }

    async fn bans(&self, room: &RoomId, after: Option<UserId>, limit: usize) -> Result<Vec<Ban>, ChatError> {
        self.inner.bans(room, after, limit).await
    }

    async fn report(&self, report: Report) -> Result<(Report, bool), ChatError> {
        self.inner.report(report).await
    }

    async fn reports(
        &self,
        room: &RoomId,
        viewer: UserId,
        settled: bool,
        after: Option<ReportCursor>,
        limit: usize,
    ) -> Result<Vec<Reported>, ChatError> {
        self.inner.reports(room, viewer, settled, after, limit).await
    }

    async fn settle_reports(
        &self,
        room: &RoomId,
        message: Offset,
        settlement: Settlement,
    ) -> Result<u64, ChatError> {
        self.inner.settle_reports(room, message, settlement).await
    }

    async fn all_reports(
        &self,
        viewer: UserId,
        after: Option<OverseenCursor>,
        limit: usize,
    ) -> Result<Vec<OverseenReport>, ChatError> {
        self.inner.all_reports(viewer, after, limit).await
    }

    async fn all_rooms(
        &self,
        beginning: &str,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<chat_core::Room>, ChatError> {
        self.inner.all_rooms(beginning, after, limit).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Offset)>, ChatError> {
        self.inner.heads(rooms).await
    }

    async fn expire(&self, now: Timestamp) -> Result<Option<Timestamp>, ChatError> {
        self.inner.expire(now).await
    }

    async fn trim(&self, now: Timestamp, all: bool) -> Result<(), ChatError> {
        self.inner.trim(now, all).await
    }

    async fn ready(&self) -> Result<(), ChatError> {
        Ok(())
    }
}

/// Users 1 to 99 exist.
struct Hundred;

#[async_trait]
impl Directory for Hundred {
    async fn find(&self, user: UserId) -> Result<Option<Profile>, AuthError> {
        Ok((user.get() < 100).then(|| profile(user.get())))
    }
}

pub fn profile(number: i64) -> Profile {
    let name = format!("u{number}");
    Profile { id: UserId::new(number).unwrap(), username: name.clone(), display_name: name }
}

pub fn room_id(name: &str) -> RoomId {
    name.parse().unwrap()
}

pub fn text(text: &str) -> NewMessage {
    NewMessage { text: text.into(), ..NewMessage::default() }
}

pub fn new_room(kind: RoomKind) -> NewRoom {
    NewRoom { name: "Room".into(), topic: String::new(), kind }
}

/// A chat, and what feeds its hub.
pub struct World {
    pub chat: Arc<Chat>,
    pub store: Arc<Yielding>,
    pub format: Arc<dyn WireFormat>,
    fan_out: Option<(FanOut, Arrivals)>,
}

impl World {
    pub fn new(limits: Limits) -> World {
        World::over(limits, |backplane| Arc::new(backplane))
    }

    /// A world whose backplane is wrapped, to lose things.
    pub fn over(limits: Limits, wrap: impl FnOnce(LocalBackplane) -> Arc<dyn Backplane>) -> World {
        World::built(limits, Clock::system(), wrap)
    }

    /// A world whose store has the time from this clock.
    pub fn at(clock: &Clock) -> World {
        World::built(Limits::default(), clock.clone(), |backplane| Arc::new(backplane))
    }

    fn built(limits: Limits, clock: Clock, wrap: impl FnOnce(LocalBackplane) -> Arc<dyn Backplane>) -> World {
        let (backplane, arrivals) = LocalBackplane::new(limits.fan_out_queue);
        let inner = MemoryStore::new(limits.clone(), wrap(backplane)).with_clock(clock);
        let store = Arc::new(Yielding { inner, before: AtomicUsize::new(0), after: AtomicUsize::new(0) });
        let hub = Arc::new(Hub::new(limits.clone()));
        let fan_out = FanOut::new(hub.clone(), store.clone());
        let chat = Arc::new(Chat::new(store.clone(), Arc::new(Hundred), hub, limits));
        World { chat, store, format: Arc::new(Plain), fan_out: Some((fan_out, arrivals)) }
    }

    /// Starts the fan-out beside the test.
    pub fn run_fan_out(&mut self) {
        if let Some((fan_out, arrivals)) = self.fan_out.take() {
            tokio::spawn(fan_out.run(arrivals));
        }
    }

    pub fn connect(&self, user: i64) -> Client {
        self.connect_in(user, None)
    }

    pub fn connect_in(&self, user: i64, session: Option<SessionId>) -> Client {
        self.try_connect(user, session).unwrap()
    }

    pub fn try_connect(&self, user: i64, session: Option<SessionId>) -> Result<Client, TooManyConnections> {
        let outbox = Arc::new(Outbox::new(self.chat.limits().queue_bytes));
        let hub = self.chat.hub();
        let connection = hub.connect(profile(user), session, self.format.clone(), outbox.clone(), 0)?;
        Ok(Client { connection, outbox })
    }

    /// Subscribes without a past; the reply is `at <offset>`.
    pub async fn subscribe(&self, connection: &Arc<Connection>, room: &RoomId) -> Result<(), ChatError> {
        let reply = |subscribed: &Subscribed| Ok(Bytes::from(format!("at {}", subscribed.position.offset)));
        self.chat.subscribe(connection, room, None, true, reply).await
    }
}

/// A connection with an outlet of its own.
#[derive(Clone)]
pub struct Client {
    pub connection: Arc<Connection>,
    pub outbox: Arc<Outbox>,
}

impl std::ops::Deref for Client {
    type Target = Arc<Connection>;

    fn deref(&self) -> &Arc<Connection> {
        &self.connection
    }
}

/// The next frames of a connection, waited for until `count` are there.
pub async fn frames(connection: &Client, count: usize) -> Vec<String> {
    let mut batch = Vec::new();
    while batch.len() < count && connection.outbox.next(&mut batch).await.is_ok() {}
    batch.iter().map(|frame| String::from_utf8_lossy(frame).into_owned()).collect()
}
