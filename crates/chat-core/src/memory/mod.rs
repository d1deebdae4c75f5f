//! A store in memory: for services that need no history beyond their own life, and for tests.

mod kept;
mod scheduled;
mod search;
mod tape;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::future::{self, BoxFuture, FutureExt};

use self::kept::Kept;
use self::scheduled::Calendar;
use self::tape::part;
use crate::rules::{decide, kept_since, may_read};
use crate::{
    Access, Action, Backplane, Ban, Block, Bookmark, BookmarkCursor, ChatError, Clock, Command, Due, Event,
    Facts, FollowedThread, InboxCursor, InboxRoom, Limits, Log, Member, Message, Offset, Outcome,
    OverseenCursor, OverseenReport, Pin, Profile, Range, Reacted, Reaction, ReadMark, Report, ReportCursor,
    Reported, Room, RoomFilter, RoomId, RoomKind, RoomStore, Scheduled, ScheduledChanges, ScheduledCursor,
    ScheduledId, Search, SearchPage, Settled, Settlement, Status, StatusChanges, ThreadCursor, ThreadView,
    Timestamp, Upload, UploadId, UserId, Version,
};

/// Notes, and since when, by user and message.
type Bookmarks = BTreeMap<(UserId, RoomId, Offset), (String, Timestamp)>;

/// A [`RoomStore`] that keeps everything in memory and loses it with the process. It follows the same rules
/// as any other; its size has no bound but the number of messages sent.
pub struct MemoryStore {
    rooms: Arc<Mutex<BTreeMap<RoomId, Kept>>>,
    blocks: Arc<Mutex<BTreeMap<(UserId, UserId), Block>>>,
    /// Each with its note, and since when.
    bookmarks: Arc<Mutex<Bookmarks>>,
    scheduled: Arc<Mutex<Calendar>>,
    statuses: Arc<Mutex<BTreeMap<UserId, Status>>>,
    uploads: Arc<Mutex<BTreeMap<UploadId, Upload>>>,
    limits: Limits,
    backplane: Arc<dyn Backplane>,
    clock: Clock,
}

impl MemoryStore {
    /// An empty store, whose events go to `backplane`.
    #[must_use]
    pub fn new(limits: Limits, backplane: Arc<dyn Backplane>) -> MemoryStore {
        MemoryStore {
            rooms: Arc::default(),
            blocks: Arc::default(),
            bookmarks: Arc::default(),
            scheduled: Arc::default(),
            statuses: Arc::default(),
            uploads: Arc::default(),
            limits,
            backplane,
            clock: Clock::system(),
        }
    }

