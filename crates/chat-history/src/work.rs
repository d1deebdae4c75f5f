//! What commands work on: the rooms, members and messages that they concern, as they stand after the commands so
//! far, and what has to be written at the end.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chat_core::{
    ClientId, Clock, Decision, Event, EventBody, Facts, Member, Message, Needs, Offset, Outcome, Profile,
    Reacting, Reaction, Report, Room, RoomId, Sanction, Thread, Timestamp, Upload, UploadId, UserId,
};

use crate::error::HistoryError;
use crate::row::MessageRow;

/// The state of a batch.
#[derive(Default)]
pub(crate) struct Work {
    /// The rooms, each once; commands name them by their place here.
    pub rooms: Vec<WorkRoom>,
    /// How many rooms each of the users owns who make one.
    pub owned: HashMap<UserId, u64>,
    /// All events of the batch, in their order, with the place of their room.
    pub events: Vec<(usize, Arc<Event>)>,
    /// What filters bring before the moderators, with the place of the room.
    pub reports: Vec<(usize, Report)>,
    /// The uploads that were looked for and that no message has yet.
    pub uploads: HashMap<UploadId, Upload>,
    /// That a name is new is not trusted, not even within the batch.
    pub careful: bool,
    pub clock: Clock,
}

/// What a command came to.
pub(crate) struct Kept {
    pub outcome: Outcome,
    pub events: Vec<Arc<Event>>,
}

/// One room.
pub(crate) struct WorkRoom {
    pub id: RoomId,
    /// None for a room that is not in the table yet.
    pub key: Option<i64>,
    /// The end of its log in the table.
    pub stored: Offset,
    /// None for a room that is not there, or was deleted.
    pub room: Option<Room>,
    pub deleted: bool,
    /// All this was not read in this transaction, but is remembered from another.
    pub trusted: bool,
    /// None for a user who was looked for and is no member.
    pub members: HashMap<UserId, Option<Member>>,
    /// Who has a name in lower case, of those that were looked for.
    pub named: HashMap<String, Vec<UserId>>,
    /// Where the messages are that were looked for by sender and name, and in a careful batch those that it sends.
    pub sent: HashMap<(UserId, ClientId), Offset>,
    /// The messages that commands are about, as they stand.
    pub messages: HashMap<Offset, Message>,
    /// The threads of these messages, as they stand.
    pub threads: HashMap<Offset, Thread>,
    /// Whether users have put reactions on messages, of those that were looked for.
    pub reacted: HashMap<(UserId, Offset, Reaction), bool>,
    /// Those who are blocked by the other person of a direct room of two, of those that were looked for.
    pub blocked: HashSet<UserId>,
    /// When users sent their last messages, where the room is slow, of those that were looked for.
    pub last_sent: HashMap<UserId, Timestamp>,
    /// What users have incurred, of those that were looked for.
    pub sanctions: HashMap<UserId, Sanction>,
    /// Which messages are pinned; none where that was not looked for.
    pub pins: Option<BTreeSet<Offset>>,
    pub dirty: Dirty,
}

/// What of a room has to be written.
#[derive(Default)]
pub(crate) struct Dirty {
    /// The end of its log.
    pub moved: bool,
    /// More of its row than that.
    pub row: bool,
    pub members: BTreeSet<UserId>,
    /// Those of them who have come, and where: what was before is read.
    pub joined: HashMap<UserId, Offset>,
    /// Messages that were there before.
    pub messages: BTreeSet<Offset>,
    /// Those of them that no longer have their attachments.
    pub bared: Vec<Offset>,
    /// Threads, by the message that they began with.
    pub threads: BTreeSet<Offset>,
    /// What they said, with the event that replaced it.
    pub versions: Vec<(Message, Arc<Event>)>,
    /// When it was deleted, with the row as it was.
    pub deleted: Option<(Timestamp, Room)>,
}

