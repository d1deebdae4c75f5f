//! The subscribers of one room.
//!
//! They are kept by audience: those that one outlet takes the frames to, in one format. So an event passes once through
//! an array of positions for each audience, and is handed to the outlet once, with the list of those it is for.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use indexmap::IndexMap;

use super::subscription::{Pending, Refused, State, Subscription};
use super::{
    Address, Channel, CloseReason, Connection, EndReason, Notice, Outlet, Presence, Push, RoomSignal,
    WireFormat,
};
use crate::{Backplane, Event, Message, Offset, RoomId, UserId};

/// The subscribers of one room.
#[derive(Default)]
pub(super) struct Subscribers {
    audiences: IndexMap<AudienceKey, Audience>,
}

/// Which room they are in, and how the other nodes hear of them.
pub(super) struct Place<'a> {
    pub room: &'a RoomId,
    pub channel: Channel,
    pub backplane: &'a dyn Backplane,
}

/// Which outlet, and which format: where the two are in memory.
type AudienceKey = (usize, usize);

/// Those subscribers that one outlet takes frames to, in one format.
struct Audience {
    outlet: Arc<dyn Outlet>,
    format: Arc<dyn WireFormat>,
    members: IndexMap<Address, Subscription>,
}

/// A push, encoded at most once per wire format.
pub(super) struct Encoded<'a> {
    channel: &'a Channel,
    push: Push<'a>,
    done: Vec<(usize, Option<Bytes>)>,
}

impl<'a> Encoded<'a> {
    pub fn new(channel: &'a Channel, push: Push<'a>) -> Encoded<'a> {
        Encoded { channel, push, done: Vec::with_capacity(2) }
    }

    pub fn to(&mut self, format: &Arc<dyn WireFormat>) -> Option<Bytes> {
        let name = place(format);
        if let Some((_, bytes)) = self.done.iter().find(|(known, _)| *known == name) {
            return bytes.clone();
        }
        let bytes = format.encode(self.channel, &self.push);
        self.done.push((name, bytes.clone()));
        bytes
    }
}

fn place<T: ?Sized>(shared: &Arc<T>) -> usize {
    Arc::as_ptr(shared).cast::<()>().addr()
}

fn key(connection: &Connection) -> AudienceKey {
    (place(&connection.outlet), place(&connection.format))
}

impl Subscribers {
    pub fn is_empty(&self) -> bool {
        self.audiences.is_empty()
    }

    pub fn add_pending(&mut self, connection: &Arc<Connection>, join_leave: bool) {
        let audience = self.audiences.entry(key(connection)).or_insert_with(|| Audience {
            outlet: connection.outlet.clone(),
            format: connection.format.clone(),
            members: IndexMap::new(),
        });
        let state = State::Pending(Box::default());
        let subscription = Subscription { connection: connection.clone(), join_leave, state };
        audience.members.insert(connection.address, subscription);
    }

    /// Begins a pending subscription: its reply, then what was held beyond `position`, then, for all who want
    /// to know, its joining.
    pub fn activate(
        &mut self,
        place: &Place<'_>,
        connection: &Connection,
        position: Offset,
        reply: Bytes,
    ) -> Result<(), Refused> {
        let audience = self.audiences.get_mut(&key(connection)).ok_or(Refused::Removed)?;
        let subscription = audience.members.get_mut(&connection.address).ok_or(Refused::Removed)?;
        let State::Pending(pending) = &mut subscription.state else { return Err(Refused::Removed) };
        let (held, last) = std::mem::take::<Pending>(pending).begin(position)?;
        subscription.state = State::Active { since: position, position: last };
        for frame in std::iter::once(reply).chain(held) {
            audience.outlet.put(frame, vec![connection.address]);
        }
        self.spread(place, Notice::Joined, connection);
        Ok(())
    }

    /// Hands an event to everyone it is next for, and adds to `delivered` how many that were. Some may have missed what was before
    /// it: then the least position among them is returned, and what follows it must be delivered again.
    pub fn deliver(
        &mut self,
        channel: &Channel,
        event: &Arc<Event>,
        held_limit: usize,
        delivered: &AtomicU64,
    ) -> Option<Offset> {
        let Some(withheld) = event.message().filter(|message| message.withheld) else {
            return self.hand(channel, event, held_limit, delivered, |_| true);
        };
        let sender = withheld.sender.id;
        let is_sender = |one: &Subscription| one.connection.user().id == sender;
        let own = Message { withheld: false, ..withheld.clone() };
        let own = Event::clone(event).with_message(own);
        let behind = self.hand(channel, &own, held_limit, delivered, is_sender);
        let place = Event::clone(event).with_message(withheld.clone().place());
        let others = self.hand(channel, &place, held_limit, delivered, |one| !is_sender(one));
        behind.into_iter().chain(others).min()
    }

    /// Hands an event to those that `is_for` names.
    fn hand(
        &mut self,
        channel: &Channel,
        event: &Event,
        held_limit: usize,
        delivered: &AtomicU64,
        is_for: impl Fn(&Subscription) -> bool,
    ) -> Option<Offset> {
        let offset = event.offset;
        let mut encoded = Encoded::new(channel, Push::Event(event));
        let mut behind: Option<Offset> = None;
        for Audience { outlet, format, members } in self.audiences.values_mut() {
            let mut next = Vec::with_capacity(members.len());
            for (address, subscription) in members.iter_mut().filter(|(_, one)| is_for(one)) {
                match &mut subscription.state {
                    State::Active { position, .. } if offset == position.next() => {
                        *position = offset;
                        next.push(*address);
                    }
                    State::Active { position, .. } if offset > *position => {
                        behind = Some(behind.map_or(*position, |least| least.min(*position)));
                    }
                    State::Active { .. } => {}
                    State::Pending(pending) => pending.hold(offset, encoded.to(format), held_limit),
                }
            }
            if !next.is_empty()
                && let Some(frame) = encoded.to(format)
            {
                delivered.fetch_add(next.len() as u64, Ordering::Relaxed);
                outlet.put(frame, next);
            }
        }
        behind
    }