    /// The same store, which has the time from this clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> MemoryStore {
        MemoryStore { clock, ..self }
    }

    /// The same rooms, whose events go to another backplane when they come of commands given here: the store of another node
    /// in the same process.
    #[must_use]
    pub fn beside(&self, backplane: Arc<dyn Backplane>) -> MemoryStore {
        let (rooms, blocks, statuses) = (self.rooms.clone(), self.blocks.clone(), self.statuses.clone());
        let (bookmarks, scheduled) = (self.bookmarks.clone(), self.scheduled.clone());
        let (limits, clock) = (self.limits.clone(), self.clock.clone());
        let uploads = self.uploads.clone();
        MemoryStore { rooms, blocks, bookmarks, scheduled, statuses, uploads, limits, backplane, clock }
    }

    /// Has its owner attach an upload to one message from now on. Where its bytes are, is the caller's to know.
    pub fn offer(&self, upload: Upload) {
        self.uploads().insert(upload.attachment.id, upload);
    }

    fn uploads(&self) -> MutexGuard<'_, BTreeMap<UploadId, Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomId, Kept>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blocks(&self) -> MutexGuard<'_, BTreeMap<(UserId, UserId), Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bookmarks(&self) -> MutexGuard<'_, Bookmarks> {
        self.bookmarks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calendar(&self) -> MutexGuard<'_, Calendar> {
        self.scheduled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn statuses(&self) -> MutexGuard<'_, BTreeMap<UserId, Status>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn execute(&self, command: &Command) -> Result<Outcome, ChatError> {
        let mut rooms = self.rooms();
        let needs = command.needs();
        let mut uploads = (!needs.uploads.is_empty()).then(|| self.uploads());
        let actor = command.actor.id;
        let mut facts = Facts::at(self.clock.now());
        if needs.rooms_owned {
            let owned =
                rooms.values().filter(|kept| kept.room.as_ref().is_some_and(|room| room.owner == actor));
            facts.rooms_owned = owned.count() as u64;
        }
        if let Some(kept) = rooms.get(&command.room) {
            facts.room = kept.room.as_ref();
            facts.room_deleted = kept.room.is_none();
            facts.actor = kept.members.get(&actor);
            facts.target = needs.target.and_then(|user| kept.members.get(&user));
            facts.repeated = needs
                .repeated
                .and_then(|client_id| kept.sent.get(&(actor, client_id.clone())))
                .and_then(|offset| kept.message(*offset));
            facts.message = needs.message.and_then(|offset| kept.message(offset));
            let about = facts.repeated.or(facts.message);
            facts.thread = about.and_then(|message| kept.threads.get(&message.root())).copied();
            let reaction = needs.message.zip(needs.reaction.cloned());
            facts.reacted = reaction
                .is_some_and(|(message, reaction)| kept.reacted.contains_key(&(message, reaction, actor)));
            let other = kept.room.as_ref().and_then(|room| room.other(actor)).filter(|_| needs.blocked);
            facts.sanction = needs.sanction.and_then(|user| kept.sanctions.get(&user));
            facts.pinned = needs.message.is_some_and(|message| kept.pins.contains_key(&message));
            facts.pins = kept.pins.len() as u64;
            if needs.last_sent {
                facts.last_sent = kept.last_sent(actor);
            }
            facts.blocked = other.is_some_and(|other| self.blocks().contains_key(&(other.id, actor)));
            let named = |user: &&Profile| needs.names.contains(&user.name_key());
            if !needs.names.is_empty() {
                facts.named = kept.members.values().map(|member| &member.user).filter(named).collect();
            }
        }
        let offered = uploads.as_ref().map(|uploads| needs.uploads.iter().filter_map(|id| uploads.get(id)));
        facts.uploads = offered.into_iter().flatten().collect();
        let decision = decide(command, facts, &self.limits)?;
        if let Some(uploads) = &mut uploads {
            let made = decision.events.iter().filter_map(Event::created);
            let attached = made.flat_map(|message| &message.attachments).map(|one| one.id);
            attached.for_each(|id| drop(uploads.remove(&id)));
        }
        let events = rooms.entry(command.room.clone()).or_default().keep(&decision);
        // Under the lock: the backplane gets a room's events in the order of their offsets.
        self.backplane.publish(&events);
        Ok(decision.outcome)
    }
}

