//! A store in memory: for services that need no history beyond their own life, and for tests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::future::{self, BoxFuture, FutureExt};

use crate::rules::decide;
use crate::{
    Access, Backplane, ChatError, ClientId, Command, Decision, Event, EventBody, Facts, FollowedThread,
    InboxCursor, InboxRoom, Limits, Log, Member, Message, Offset, Outcome, Profile, Range, Reacted, Reacting,
    Reaction, ReadMark, Room, RoomFilter, RoomId, RoomKind, RoomStore, Thread, ThreadCursor, ThreadView,
    Timestamp, UserId, Version,
};

/// A [`RoomStore`] that keeps everything in memory and loses it with the process. It follows the same rules
/// as any other; its size has no bound but the number of messages sent.
pub struct MemoryStore {
    rooms: Arc<Mutex<BTreeMap<RoomId, Kept>>>,
    limits: Limits,
    backplane: Arc<dyn Backplane>,
}

/// One room; a deleted one keeps nothing but its id.
#[derive(Default)]
struct Kept {
    room: Option<Room>,
    members: BTreeMap<UserId, Member>,
    /// The event of offset n stands at n − 1.
    log: Vec<Arc<Event>>,
    /// Those that are no longer what the log says, as they stand.
    changed: HashMap<Offset, Message>,
    versions: HashMap<Offset, Vec<Version>>,
    reacted: HashMap<(Offset, Reaction, UserId), Reacted>,
    /// How far each member has read.
    read: HashMap<UserId, Offset>,
    threads: HashMap<Offset, Thread>,
    follows: HashSet<(UserId, Offset)>,
    sent: HashMap<(UserId, ClientId), Offset>,
}

impl Kept {
    fn message(&self, offset: Offset) -> Option<&Message> {
        let index = usize::try_from(offset.get().checked_sub(1)?).ok()?;
        self.log.get(index)?.created().map(|message| self.standing(message))
    }

    /// A message as it stands, but for its thread.
    fn standing<'a>(&'a self, message: &'a Message) -> &'a Message {
        self.changed.get(&message.offset).unwrap_or(message)
    }

    /// A message as it stands for a viewer.
    fn seen(&self, message: &Message, viewer: UserId) -> Message {
        let mut message = self.now(message);
        for reaction in &mut message.reactions {
            reaction.mine = self.reacted.contains_key(&(message.offset, reaction.reaction.clone(), viewer));
        }
        message
    }

    /// A message as it stands, with its thread.
    fn now(&self, message: &Message) -> Message {
        let message = self.standing(message);
        Message { thread: self.threads.get(&message.root()).copied(), ..message.clone() }
    }

    /// The event with its message as it stands.
    fn event(&self, event: &Arc<Event>) -> Arc<Event> {
        let changed = event.message().filter(|message| {
            self.changed.contains_key(&message.offset) || self.threads.contains_key(&message.root())
        });
        changed.map_or_else(
            || event.clone(),
            |message| Arc::new(Event::clone(event).with_message(&self.now(message))),
        )
    }

    /// How far a member has read.
    fn mark(&self, room: &RoomId, user: UserId) -> Option<ReadMark> {
        let offset = *self.read.get(&user)?;
        let unread = part(
            &self.log,
            |event| event.created().map(|message| self.standing(message)),
            Range::After(offset),
            usize::MAX,
        )
        .into_iter()
        .filter(|message| message.deleted_at.is_none() && message.sender.id != user);
        let calls = |message: &&Message| message.mentions.as_ref().is_some_and(|it| it.calls(user));
        let mentions = unread.clone().filter(calls).take(ReadMark::MOST).count() as u64;
        let unread = unread.take(ReadMark::MOST).count() as u64;
        Some(ReadMark { room: room.clone(), offset, unread, mentions })
    }

    fn inbox(&self, room: &RoomId, user: UserId) -> Option<InboxRoom> {
        let access = self.access(Some(user))?;
        let mark = self.mark(room, user)?;
        let live = |event: &Arc<Event>| {
            event
                .created()
                .map(|message| self.standing(message))
                .filter(|message| message.deleted_at.is_none())
                .cloned()
        };
        let last = part(&self.log, live, Range::Latest, 1).pop();
        let active_at = last.as_ref().map_or(access.room.created_at, |message| message.created_at);
        Some(InboxRoom { access, mark, last: last.map(|last| self.seen(&last, user)), active_at })
    }