impl Work {
    /// What the rules must know of a command about the room at this place.
    pub fn facts(&self, place: usize, actor: UserId, needs: &Needs<'_>) -> Facts<'_> {
        let mut facts = Facts::at(self.clock.now());
        let &Needs {
            target,
            rooms_owned,
            repeated,
            message,
            reaction,
            blocked,
            last_sent,
            sanction,
            pins,
            ..
        } = needs;
        if rooms_owned {
            facts.rooms_owned = self.owned.get(&actor).copied().unwrap_or(0);
        }
        let work = &self.rooms[place];
        let member = |user: &UserId| work.members.get(user).and_then(Option::as_ref);
        facts.room = work.room.as_ref();
        facts.room_deleted = work.deleted;
        facts.actor = member(&actor);
        facts.target = target.as_ref().and_then(member);
        let sent = repeated.filter(|_| !work.sent.is_empty());
        let sent = sent.and_then(|client_id| work.sent.get(&(actor, client_id.clone())));
        facts.repeated = sent.and_then(|offset| self.message(place, *offset));
        facts.message = message.and_then(|offset| self.message(place, offset));
        let about = facts.repeated.or(facts.message);
        facts.thread = about.and_then(|message| work.threads.get(&message.root())).copied();
        let reaction = message.zip(reaction.cloned()).map(|(message, reaction)| (actor, message, reaction));
        facts.sanction = sanction.and_then(|user| work.sanctions.get(&user));
        if let Some(known) = work.pins.as_ref().filter(|_| pins) {
            facts.pinned = message.is_some_and(|message| known.contains(&message));
            facts.pins = known.len() as u64;
        }
        if last_sent && work.is_slow() {
            let by = |event: &Event| event.created().is_some_and(|message| message.sender.id == actor);
            let own = self.events.iter().rev().find(|(at, event)| *at == place && by(event));
            let before = || work.last_sent.get(&actor).copied();
            facts.last_sent = own.map(|(_, event)| event.at).or_else(before);
        }
        facts.uploads = needs.uploads.iter().filter_map(|id| self.uploads.get(id)).collect();
        facts.blocked = blocked && work.blocked.contains(&actor);
        if !needs.names.is_empty() {
            facts.named = work.named(&needs.names);
        }
        facts.reacted = reaction.is_some_and(|reaction| work.reacted.get(&reaction) == Some(&true));
        facts
    }

    /// A message that was looked for, or that the batch itself has made, as it stands.
    fn message(&self, place: usize, offset: Offset) -> Option<&Message> {
        let made = || self.events.iter().find(|(at, event)| *at == place && event.offset == offset);
        self.rooms[place].messages.get(&offset).or_else(|| made()?.1.created())
    }

    /// Whether the batch itself has sent a message of this sender and name; the rules know of it then.
    pub fn recall(&mut self, place: usize, sender: UserId, client_id: &ClientId) -> bool {
        let sent = self.events.iter().find(|(at, event)| {
            let Some(message) = event.created() else { return false };
            *at == place && message.sender.id == sender && message.client_id.as_ref() == Some(client_id)
        });
        let Some((_, event)) = sent else { return false };
        self.rooms[place].sent.insert((sender, client_id.clone()), event.offset);
        true
    }

    /// Takes in what was decided about the room at this place, and returns the events as they are shared from now on.
    pub fn apply(&mut self, place: usize, decision: Decision) -> Kept {
        let Decision { room, events, messages, thread, former, report, outcome } = decision;
        let events: Vec<_> = events.into_iter().map(Arc::new).collect();
        let Some(first) = events.first() else { return Kept { outcome, events } };
        let work = &mut self.rooms[place];
        if let Some(thread) = thread {
            work.dirty.threads.insert(thread.root);
            work.threads.insert(thread.root, thread);
        }
        for message in messages {
            let offset = message.offset;
            work.dirty.messages.insert(offset);
            let bare = message.attachments.is_empty();
            let before = work.messages.insert(offset, message);
            work.dirty.bared.extend(before.filter(|it| bare && !it.attachments.is_empty()).map(|_| offset));
        }
        work.dirty.versions.extend(former.map(|former| (former, first.clone())));
        let former = work.room.replace(room).map(|room| room.owner);
        work.dirty.moved = true;
        for event in &events {
            work.fold(event, self.careful);
            let attached = event.created().into_iter().flat_map(|message| &message.attachments);
            attached.for_each(|one| drop(self.uploads.remove(&one.id)));
        }
        let owner = work.room.as_ref().map(|room| room.owner);
        for (user, change) in [(former, -1), (owner, 1)] {
            if let Some(owned) = user.and_then(|user| self.owned.get_mut(&user)) {
                *owned = owned.saturating_add_signed(change);
            }
        }
        self.reports.extend(report.map(|report| (place, report)));
        self.events.extend(events.iter().map(|event| (place, event.clone())));
        Kept { outcome, events }
    }
}

impl WorkRoom {
    /// A room of which nothing is known.
    pub fn unknown(id: RoomId) -> WorkRoom {
        WorkRoom {
            id,
            key: None,
            stored: Offset::START,
            room: None,
            deleted: false,
            trusted: false,
            members: HashMap::new(),
            named: HashMap::new(),
            sent: HashMap::new(),
            messages: HashMap::new(),
            threads: HashMap::new(),
            reacted: HashMap::new(),
            blocked: HashSet::new(),
            last_sent: HashMap::new(),
            sanctions: HashMap::new(),
            pins: None,
            dirty: Dirty::default(),
        }
    }

    /// Whether members wait between their messages.
    pub fn is_slow(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.slow_seconds > 0)
    }

    /// The members of these names, of those that were looked for or that the batch has changed.
    fn named(&self, names: &[String]) -> Vec<&Profile> {
        let known = names.iter().filter_map(|name| self.named.get(name)).flatten();
        let users: BTreeSet<UserId> = known.chain(&self.dirty.members).copied().collect();
        let members = users.iter().filter_map(|user| self.members.get(user)?.as_ref());
        members.map(|member| &member.user).filter(|user| names.contains(&user.name_key())).collect()
    }

