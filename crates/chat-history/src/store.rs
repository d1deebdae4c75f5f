//! The store that the chat sees.

use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chat_core::{
    Access, Backplane, Ban, Block, Bookmark, BookmarkCursor, ChatError, Clock, Command, Due, Event,
    FollowedThread, InboxCursor, InboxRoom, Limits, Log, Member, Message, Offset, Outcome, OverseenCursor,
    OverseenReport, Pin, Profile, Range, Reacted, Reaction, ReadMark, Report, ReportCursor, Reported, Room,
    RoomFilter, RoomId, RoomStore, Scheduled, ScheduledChanges, ScheduledCursor, ScheduledId, Search,
    SearchPage, Settled, Settlement, Status, StatusChanges, ThreadCursor, ThreadView, Timestamp, UserId,
    Version,
};
use chat_db::{Connection, Db};
use futures_util::future::{BoxFuture, join_all, try_join_all};
use tokio::sync::Mutex;

use crate::batch::Given;
use crate::error::HistoryError;
use crate::gather::Gather;
use crate::retention::{self, Removed, Rooms};
use crate::search::{self, Indexer};
use crate::{
    blocks, bookmarks, expiry, moderation, pins, purge, reactions, read, reads, reports, sanctions,
    scheduled, statuses, threads,
};

/// Rooms, their members, their logs and messages in a database.
pub struct History {
    db: Db,
    gather: Arc<Gather>,
    /// None where searching is switched off.
    indexer: Option<Arc<Indexer>>,
    limits: Limits,
    clock: Clock,
    /// When it was looked last whether the database is there, and what came of it.
    ready: Mutex<Option<(Instant, Result<(), ChatError>)>>,
}

/// How long that holds.
const READY: Duration = Duration::from_secs(1);

impl History {
    /// The store in this database, whose events go to `backplane` after their commit. What deleted rooms left
    /// behind is purged from now on.
    #[must_use]
    pub fn new(db: Db, limits: Limits, backplane: Arc<dyn Backplane>) -> History {
        History::with_clock(db, limits, backplane, Clock::system())
    }

    /// The same, which has the time from this clock.
    #[must_use]
    pub fn with_clock(db: Db, limits: Limits, backplane: Arc<dyn Backplane>, clock: Clock) -> History {
        purge::resume(&db);
        let given = Given { limits: limits.clone(), clock: clock.clone() };
        let indexer = limits.search.then(|| Indexer::new(db.clone(), limits.search_portion));
        let gather = Gather::new(db.clone(), given, backplane, indexer.clone());
        History { gather, indexer, limits, clock, db, ready: Mutex::default() }
    }

    /// Keeps the index of messages for ever, a moment behind the logs: first what it lacks of them all, then what comes to them.
    /// To be run as a task, on any number of nodes. Without it, messages are taken up as far as searches wait for them. Returns
    /// at once where searching is switched off.
    pub async fn keep_index(self: Arc<Self>) {
        if let Some(indexer) = &self.indexer {
            indexer.clone().run().await;
        }
    }

    /// Takes up into the index all that it lacks.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`]; what was taken up stays so.
    pub async fn index_now(&self) -> Result<(), ChatError> {
        match &self.indexer {
            Some(indexer) => indexer.drain().await.map_err(HistoryError::told),
            None => Ok(()),
        }
    }

    /// Goes on with what deleted rooms left behind and a node that has ended did not remove; to be called now and then.
    pub fn purge(&self) {
        purge::resume(&self.db);
    }