    /// Whether an active subscription has not been given the event at `head`.
    pub fn is_behind(&self, head: Offset) -> bool {
        self.all().any(|one| matches!(one.state, State::Active { position, .. } if position < head))
    }

    /// The least position of an active subscription. What is pending can no longer trust what it held.
    pub fn least_position(&mut self) -> Option<Offset> {
        let mut least: Option<Offset> = None;
        for subscription in self.all_mut() {
            match &mut subscription.state {
                State::Active { position, .. } => {
                    least = Some(least.map_or(*position, |least| least.min(*position)));
                }
                State::Pending(pending) => pending.torn = true,
            }
        }
        least
    }

    /// Tells those who want to know of joins and leaves, here and at the other nodes.
    fn spread(&self, place: &Place<'_>, notice: Notice, who: &Connection) {
        if !who.is_hidden() {
            self.tell_all(place, notice, who);
        }
    }

    fn tell_all(&self, place: &Place<'_>, notice: Notice, who: &Connection) {
        let who = who.presence();
        self.tell(&place.channel, notice, &who);
        place.backplane.notice(place.room, notice, &who);
    }

    /// Tells them of a subscriber who hides, as one who leaves, or shows up again.
    pub fn tell_of(&self, place: &Place<'_>, who: &Connection, notice: Notice) {
        let audience = self.audiences.get(&key(who));
        if audience
            .and_then(|audience| audience.members.get(&who.address))
            .is_some_and(Subscription::is_active)
        {
            self.tell_all(place, notice, who);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.audiences.values().map(|audience| audience.members.len()).sum()
    }

    /// The users, each once.
    pub fn users(&self) -> HashSet<UserId> {
        self.all().filter(|one| one.is_active()).map(|one| one.connection.user.id).collect()
    }

    /// Tells those here who want to know of joins and leaves.
    pub fn tell(&self, channel: &Channel, notice: Notice, who: &Presence) {
        self.put(Encoded::new(channel, Push::Notice(notice, who)), |one| one.join_leave);
    }

    /// Tells those here something of a user, but the user.
    pub fn signal(&self, channel: &Channel, signal: &RoomSignal) {
        let user = signal.user().id;
        self.put(Encoded::new(channel, Push::RoomSignal(signal)), |one| one.connection.user().id != user);
    }

    /// Hands what may be lost to the active ones that `is_for` names.
    fn put(&self, mut encoded: Encoded<'_>, is_for: impl Fn(&Subscription) -> bool) {
        for Audience { outlet, format, members } in self.audiences.values() {
            if outlet.is_crowded() {
                continue;
            }
            let curious = members.iter().filter(|(_, one)| one.is_active() && is_for(one));
            let to: Vec<_> = curious.map(|(address, _)| *address).collect();
            if !to.is_empty()
                && let Some(frame) = encoded.to(format)
            {
                outlet.put(frame, to);
            }
        }
    }

    /// Takes a subscriber out and tells the others.
    pub fn remove(&mut self, place: &Place<'_>, connection: &Connection) {
        let key = key(connection);
        let Some(audience) = self.audiences.get_mut(&key) else { return };
        let Some(subscription) = audience.members.swap_remove(&connection.address) else { return };
        if audience.members.is_empty() {
            self.audiences.swap_remove(&key);
        }
        if subscription.is_active() {
            self.spread(place, Notice::Left, connection);
        }
    }

    /// Ends the subscriptions of those that `ends` names and that were let in before `at`, the place of the
    /// event that ends them.
    pub fn end(&mut self, place: &Place<'_>, at: Offset, reason: EndReason, ends: impl Fn(UserId) -> bool) {
        let mut over = Vec::new();
        for subscription in self.all_mut().filter(|one| ends(one.connection.user.id)) {
            match &mut subscription.state {
                State::Active { since, .. } if *since < at => over.push(subscription.connection.clone()),
                State::Active { .. } => {}
                State::Pending(pending) => match reason {
                    EndReason::Removed => pending.removed = pending.removed.max(Some(at)),
                    EndReason::InsufficientState => pending.torn = true,
                },
            }
        }
        over.iter().for_each(|connection| self.remove(place, connection));
        let mut encoded = Encoded::new(&place.channel, Push::Ended(reason));
        for connection in &over {
            // Struck off first: a client that is told may subscribe again at once.
            connection.forget(place.room);
            if connection.format.is_for_one_room() {
                connection.close(CloseReason::Ended(reason));
            } else if let Some(frame) = encoded.to(&connection.format) {
                connection.tell(frame);
            }
        }
    }

    /// Everyone active who does not hide.
    pub fn presence(&self) -> Vec<Presence> {
        let shown = self.all().filter(|one| one.is_active() && !one.connection.is_hidden());
        shown.map(|one| one.connection.presence()).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Subscription> {
        self.audiences.values().flat_map(|audience| audience.members.values())
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.audiences.values_mut().flat_map(|audience| audience.members.values_mut())
    }
}
