//! One room in memory: its log, and what stands beside it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::tape::{Tape, part};
use crate::{
    Access, ClientId, Decision, Event, EventBody, FollowedThread, InboxRoom, Member, Message, Offset, Pin,
    Range, Reacted, Reacting, Reaction, ReadMark, Report, Room, RoomId, RoomKind, Sanction, Thread,
    Timestamp, UserId, Version,
};

/// How many events are looked through for a user's last message.
const RECENT: usize = 1000;

/// One room; a deleted one keeps nothing but its id.
#[derive(Default)]
pub(super) struct Kept {
    pub room: Option<Room>,
    pub members: BTreeMap<UserId, Member>,
    pub log: Tape,
    /// Acts of moderators that were in the removed beginning of the log.
    pub acts: Vec<Arc<Event>>,
    /// Those that are no longer what the log says, as they stand.
    pub changed: HashMap<Offset, Message>,
    pub reports: Vec<Report>,
    pub sanctions: BTreeMap<UserId, Sanction>,
    pub versions: HashMap<Offset, Vec<Version>>,
    /// The event that pinned each message that is pinned.
    pub pins: BTreeMap<Offset, Arc<Event>>,
    pub reacted: HashMap<(Offset, Reaction, UserId), Reacted>,
    /// How far each member has read.
    pub read: HashMap<UserId, Offset>,
    pub threads: HashMap<Offset, Thread>,
    pub follows: HashSet<(UserId, Offset)>,
    pub sent: HashMap<(UserId, ClientId), Offset>,
}

impl Kept {
    pub fn message(&self, offset: Offset) -> Option<&Message> {
        self.log.get(offset)?.created().map(|message| self.standing(message))
    }

    /// A message as it stands, but for its thread.
    pub fn standing<'a>(&'a self, message: &'a Message) -> &'a Message {
        self.changed.get(&message.offset).unwrap_or(message)
    }

    /// A message as it stands for a viewer at this moment.
    pub fn seen(&self, message: &Message, viewer: UserId, now: Timestamp) -> Message {
        let mut message = self.now(message);
        for reaction in &mut message.reactions {
            reaction.mine = self.reacted.contains_key(&(message.offset, reaction.reaction.clone(), viewer));
        }
        message.seen_by(viewer, now)
    }

    /// A message as it stands, with its thread.
    pub fn now(&self, message: &Message) -> Message {
        let message = self.standing(message);
        let thread = self.threads.get(&message.root()).copied().or_else(|| message.rootless());
        Message { thread, ..message.clone() }
    }

    /// The event with its message as it stands.
    pub fn event(&self, event: &Arc<Event>) -> Arc<Event> {
        let event = &event.told_from(self.log.first());
        let changed = event.message().filter(|message| message.offset >= self.log.first());
        let changed = changed.filter(|message| {
            self.changed.contains_key(&message.offset)
                || message.thread.is_some()
                || self.threads.contains_key(&message.root())
        });
        changed.map_or_else(
            || event.clone(),
            |message| Arc::new(Event::clone(event).with_message(self.now(message))),
        )
    }

    /// The acts of moderators before this place, the latest first, at most `limit`.
    pub fn audit(&self, before: Offset, limit: usize) -> Vec<Arc<Event>> {
        let acts = self.log.iter().filter(|event| event.is_moderation());
        let acts = self.acts.iter().chain(acts).rev().filter(|act| act.offset < before);
        acts.take(limit).map(|act| self.event(act)).collect()
    }

    /// Removes what is older than this moment, with all that is kept of it.
    pub fn trim(&mut self, moment: Timestamp) {
        let removed = self.log.remove_before(moment);
        let first = self.log.first();
        let acts = removed.iter().filter(|event| event.is_moderation());
        self.acts.extend(acts.map(|act| act.told_from(first)));
        self.changed.retain(|offset, _| *offset >= first);
        self.versions.retain(|offset, _| *offset >= first);
        self.reacted.retain(|(offset, ..), _| *offset >= first);
        self.pins.retain(|offset, _| *offset >= first);
        self.threads.retain(|root, _| *root >= first);
        self.follows.retain(|(_, root)| *root >= first);
        self.sent.retain(|_, offset| *offset >= first);
        self.reports.retain(|report| report.message >= first);
        if let Some(room) = &mut self.room {
            room.first = first;
        }
    }

    /// How far a member has read.
    pub fn mark(&self, room: &RoomId, user: UserId) -> Option<ReadMark> {
        let offset = *self.read.get(&user)?;
        let unread = part(
            &self.log,
            |event| event.created().map(|message| self.standing(message)),
            Range::After(offset),
            usize::MAX,
        )
        .into_iter()
        .filter(|message| is_news(message, user));
        let calls = |message: &&Message| message.mentions.as_ref().is_some_and(|it| it.calls(user));
        let mentions = unread.clone().filter(calls).take(ReadMark::MOST).count() as u64;
        let unread = unread.take(ReadMark::MOST).count() as u64;
        Some(ReadMark { room: room.clone(), offset, unread, mentions })
    }

    pub fn inbox(&self, room: &RoomId, user: UserId, now: Timestamp) -> Option<InboxRoom> {
        let access = self.access(Some(user), now)?;
        let mark = self.mark(room, user)?;
        let live = |event: &Arc<Event>| {
            event
                .created()
                .map(|message| self.standing(message))
                .filter(|message| message.deleted_at.is_none())
                .filter(|message| !message.withheld || message.sender.id == user)
                .cloned()
        };
        let last = part(&self.log, live, Range::Latest, 1).pop();
        if access.room.kind == RoomKind::Direct && access.room.owner != user && last.is_none() {
            return None;
        }
        let active_at = last.as_ref().map_or(access.room.created_at, |message| message.created_at);
        Some(InboxRoom { access, mark, last: last.map(|last| self.seen(&last, user, now)), active_at })
    }