    /// Removes what is older than these rooms keep it; false when another node is at it.
    async fn remove_old(&self, due: &Rooms, now: Timestamp) -> Result<bool, ChatError> {
        for (_, room) in due {
            loop {
                let (id, limits) = (room.clone(), self.limits.clone());
                let job =
                    move |connection: &mut Connection| retention::portion(connection, &id, &limits, now);
                match self.write(room, job).await? {
                    Removed::Part => {}
                    Removed::All => break,
                    Removed::Elsewhere => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    async fn look(&self) -> Result<(), ChatError> {
        self.read(|_| Ok(())).await?;
        let touch = |connection: &mut Connection| Ok::<_, HistoryError>(connection.touch()?);
        let writes = self.db.lanes().map(|lane| self.db.write(lane, touch));
        try_join_all(writes).await.map(drop).map_err(HistoryError::told)
    }

    /// Writes what is of one user and no event, in the lane of its room, or else of the user.
    async fn write<T: Send + 'static>(
        &self,
        of: &impl Hash,
        job: impl FnOnce(&mut Connection) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, ChatError> {
        self.db.write(self.db.lane(of), job).await.map_err(HistoryError::told)
    }

    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, ChatError> {
        self.db.read(job).await.map_err(HistoryError::told)
    }
}

#[async_trait]
impl RoomStore for History {
    fn submit(&self, command: Command) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        self.gather.submit(command)
    }

    async fn room(&self, room: &RoomId, viewer: UserId) -> Result<Option<Access>, ChatError> {
        let room = room.clone();
        self.read(
            move |connection| Ok(read::room(connection, &room, Some(viewer))?.map(|(_, access)| access)),
        )
        .await
    }

    async fn rooms(
        &self,
        viewer: UserId,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError> {
        self.read(move |connection| read::rooms(connection, viewer, filter, after.as_ref(), limit)).await
    }

    async fn members(
        &self,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError> {
        let room = room.clone();
        self.read(move |connection| read::members(connection, &room, after, limit)).await
    }

    async fn member(&self, room: &RoomId, user: UserId) -> Result<Option<Member>, ChatError> {
        let room = room.clone();
        self.read(move |connection| match read::room(connection, &room, None)? {
            Some((key, _)) => read::member(connection, key, user),
            None => Ok(None),
        })
        .await
    }

    async fn messages(
        &self,
        room: &RoomId,
        viewer: UserId,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| read::messages(connection, &room, viewer, None, range, limit, now)).await
    }

    async fn versions(
        &self,
        room: &RoomId,
        message: Offset,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Version>, ChatError> {
        let room = room.clone();
        self.read(move |connection| read::versions(connection, &room, message, after, limit)).await
    }

    async fn thread(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
    ) -> Result<Option<ThreadView>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| threads::view(connection, &room, viewer, root, now)).await
    }

    async fn replies(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| read::messages(connection, &room, viewer, Some(root), range, limit, now))
            .await
    }

    async fn followed(
        &self,
        user: UserId,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError> {
        let now = self.clock.now();
        self.read(move |connection| threads::followed(connection, user, after.as_ref(), limit, now)).await
    }

    async fn follow(
        &self,
        room: &RoomId,
        user: UserId,
        root: Offset,
        following: bool,
    ) -> Result<(), ChatError> {
        let id = room.clone();
        let job = move |connection: &mut Connection| match read::room(connection, &id, None)? {
            Some((key, _)) => threads::follow(connection, key, user, root, following),
            None => Ok(()),
        };
        self.write(room, job).await
    }

    async fn mark(
        &self,
        room: &RoomId,
        user: UserId,
        offset: Offset,
        back: bool,
    ) -> Result<Option<(ReadMark, bool)>, ChatError> {
        let id = room.clone();
        self.write(room, move |connection| reads::mark(connection, &id, user, offset, back)).await
    }

    async fn readers(
        &self,
        message: &Message,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Profile>, ChatError> {
        let message = message.clone();
        self.read(move |connection| reads::readers(connection, &message, after, limit)).await
    }

    async fn inbox(
        &self,
        user: UserId,
        after: Option<InboxCursor>,
        limit: usize,
    ) -> Result<Vec<InboxRoom>, ChatError> {
        let now = self.clock.now();
        self.read(move |connection| reads::inbox(connection, user, after.as_ref(), limit, now)).await
    }

    async fn block(&self, user: UserId, block: Block) -> Result<(Block, bool), ChatError> {
        let limit = self.limits.blocks_per_user;
        self.write(&user, move |connection| blocks::block(connection, user, block, limit)).await
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<(), ChatError> {
        self.write(&user, move |connection| blocks::unblock(connection, user, other)).await
    }

    async fn blocks(
        &self,
        user: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Block>, ChatError> {
        self.read(move |connection| blocks::list(connection, user, after, limit)).await
    }

    async fn bookmark(
        &self,
        user: UserId,
        message: &Message,
        note: Option<String>,
    ) -> Result<(String, Timestamp, bool), ChatError> {
        let (limit, message) = (self.limits.bookmarks_per_user, message.clone());
        self.write(&user, move |connection| bookmarks::add(connection, user, &message, note, limit)).await
    }

    async fn unbookmark(&self, user: UserId, room: &RoomId, message: Offset) -> Result<bool, ChatError> {
        let room = room.clone();
        self.write(&user, move |connection| bookmarks::remove(connection, user, &room, message)).await
    }

    async fn bookmarks(
        &self,
        user: UserId,
        after: Option<BookmarkCursor>,
        limit: usize,
    ) -> Result<Vec<Bookmark>, ChatError> {
        let now = self.clock.now();
        self.read(move |connection| bookmarks::list(connection, user, after.as_ref(), limit, now)).await
    }

    async fn schedule(&self, new: Scheduled) -> Result<(Scheduled, bool), ChatError> {
        let limit = self.limits.scheduled_per_user;
        self.write(&new.user.clone(), move |connection| scheduled::add(connection, new, limit)).await
    }

    async fn scheduled(&self, user: UserId, id: &ScheduledId) -> Result<Option<Scheduled>, ChatError> {
        let id = id.clone();
        self.read(move |connection| scheduled::find(connection, user, &id)).await
    }

    async fn all_scheduled(
        &self,
        user: UserId,
        room: Option<RoomId>,
        after: Option<ScheduledCursor>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ChatError> {
        let list = move |connection: &mut Connection| {
            scheduled::list(connection, user, room.as_ref(), after.as_ref(), limit)
        };
        self.read(list).await
    }

    async fn reschedule(
        &self,
        user: UserId,
        id: &ScheduledId,
        changes: ScheduledChanges,
        now: Timestamp,
    ) -> Result<Scheduled, ChatError> {
        let id = id.clone();
        self.write(&user, move |connection| scheduled::change(connection, user, &id, &changes, now)).await
    }

    async fn unschedule(&self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<(), ChatError> {
        let id = id.clone();
        self.write(&user, move |connection| scheduled::remove(connection, user, &id, now)).await
    }

    async fn take_due(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Due>, ChatError> {
        self.write(&"scheduled", move |connection| scheduled::take(connection, now, until, limit)).await
    }

    async fn next_due(&self, after: Option<Timestamp>) -> Result<Option<Timestamp>, ChatError> {
        self.read(move |connection| scheduled::next(connection, after)).await
    }

    async fn settle(
        &self,
        id: &ScheduledId,
        taken_until: Timestamp,
        settled: Settled,
    ) -> Result<(), ChatError> {
        let id = id.clone();
        self.write(&"scheduled", move |connection| scheduled::settle(connection, &id, taken_until, settled))
            .await
    }

    async fn statuses(&self, users: &[UserId]) -> Result<Vec<(UserId, Status)>, ChatError> {
        let users = users.to_vec();
        self.read(move |connection| statuses::find(connection, &users)).await
    }

    async fn change_status(&self, user: UserId, changes: StatusChanges) -> Result<Status, ChatError> {
        self.write(&user, move |connection| statuses::change(connection, user, changes)).await
    }

    async fn saw(&self, users: &[(UserId, Timestamp)]) -> Result<(), ChatError> {
        let users = users.to_vec();
        self.write(&"statuses", move |connection| statuses::saw(connection, &users)).await
    }

    async fn reacted(
        &self,
        room: &RoomId,
        message: Offset,
        reaction: &Reaction,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Reacted>, ChatError> {
        let (room, reaction) = (room.clone(), reaction.clone());
        self.read(move |connection| reactions::list(connection, &room, message, &reaction, after, limit))
            .await
    }

    async fn pins(
        &self,
        room: &RoomId,
        viewer: UserId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Pin>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| pins::list(connection, &room, viewer, before, limit, now)).await
    }

    async fn message(
        &self,
        room: &RoomId,
        viewer: UserId,
        offset: Offset,
    ) -> Result<Option<Message>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| read::message(connection, &room, viewer, offset, now)).await
    }

    async fn search(&self, viewer: UserId, search: &Search, limit: usize) -> Result<SearchPage, ChatError> {
        let Some(indexer) = &self.indexer else { return Err(ChatError::SearchDisabled) };
        indexer.catch_up().await;
        let (search, limits, now) = (search.clone(), self.limits.clone(), self.clock.now());
        self.read(move |connection| search::search(connection, viewer, &search, &limits, limit, now)).await
    }

    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| read::log(connection, &room, viewer, range, limit, now)).await
    }

    async fn audit(&self, room: &RoomId, before: Offset, limit: usize) -> Result<Vec<Arc<Event>>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| moderation::audit(connection, &room, before, limit, now)).await
    }

    async fn bans(&self, room: &RoomId, after: Option<UserId>, limit: usize) -> Result<Vec<Ban>, ChatError> {
        let room = room.clone();
        self.read(move |connection| sanctions::bans(connection, &room, after, limit)).await
    }

    async fn report(&self, report: Report) -> Result<(Report, bool), ChatError> {
        let (room, limit) = (report.room.clone(), self.limits.reports_per_user);
        self.write(&room, move |connection| reports::report(connection, report, limit)).await
    }

    async fn reports(
        &self,
        room: &RoomId,
        viewer: UserId,
        settled: bool,
        after: Option<ReportCursor>,
        limit: usize,
    ) -> Result<Vec<Reported>, ChatError> {
        let (room, now) = (room.clone(), self.clock.now());
        self.read(move |connection| {
            reports::list(connection, &room, viewer, settled, after.as_ref(), limit, now)
        })
        .await
    }

    async fn all_reports(
        &self,
        viewer: UserId,
        after: Option<OverseenCursor>,
        limit: usize,
    ) -> Result<Vec<OverseenReport>, ChatError> {
        let now = self.clock.now();
        self.read(move |connection| reports::list_all(connection, viewer, after.as_ref(), limit, now)).await
    }

    async fn all_rooms(
        &self,
        beginning: &str,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Room>, ChatError> {
        let beginning = beginning.to_owned();
        self.read(move |connection| read::all_rooms(connection, &beginning, after.as_ref(), limit)).await
    }

    async fn settle_reports(
        &self,
        room: &RoomId,
        message: Offset,
        settlement: Settlement,
    ) -> Result<u64, ChatError> {
        let id = room.clone();
        self.write(room, move |connection| reports::settle(connection, &id, message, &settlement)).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Offset)>, ChatError> {
        let rooms = rooms.to_vec();
        self.read(move |connection| read::heads(connection, &rooms)).await
    }

    /// A round through a reader and every writer, commit and all; at most once a second, however many ask.
    async fn expire(&self, now: Timestamp) -> Result<Option<Timestamp>, ChatError> {
        loop {
            let due = self.read(move |connection| expiry::due(connection, now)).await?;
            let whole = due.len() == expiry::PORTION;
            let ended = join_all(due.into_iter().map(|command| self.gather.submit(command))).await;
            let failed = ended.iter().filter(|ended| ended.is_err()).count();
            if failed > 0 {
                log::warn!("{failed} messages expire later");
            }
            if !whole || failed == expiry::PORTION {
                return self.read(move |connection| expiry::next(connection, now)).await;
            }
        }
    }

    async fn trim(&self, now: Timestamp, all: bool) -> Result<(), ChatError> {
        loop {
            let due = self.read(move |connection| retention::own(connection, now)).await?;
            if !self.remove_old(&due, now).await? {
                return Ok(());
            }
            if due.len() < retention::ROOMS {
                break;
            }
        }
        let Some(term) = self.limits.retention.filter(|_| all) else { return Ok(()) };
        let mut after = 0;
        loop {
            let due =
                self.read(move |connection| retention::all(connection, now.before(term), after)).await?;
            let Some((last, _)) = due.last() else { return Ok(()) };
            after = *last;
            if !self.remove_old(&due, now).await? {
                return Ok(());
            }
        }
    }

    async fn ready(&self) -> Result<(), ChatError> {
        let mut last = self.ready.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < READY
        {
            return result.clone();
        }
        let result = self.look().await;
        *last = Some((Instant::now(), result.clone()));
        result
    }
}