#[async_trait]
impl RoomStore for MemoryStore {
    fn submit(&self, command: Command) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        future::ready(self.execute(&command)).boxed()
    }

    async fn room(&self, room: &RoomId, viewer: UserId) -> Result<Option<Access>, ChatError> {
        Ok(self.rooms().get(room).and_then(|kept| kept.access(Some(viewer), self.clock.now())))
    }

    async fn rooms(
        &self,
        viewer: UserId,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError> {
        let rooms = self.rooms();
        let following = rooms.iter().filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after));
        let listed =
            following.filter_map(|(_, kept)| kept.access(Some(viewer), self.clock.now())).filter(|access| {
                match filter {
                    RoomFilter::Public => access.room.kind == RoomKind::Public,
                    RoomFilter::Mine => access.role.is_some(),
                }
            });
        Ok(listed.take(limit).collect())
    }

    async fn members(
        &self,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError> {
        let rooms = self.rooms();
        let members = rooms.get(room).into_iter().flat_map(|kept| kept.members.values());
        let following = members.filter(|member| after.is_none_or(|after| member.user.id > after));
        Ok(following.take(limit).cloned().collect())
    }

    async fn member(&self, room: &RoomId, user: UserId) -> Result<Option<Member>, ChatError> {
        Ok(self.rooms().get(room).and_then(|kept| kept.members.get(&user).cloned()))
    }

    async fn messages(
        &self,
        room: &RoomId,
        viewer: UserId,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let seen = |event: &Arc<Event>| Some(kept.seen(event.created()?, viewer, now));
        Ok(part(&kept.log, seen, range, limit))
    }

    async fn versions(
        &self,
        room: &RoomId,
        message: Offset,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Version>, ChatError> {
        let rooms = self.rooms();
        let versions = rooms.get(room).and_then(|kept| kept.versions.get(&message)).into_iter().flatten();
        Ok(versions.filter(|version| version.offset > after).take(limit).cloned().collect())
    }

    async fn message(
        &self,
        room: &RoomId,
        viewer: UserId,
        offset: Offset,
    ) -> Result<Option<Message>, ChatError> {
        let rooms = self.rooms();
        let now = self.clock.now();
        let found = |kept: &Kept| Some(kept.seen(kept.message(offset)?, viewer, now));
        Ok(rooms.get(room).and_then(found))
    }

    async fn thread(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
    ) -> Result<Option<ThreadView>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(None) };
        let Some(message) = kept.message(root) else { return Ok(None) };
        let mut participants: Vec<Profile> = Vec::new();
        let replies =
            part(&kept.log, |event| kept.reply(event, root), Range::Latest, ThreadView::LOOKED_THROUGH);
        for reply in replies.into_iter().rev() {
            if reply.deleted_at.is_none()
                && !reply.withheld
                && !participants.iter().any(|one| one.id == reply.sender.id)
            {
                participants.push(reply.sender.clone());
            }
        }
        participants.truncate(ThreadView::PARTICIPANTS);
        let following = kept.follows.contains(&(viewer, root));
        let message = kept.seen(message, viewer, self.clock.now());
        Ok(Some(ThreadView { message, participants, following }))
    }

    async fn replies(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let seen = |event| Some(kept.seen(kept.reply(event, root)?, viewer, now));
        Ok(part(&kept.log, seen, range, limit))
    }

    async fn followed(
        &self,
        user: UserId,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError> {
        let rooms = self.rooms();
        let place = |at: ThreadCursor| (Reverse(at.active_at), at.room, Reverse(at.root));
        let mut followed: Vec<_> =
            rooms.values().flat_map(|kept| kept.followed(user, self.clock.now())).collect();
        followed.sort_by_key(|one| place(one.cursor()));
        let after = after.map(place);
        followed.retain(|one| after.as_ref().is_none_or(|after| place(one.cursor()) > *after));
        followed.truncate(limit);
        Ok(followed)
    }

    async fn follow(
        &self,
        room: &RoomId,
        user: UserId,
        root: Offset,
        following: bool,
    ) -> Result<(), ChatError> {
        let mut rooms = self.rooms();
        let Some(kept) = rooms.get_mut(room) else { return Ok(()) };
        if following {
            kept.follows.insert((user, root));
        } else {
            kept.follows.remove(&(user, root));
        }
        Ok(())
    }

    async fn mark(
        &self,
        room: &RoomId,
        user: UserId,
        offset: Offset,
        back: bool,
    ) -> Result<Option<(ReadMark, bool)>, ChatError> {
        let mut rooms = self.rooms();
        let Some(kept) = rooms.get_mut(room) else { return Ok(None) };
        let Some(read) = kept.read.get_mut(&user) else { return Ok(None) };
        let before = *read;
        *read = if back { before.min(offset.previous()) } else { before.max(offset) };
        let changed = *read != before;
        Ok(kept.mark(room, user).map(|mark| (mark, changed)))
    }

    async fn readers(
        &self,
        message: &Message,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Profile>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(&message.room) else { return Ok(Vec::new()) };
        if kept.message(message.offset).is_some_and(|message| message.withheld) {
            return Ok(Vec::new());
        }
        let readers = kept.members.values().map(|member| &member.user).filter(|user| {
            let has_read = kept.read.get(&user.id).is_some_and(|read| *read >= message.offset);
            has_read && user.id != message.sender.id && after.is_none_or(|after| user.id > after)
        });
        Ok(readers.take(limit).cloned().collect())
    }

    async fn inbox(
        &self,
        user: UserId,
        after: Option<InboxCursor>,
        limit: usize,
    ) -> Result<Vec<InboxRoom>, ChatError> {
        let rooms = self.rooms();
        let place = |at: Timestamp, id: &RoomId| (Reverse(at), id.clone());
        let mut inbox: Vec<_> =
            rooms.iter().filter_map(|(id, kept)| kept.inbox(id, user, self.clock.now())).collect();
        inbox.sort_by_key(|one| place(one.active_at, &one.access.room.id));
        let after = after.map(|after| place(after.active_at, &after.room));
        inbox.retain(|one| {
            after.as_ref().is_none_or(|after| place(one.active_at, &one.access.room.id) > *after)
        });
        inbox.truncate(limit);
        Ok(inbox)
    }

    async fn block(&self, user: UserId, block: Block) -> Result<(Block, bool), ChatError> {
        let mut blocks = self.blocks();
        let key = (user, block.user.id);
        if let Some(known) = blocks.get(&key) {
            return Ok((known.clone(), false));
        }
        let limit = self.limits.blocks_per_user;
        if blocks.keys().filter(|(by, _)| *by == user).count() as u64 >= limit {
            return Err(ChatError::LimitReached { what: "blocked users", limit });
        }
        blocks.insert(key, block.clone());
        Ok((block, true))
    }

    async fn unblock(&self, user: UserId, other: UserId) -> Result<(), ChatError> {
        self.blocks().remove(&(user, other));
        Ok(())
    }

    async fn blocks(
        &self,
        user: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Block>, ChatError> {
        let blocks = self.blocks();
        let own = blocks.iter().filter(|((by, _), _)| *by == user).map(|(_, block)| block);
        Ok(own.filter(|block| after.is_none_or(|after| block.user.id > after)).take(limit).cloned().collect())
    }

    async fn bookmark(
        &self,
        user: UserId,
        message: &Message,
        note: Option<String>,
    ) -> Result<(String, Timestamp, bool), ChatError> {
        let (rooms, mut bookmarks) = (self.rooms(), self.bookmarks());
        let is_there = |room: &RoomId| rooms.get(room).is_some_and(|kept| kept.room.is_some());
        if !is_there(&message.room) {
            return Err(ChatError::RoomNotFound);
        }
        let key = (user, message.room.clone(), message.offset);
        if let Some((known, at)) = bookmarks.get_mut(&key) {
            *known = note.unwrap_or_else(|| std::mem::take(known));
            return Ok((known.clone(), *at, false));
        }
        let limit = self.limits.bookmarks_per_user;
        let own = bookmarks.keys().filter(|(by, room, _)| *by == user && is_there(room));
        if own.count() as u64 >= limit {
            return Err(ChatError::LimitReached { what: "bookmarks", limit });
        }
        let bookmark = (note.unwrap_or_default(), Timestamp::now());
        bookmarks.insert(key, bookmark.clone());
        Ok((bookmark.0, bookmark.1, true))
    }

    async fn unbookmark(&self, user: UserId, room: &RoomId, message: Offset) -> Result<bool, ChatError> {
        Ok(self.bookmarks().remove(&(user, room.clone(), message)).is_some())
    }

    async fn bookmarks(
        &self,
        user: UserId,
        after: Option<BookmarkCursor>,
        limit: usize,
    ) -> Result<Vec<Bookmark>, ChatError> {
        let (rooms, bookmarks, now) = (self.rooms(), self.bookmarks(), self.clock.now());
        let own = bookmarks.iter().filter(|((by, ..), _)| *by == user);
        let seen = own.filter_map(|((_, room, message), (note, at))| {
            let kept = rooms.get(room)?;
            may_read(&kept.access(Some(user), now)?).ok()?;
            let message = kept.seen(kept.message(*message)?, user, now);
            Some(Bookmark { message, note: note.clone(), at: *at })
        });
        let place = |at: BookmarkCursor| (Reverse(at.at), at.room, Reverse(at.message));
        let after = after.map(place);
        let mut seen: Vec<_> = seen.collect();
        seen.sort_by_key(|one| place(one.cursor()));
        seen.retain(|one| after.as_ref().is_none_or(|after| place(one.cursor()) > *after));
        seen.truncate(limit);
        Ok(seen)
    }

    async fn schedule(&self, new: Scheduled) -> Result<(Scheduled, bool), ChatError> {
        self.calendar().add(new, self.limits.scheduled_per_user)
    }

    async fn scheduled(&self, user: UserId, id: &ScheduledId) -> Result<Option<Scheduled>, ChatError> {
        Ok(self.calendar().get(user, id))
    }

    async fn all_scheduled(
        &self,
        user: UserId,
        room: Option<RoomId>,
        after: Option<ScheduledCursor>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ChatError> {
        Ok(self.calendar().list(user, room.as_ref(), after.as_ref(), limit))
    }

    async fn reschedule(
        &self,
        user: UserId,
        id: &ScheduledId,
        changes: ScheduledChanges,
        now: Timestamp,
    ) -> Result<Scheduled, ChatError> {
        self.calendar().change(user, id, changes, now)
    }

    async fn unschedule(&self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<(), ChatError> {
        self.calendar().remove(user, id, now)
    }

    async fn take_due(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Due>, ChatError> {
        Ok(self.calendar().take(now, until, limit))
    }

    async fn next_due(&self, after: Option<Timestamp>) -> Result<Option<Timestamp>, ChatError> {
        Ok(self.calendar().next(after))
    }

    async fn settle(
        &self,
        id: &ScheduledId,
        taken_until: Timestamp,
        settled: Settled,
    ) -> Result<(), ChatError> {
        self.calendar().settle(id, taken_until, settled);
        Ok(())
    }

    async fn statuses(&self, users: &[UserId]) -> Result<Vec<(UserId, Status)>, ChatError> {
        let statuses = self.statuses();
        Ok(users.iter().filter_map(|user| Some((*user, statuses.get(user)?.clone()))).collect())
    }

    async fn change_status(&self, user: UserId, changes: StatusChanges) -> Result<Status, ChatError> {
        let mut statuses = self.statuses();
        let status = statuses.entry(user).or_default();
        status.text = changes.text.unwrap_or_else(|| std::mem::take(&mut status.text));
        status.hidden = changes.hidden.unwrap_or(status.hidden);
        Ok(status.clone())
    }

    async fn saw(&self, users: &[(UserId, Timestamp)]) -> Result<(), ChatError> {
        let mut statuses = self.statuses();
        for (user, at) in users {
            let status = statuses.entry(*user).or_default();
            status.last_seen = status.last_seen.max(Some(*at));
        }
        Ok(())
    }

    async fn reacted(
        &self,
        room: &RoomId,
        message: Offset,
        reaction: &Reaction,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Reacted>, ChatError> {
        let rooms = self.rooms();
        let all = rooms.get(room).into_iter().flat_map(|kept| &kept.reacted);
        let these = all.filter(|((to, which, _), _)| *to == message && which == reaction);
        let mut these: Vec<_> = these.map(|(_, reacted)| reacted).filter(|one| one.offset > after).collect();
        these.sort_by_key(|one| one.offset);
        Ok(these.into_iter().take(limit).cloned().collect())
    }

    async fn pins(
        &self,
        room: &RoomId,
        viewer: UserId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Pin>, ChatError> {
        let rooms = self.rooms();
        let pins = rooms.get(room).map(|kept| kept.pinned(viewer, self.clock.now())).unwrap_or_default();
        Ok(pins.into_iter().filter(|pin| pin.offset < before).take(limit).collect())
    }

    async fn search(&self, viewer: UserId, search: &Search, limit: usize) -> Result<SearchPage, ChatError> {
        let (most, now) = (self.limits.search_candidates, self.clock.now());
        Ok(search::search(&self.rooms(), viewer, search, most, limit, now))
    }

    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(None) };
        let now = self.clock.now();
        let seen =
            |event: Arc<Event>| viewer.map_or_else(|| event.at(now), |viewer| event.seen_by(viewer, now));
        let events = part(&kept.log, |event| Some(seen(kept.event(event))), range, limit);
        Ok(kept.access(viewer, now).map(|access| Log { access, events }))
    }

    async fn audit(&self, room: &RoomId, before: Offset, limit: usize) -> Result<Vec<Arc<Event>>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(Vec::new()) };
        let now = self.clock.now();
        Ok(kept.audit(before, limit).iter().map(|act| act.at(now)).collect())
    }

    async fn bans(&self, room: &RoomId, after: Option<UserId>, limit: usize) -> Result<Vec<Ban>, ChatError> {
        let (rooms, now) = (self.rooms(), self.clock.now());
        let sanctions = rooms.get(room).into_iter().flat_map(|kept| kept.sanctions.values());
        let bans = sanctions.filter_map(|sanction| sanction.ban.as_ref()).filter(|ban| ban.holds(now));
        Ok(bans.filter(|ban| after.is_none_or(|after| ban.user.id > after)).take(limit).cloned().collect())
    }

    async fn report(&self, report: Report) -> Result<(Report, bool), ChatError> {
        let mut rooms = self.rooms();
        let room = rooms.get(&report.room).and_then(|kept| kept.room.as_ref());
        if report.message < room.ok_or(ChatError::RoomNotFound)?.first {
            return Err(ChatError::MessageNotFound);
        }
        let of = |report: &Report| report.reporter.as_ref().map(|user| user.id);
        let own = rooms.values().flat_map(|kept| &kept.reports);
        let own = own.filter(|known| known.settled.is_none() && of(known) == of(&report));
        let (mut count, mut known) = (0, None);
        for waits in own {
            count += 1;
            if (&waits.room, waits.message) == (&report.room, report.message) {
                known = Some(waits.clone());
            }
        }
        if let Some(known) = known {
            return Ok((known, false));
        }
        let limit = self.limits.reports_per_user;
        if report.reporter.is_some() && count >= limit {
            return Err(ChatError::LimitReached { what: "reports that wait", limit });
        }
        let kept = rooms.get_mut(&report.room).ok_or(ChatError::RoomNotFound)?;
        kept.reports.push(report.clone());
        Ok((report, true))
    }

    async fn reports(
        &self,
        room: &RoomId,
        viewer: UserId,
        settled: bool,
        after: Option<ReportCursor>,
        limit: usize,
    ) -> Result<Vec<Reported>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let mut reports: Vec<_> =
            kept.reports.iter().filter(|report| report.settled.is_some() == settled).collect();
        reports.sort_by_key(|report| report.cursor());
        if settled {
            reports.reverse();
        }
        let follows = |report: &&&Report| match &after {
            Some(after) if settled => report.cursor() < *after,
            Some(after) => report.cursor() > *after,
            None => true,
        };
        let reported = |report: &Report| {
            let message = kept.seen(kept.message(report.message)?, viewer, now);
            Some(Reported { report: report.clone(), message })
        };
        Ok(reports.iter().filter(follows).filter_map(|report| reported(report)).take(limit).collect())
    }

    async fn settle_reports(
        &self,
        room: &RoomId,
        message: Offset,
        settlement: Settlement,
    ) -> Result<u64, ChatError> {
        let mut rooms = self.rooms();
        let reports = rooms.get_mut(room).into_iter().flat_map(|kept| &mut kept.reports);
        let waiting = reports.filter(|report| report.message == message && report.settled.is_none());
        let mut settled = 0;
        for report in waiting {
            report.settled = Some(settlement.clone());
            settled += 1;
        }
        Ok(settled)
    }

    async fn all_reports(
        &self,
        viewer: UserId,
        after: Option<OverseenCursor>,
        limit: usize,
    ) -> Result<Vec<OverseenReport>, ChatError> {
        let (rooms, now) = (self.rooms(), self.clock.now());
        let place = |report: &Report| {
            let cursor = report.cursor();
            (cursor.at, report.room.clone(), cursor.message, cursor.reporter)
        };
        let after = after.map(|after| (after.at, after.room, after.message, after.reporter));
        let waiting = rooms.values().flat_map(|kept| kept.reports.iter().map(move |report| (kept, report)));
        let mut waiting: Vec<_> = waiting
            .filter(|(_, report)| report.settled.is_none())
            .filter(|(_, report)| after.as_ref().is_none_or(|after| place(report) > *after))
            .collect();
        waiting.sort_by_key(|(_, report)| place(report));
        let overseen = |(kept, report): (&Kept, &Report)| {
            let message = kept.seen(kept.message(report.message)?, viewer, now);
            let reported = Reported { report: report.clone(), message };
            Some(OverseenReport { reported, room: kept.room.clone()? })
        };
        Ok(waiting.into_iter().filter_map(overseen).take(limit).collect())
    }

    async fn all_rooms(
        &self,
        beginning: &str,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Room>, ChatError> {
        let rooms = self.rooms();
        let wanted = rooms.iter().filter(|(id, _)| {
            id.as_str().starts_with(beginning) && after.as_ref().is_none_or(|after| *id > after)
        });
        Ok(wanted.filter_map(|(_, kept)| kept.room.clone()).take(limit).collect())
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Offset)>, ChatError> {
        let kept = self.rooms();
        let head = |id: &RoomId| Some((id.clone(), kept.get(id)?.room.as_ref()?.offset));
        Ok(rooms.iter().filter_map(head).collect())
    }

    async fn expire(&self, now: Timestamp) -> Result<Option<Timestamp>, ChatError> {
        let expire = |message: &Message| Command {
            room: message.room.clone(),
            actor: message.sender.clone(),
            action: Action::Expire { message: message.offset },
        };
        let due: Vec<Command> =
            self.rooms().values().flat_map(|kept| kept.expired(now)).map(expire).collect();
        for command in &due {
            self.execute(command)?;
        }
        Ok(self.rooms().values().filter_map(Kept::expires_at).min())
    }

    async fn trim(&self, now: Timestamp, all: bool) -> Result<(), ChatError> {
        for (id, kept) in self.rooms().iter_mut() {
            let Some(room) = kept.room.as_ref().filter(|room| all || room.retention_seconds > 0) else {
                continue;
            };
            if let Some(moment) = kept_since(room, &self.limits, now) {
                kept.trim(moment);
                let first = kept.log.first();
                self.bookmarks().retain(|(_, room, message), _| room != id || *message >= first);
            }
        }
        Ok(())
    }

    async fn ready(&self) -> Result<(), ChatError> {
        Ok(())
    }
}