    /// The threads that a member follows.
    fn followed(&self, user: UserId) -> Vec<FollowedThread> {
        let Some(read) = self.read.get(&user) else { return Vec::new() };
        let roots = self.follows.iter().filter(|(follower, _)| *follower == user).map(|(_, root)| *root);
        let thread = |root: Offset| {
            let message = self.seen(self.message(root)?, user);
            let last = message.thread.map_or(root, |thread| thread.last_reply);
            let unread =
                part(&self.log, |event| self.reply(event, root, user), Range::After(*read), usize::MAX);
            let unread = unread.iter().filter(|reply| reply.deleted_at.is_none() && reply.sender.id != user);
            let unread = unread.take(ReadMark::MOST).count() as u64;
            Some(FollowedThread { message, unread, active_at: self.message(last)?.created_at })
        };
        roots.filter_map(thread).collect()
    }

    /// The reply that an event made, if it is one of this thread's.
    fn reply(&self, event: &Arc<Event>, root: Offset, viewer: UserId) -> Option<Message> {
        let reply = event.created().filter(|message| message.is_reply() && message.root() == root)?;
        Some(self.seen(reply, viewer))
    }

    fn access(&self, viewer: Option<UserId>) -> Option<Access> {
        let member = viewer.and_then(|viewer| self.members.get(&viewer));
        Some(Access { room: self.room.clone()?, role: member.map(|member| member.role) })
    }

    fn keep(&mut self, decision: &Decision) -> Vec<Arc<Event>> {
        self.room = Some(decision.room.clone());
        self.threads.extend(decision.thread.map(|thread| (thread.root, thread)));
        self.changed.extend(decision.messages.iter().map(|message| (message.offset, message.clone())));
        let events: Vec<Arc<Event>> = decision.events.iter().cloned().map(Arc::new).collect();
        for event in &events {
            self.log.push(event.clone());
            match &event.body {
                EventBody::MemberJoined(member) => {
                    self.members.insert(member.user.id, member.clone());
                    self.read.insert(member.user.id, event.offset);
                }
                EventBody::MemberChanged(member) => {
                    self.members.insert(member.user.id, member.clone());
                }
                EventBody::MemberLeft(member) => {
                    self.members.remove(&member.user.id);
                    self.read.remove(&member.user.id);
                }
                EventBody::MessageCreated(message) => {
                    if let Some(client_id) = &message.client_id {
                        self.sent.insert((message.sender.id, client_id.clone()), message.offset);
                    }
                    if let Some(thread) = message.thread {
                        let followers = message.new_followers().into_iter().flatten();
                        self.follows.extend(followers.map(|user| (user, thread.root)));
                    }
                }
                EventBody::MessageEdited(message) | EventBody::MessageDeleted(message) => {
                    let versions = self.versions.entry(message.offset).or_default();
                    versions.extend(decision.former.as_ref().map(|former| Version::of(former, event)));
                    if message.deleted_at.is_some() {
                        self.reacted.retain(|(to, ..), _| *to != message.offset);
                    }
                }
                EventBody::ReactionAdded(Reacting { message, reaction, .. }) => {
                    let reacted = Reacted { offset: event.offset, user: event.actor.clone(), at: event.at };
                    self.reacted.insert((*message, reaction.clone(), event.actor.id), reacted);
                }
                EventBody::ReactionRemoved(Reacting { message, reaction, .. }) => {
                    self.reacted.remove(&(*message, reaction.clone(), event.actor.id));
                }
                EventBody::RoomDeleted => *self = Kept::default(),
                EventBody::RoomChanged { .. } => {}
            }
        }
        events
    }
}