    /// When a user sent their last message, of the last thousand events.
    pub fn last_sent(&self, user: UserId) -> Option<Timestamp> {
        let events = self.log.iter().rev().take(RECENT);
        let mut sent =
            events.filter(|event| event.created().is_some_and(|message| message.sender.id == user));
        sent.next().map(|event| event.at)
    }

    /// The threads that a member follows.
    pub fn followed(&self, user: UserId, now: Timestamp) -> Vec<FollowedThread> {
        let Some(read) = self.read.get(&user) else { return Vec::new() };
        let roots = self.follows.iter().filter(|(follower, _)| *follower == user).map(|(_, root)| *root);
        let thread = |root: Offset| {
            let message = self.seen(self.message(root)?, user, now);
            let last = message.thread.map_or(root, |thread| thread.last_reply);
            let unread = part(&self.log, |event| self.reply(event, root), Range::After(*read), usize::MAX);
            let unread = unread.iter().filter(|reply| is_news(reply, user));
            let unread = unread.take(ReadMark::MOST).count() as u64;
            Some(FollowedThread { message, unread, active_at: self.message(last)?.created_at })
        };
        roots.filter_map(thread).collect()
    }

    /// The reply that an event made, if it is one of this thread's.
    pub fn reply<'a>(&'a self, event: &'a Arc<Event>, root: Offset) -> Option<&'a Message> {
        let reply = event.created().filter(|message| message.is_reply() && message.root() == root)?;
        Some(self.standing(reply))
    }

    /// The pinned messages as they stand for a viewer, the one pinned last first.
    pub fn pinned(&self, viewer: UserId, now: Timestamp) -> Vec<Pin> {
        let pin = |(message, event): (&Offset, &Arc<Event>)| {
            let message = self.seen(self.message(*message)?, viewer, now);
            Some(Pin { message, offset: event.offset, by: event.actor.clone(), at: event.at })
        };
        let mut pins: Vec<Pin> = self.pins.iter().filter_map(pin).collect();
        pins.sort_by_key(|pin| Reverse(pin.offset));
        pins
    }

    /// When the first of its messages expires.
    pub fn expires_at(&self) -> Option<Timestamp> {
        let standing = self.log.iter().filter_map(|event| self.standing(event.created()?).expires_at);
        standing.min()
    }

    /// The messages whose time is over.
    pub fn expired(&self, now: Timestamp) -> Vec<&Message> {
        let standing = self.log.iter().filter_map(|event| Some(self.standing(event.created()?)));
        standing.filter(|message| message.is_expired(now)).collect()
    }

    pub fn access(&self, viewer: Option<UserId>, now: Timestamp) -> Option<Access> {
        let member = viewer.and_then(|viewer| self.members.get(&viewer));
        let ban = viewer.and_then(|viewer| self.sanctions.get(&viewer)?.ban.clone());
        let ban = ban.filter(|ban| ban.holds(now));
        Some(Access { room: self.room.clone()?, role: member.map(|member| member.role), ban })
    }

    pub fn keep(&mut self, decision: &Decision) -> Vec<Arc<Event>> {
        self.room = Some(decision.room.clone());
        self.threads.extend(decision.thread.map(|thread| (thread.root, thread)));
        self.changed.extend(decision.messages.iter().map(|message| (message.offset, message.clone())));
        let events: Vec<Arc<Event>> = decision.events.iter().cloned().map(Arc::new).collect();
        if let Some(report) = &decision.report {
            let waits = |known: &Report| {
                known.message == report.message && known.reporter.is_none() && known.settled.is_none()
            };
            if !self.reports.iter().any(waits) {
                self.reports.push(report.clone());
            }
        }
        for event in &events {
            self.log.push(event.clone());
            match &event.body {
                EventBody::MemberJoined(member) => {
                    self.members.insert(member.user.id, member.clone());
                    self.read.insert(member.user.id, event.offset);
                }
                EventBody::MemberBanned(ban) => {
                    self.sanctions.entry(ban.user.id).or_default().ban = Some(ban.clone());
                }
                EventBody::MemberUnbanned(user) => {
                    self.sanctions.entry(user.id).or_default().ban = None;
                }
                EventBody::MemberChanged(member) => {
                    self.sanctions.entry(member.user.id).or_default().muted_until = member.muted_until;
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
                        self.pins.remove(&message.offset);
                    }
                }
                EventBody::ReactionAdded(Reacting { message, reaction, .. }) => {
                    let reacted = Reacted { offset: event.offset, user: event.actor.clone(), at: event.at };
                    self.reacted.insert((*message, reaction.clone(), event.actor.id), reacted);
                }
                EventBody::ReactionRemoved(Reacting { message, reaction, .. }) => {
                    self.reacted.remove(&(*message, reaction.clone(), event.actor.id));
                }
                EventBody::MessagePinned(message) => {
                    self.pins.insert(*message, event.clone());
                }
                EventBody::MessageUnpinned(message) => {
                    self.pins.remove(message);
                }
                EventBody::RoomDeleted => *self = Kept::default(),
                EventBody::RoomChanged(_) => {}
            }
        }
        events
    }
}

/// Whether a message counts as unread until a user has read it.
fn is_news(message: &Message, user: UserId) -> bool {
    message.deleted_at.is_none() && !message.withheld && message.sender.id != user
}