    /// Takes in a member who was looked for by name. What the batch knows already is newer.
    pub fn found_named(&mut self, member: Member) {
        self.named.entry(member.user.name_key()).or_default().push(member.user.id);
        self.members.entry(member.user.id).or_insert(Some(member));
    }

    /// Takes in a message that was looked for.
    pub fn found(&mut self, message: MessageRow) -> Result<(), HistoryError> {
        let message = message.message(&self.id)?;
        if let Some(client_id) = &message.client_id {
            self.sent.insert((message.sender.id, client_id.clone()), message.offset);
        }
        // What the batch has done to it already is newer.
        if let Some(thread) = message.thread.filter(|_| !message.is_reply()) {
            self.threads.entry(thread.root).or_insert(thread);
        }
        self.messages.entry(message.offset).or_insert(message);
        Ok(())
    }

    fn fold(&mut self, event: &Arc<Event>, careful: bool) {
        match &event.body {
            EventBody::MessageCreated(message) => {
                if let Some(client_id) = message.client_id.as_ref().filter(|_| careful) {
                    self.sent.insert((message.sender.id, client_id.clone()), message.offset);
                }
            }
            EventBody::MessageEdited(_) => {}
            EventBody::MessageDeleted(message) => {
                self.reacted.retain(|(_, to, _), _| *to != message.offset);
                self.pins.as_mut().map(|pins| pins.remove(&message.offset));
            }
            EventBody::ReactionAdded(Reacting { message, reaction, .. }) => {
                self.reacted.insert((event.actor.id, *message, reaction.clone()), true);
            }
            EventBody::ReactionRemoved(Reacting { message, reaction, .. }) => {
                self.reacted.insert((event.actor.id, *message, reaction.clone()), false);
            }
            EventBody::MessagePinned(message) => {
                self.pins.get_or_insert_default().insert(*message);
            }
            EventBody::MessageUnpinned(message) => {
                self.pins.get_or_insert_default().remove(message);
            }
            EventBody::MemberJoined(member) => {
                self.dirty.row = true;
                self.dirty.members.insert(member.user.id);
                self.dirty.joined.insert(member.user.id, event.offset);
                self.members.insert(member.user.id, Some(member.clone()));
            }
            EventBody::MemberBanned(ban) => {
                self.sanctions.entry(ban.user.id).or_default().ban = Some(ban.clone());
            }
            EventBody::MemberUnbanned(user) => {
                self.sanctions.entry(user.id).or_default().ban = None;
            }
            EventBody::MemberChanged(member) => {
                self.sanctions.entry(member.user.id).or_default().muted_until = member.muted_until;
                self.dirty.row = true;
                self.dirty.members.insert(member.user.id);
                self.members.insert(member.user.id, Some(member.clone()));
            }
            EventBody::MemberLeft(member) => {
                self.dirty.row = true;
                self.dirty.members.insert(member.user.id);
                self.members.insert(member.user.id, None);
            }
            EventBody::RoomChanged(_) => self.dirty.row = true,
            EventBody::RoomDeleted => {
                self.deleted = true;
                self.dirty.deleted = self.room.take().map(|room| (event.at, room));
            }
        }
    }
}

/// Rooms as they were left by the last commit about them. Whether they still are so is seen by the end of the log:
/// whatever changes a room or its members is an event and moves it.
#[derive(Default)]
pub(crate) struct Remembered {
    rooms: HashMap<RoomId, WorkRoom>,
    /// How many rooms and members are in it.
    size: usize,
}

/// How many rooms and members each lane remembers; past that it begins anew.
const MOST: usize = 50_000;

impl Remembered {
    /// Takes out what is known of a room.
    pub fn take(&mut self, id: &RoomId) -> Option<WorkRoom> {
        let mut room = self.rooms.remove(id)?;
        self.size = self.size.saturating_sub(1 + room.members.len());
        room.trusted = true;
        Some(room)
    }

    /// Keeps what a commit has left.
    pub fn put(&mut self, rooms: Vec<WorkRoom>) {
        for mut work in rooms {
            let Some(room) = &work.room else { continue };
            work.stored = room.offset;
            work.named = HashMap::new();
            work.sent = HashMap::new();
            work.messages = HashMap::new();
            work.threads = HashMap::new();
            work.reacted = HashMap::new();
            work.blocked = HashSet::new();
            work.last_sent = HashMap::new();
            work.sanctions = HashMap::new();
            work.pins = None;
            work.dirty = Dirty::default();
            drop(self.take(&work.id));
            self.size += 1 + work.members.len();
            self.rooms.insert(work.id.clone(), work);
        }
        if self.size > MOST {
            *self = Remembered::default();
        }
    }
}