/// What `pick` takes of the part of a log that a range names: ascending, at most `limit`, from the end that the
/// range starts at.
fn part<'a, T>(
    log: &'a [Arc<Event>],
    pick: impl Fn(&'a Arc<Event>) -> Option<T>,
    range: Range,
    limit: usize,
) -> Vec<T> {
    let index = |offset: Offset| usize::try_from(offset.get()).unwrap_or(usize::MAX).min(log.len());
    let end = match range {
        Range::After(after) => return log[index(after)..].iter().filter_map(pick).take(limit).collect(),
        Range::Before(before) => index(before).saturating_sub(usize::from(before.get() <= log.len() as u64)),
        Range::Latest => log.len(),
    };
    let mut latest: Vec<T> = log[..end].iter().rev().filter_map(pick).take(limit).collect();
    latest.reverse();
    latest
}

impl MemoryStore {
    /// An empty store, whose events go to `backplane`.
    #[must_use]
    pub fn new(limits: Limits, backplane: Arc<dyn Backplane>) -> MemoryStore {
        MemoryStore { rooms: Arc::default(), limits, backplane }
    }

    /// The same rooms, whose events go to another backplane when they come of commands given here: the store of another node
    /// in the same process.
    #[must_use]
    pub fn beside(&self, backplane: Arc<dyn Backplane>) -> MemoryStore {
        MemoryStore { rooms: self.rooms.clone(), limits: self.limits.clone(), backplane }
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomId, Kept>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn execute(&self, command: &Command) -> Result<Outcome, ChatError> {
        let mut rooms = self.rooms();
        let needs = command.needs();
        let actor = command.actor.id;
        let mut facts = Facts::at(Timestamp::now());
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
            let named = |user: &&Profile| needs.names.contains(&user.name_key());
            if !needs.names.is_empty() {
                facts.named = kept.members.values().map(|member| &member.user).filter(named).collect();
            }
        }
        let decision = decide(command, facts, &self.limits)?;
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
        Ok(self.rooms().get(room).and_then(|kept| kept.access(Some(viewer))))
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
            following.filter_map(|(_, kept)| kept.access(Some(viewer))).filter(|access| match filter {
                RoomFilter::Public => access.room.kind == RoomKind::Public,
                RoomFilter::Mine => access.role.is_some(),
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
        let seen = |event: &Arc<Event>| Some(kept.seen(event.created()?, viewer));
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
        let found = |kept: &Kept| Some(kept.seen(kept.message(offset)?, viewer));
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
        let replies = |event: &Arc<Event>| kept.reply(event, root, viewer);
        for reply in part(&kept.log, replies, Range::Latest, ThreadView::LOOKED_THROUGH).into_iter().rev() {
            if reply.deleted_at.is_none() && !participants.iter().any(|one| one.id == reply.sender.id) {
                participants.push(reply.sender);
            }
        }
        participants.truncate(ThreadView::PARTICIPANTS);
        let following = kept.follows.contains(&(viewer, root));
        Ok(Some(ThreadView { message: kept.seen(message, viewer), participants, following }))
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
        Ok(part(&kept.log, |event| kept.reply(event, root, viewer), range, limit))
    }

    async fn followed(
        &self,
        user: UserId,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError> {
        let rooms = self.rooms();
        let place = |at: ThreadCursor| (Reverse(at.active_at), at.room, Reverse(at.root));
        let mut followed: Vec<_> = rooms.values().flat_map(|kept| kept.followed(user)).collect();
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
        let mut inbox: Vec<_> = rooms.iter().filter_map(|(id, kept)| kept.inbox(id, user)).collect();
        inbox.sort_by_key(|one| place(one.active_at, &one.access.room.id));
        let after = after.map(|after| place(after.active_at, &after.room));
        inbox.retain(|one| {
            after.as_ref().is_none_or(|after| place(one.active_at, &one.access.room.id) > *after)
        });
        inbox.truncate(limit);
        Ok(inbox)
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

    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError> {
        let rooms = self.rooms();
        let Some(kept) = rooms.get(room) else { return Ok(None) };
        let events = part(&kept.log, |event| Some(kept.event(event)), range, limit);
        Ok(kept.access(viewer).map(|access| Log { access, events }))
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Offset)>, ChatError> {
        let kept = self.rooms();
        let head = |id: &RoomId| Some((id.clone(), kept.get(id)?.room.as_ref()?.offset));
        Ok(rooms.iter().filter_map(head).collect())
    }

    async fn ready(&self) -> Result<(), ChatError> {
        Ok(())
    }
}
