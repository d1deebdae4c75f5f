//! The subscribers of one channel, and what each has seen of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{Channel, Connection, EndReason, Presence, Push, WireFormat};
use crate::{Event, Offset};

/// The subscribers of one channel, by their connection's key.
#[derive(Default)]
pub(super) struct Subscribers {
    by_connection: HashMap<u64, Subscription>,
}

struct Subscription {
    connection: Arc<Connection>,
    /// Whether it wants to know who joins and leaves.
    join_leave: bool,
    state: State,
}

enum State {
    /// Its place in the log is being looked up; what comes meanwhile is held.
    Pending(Pending),
    /// It has every event up to `position`, from the client's own past or from us.
    Active {
        /// The log's end when it was let in: an older removal does not concern it.
        since: Offset,
        position: Offset,
    },
}

#[derive(Default)]
struct Pending {
    held: Vec<(Offset, Option<Bytes>)>,
    bytes: usize,
    /// Something was missed or did not fit: what is held is not the whole story.
    torn: bool,
    /// The last removal of its user that passed by.
    removed: Option<Offset>,
}

/// Why a pending subscription could not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its user was removed while it was being looked up, or it is no longer pending.
    Removed,
    /// More came meanwhile than could be held.
    Torn,
}

/// A push, encoded at most once per wire format.
struct Encoded<'a> {
    channel: &'a Channel,
    push: Push<'a>,
    done: Vec<(*const (), Option<Bytes>)>,
}

impl<'a> Encoded<'a> {
    fn new(channel: &'a Channel, push: Push<'a>) -> Encoded<'a> {
        Encoded { channel, push, done: Vec::with_capacity(2) }
    }

    fn to(&mut self, format: &Arc<dyn WireFormat>) -> Option<Bytes> {
        let name = Arc::as_ptr(format).cast::<()>();
        if let Some((_, bytes)) = self.done.iter().find(|(known, _)| *known == name) {
            return bytes.clone();
        }
        let bytes = format.encode(self.channel, &self.push);
        self.done.push((name, bytes.clone()));
        bytes
    }
}

impl Subscribers {
    pub(super) fn is_empty(&self) -> bool {
        self.by_connection.is_empty()
    }

    pub(super) fn add_pending(&mut self, connection: Arc<Connection>, join_leave: bool) {
        let state = State::Pending(Pending::default());
        self.by_connection.insert(connection.key, Subscription { connection, join_leave, state });
    }

    /// Adds a subscriber to a channel without a log.
    pub(super) fn add_active(&mut self, connection: Arc<Connection>) {
        let state = State::Active { since: Offset::START, position: Offset::START };
        self.by_connection.insert(connection.key, Subscription { connection, join_leave: false, state });
    }

    /// Begins a pending subscription: its reply, then what was held beyond `position`, then, for all who want
    /// to know, its joining.
    pub(super) fn activate(
        &mut self,
        channel: &Channel,
        key: u64,
        position: Offset,
        reply: Bytes,
    ) -> Result<(), Refused> {
        let subscription = self.by_connection.get_mut(&key).ok_or(Refused::Removed)?;
        let State::Pending(pending) = &mut subscription.state else { return Err(Refused::Removed) };
        let pending = std::mem::take(pending);
        if pending.removed.is_some_and(|removed| removed > position) {
            return Err(Refused::Removed);
        }
        let mut last = position;
        let mut frames = vec![reply];
        for (offset, frame) in pending.held {
            if offset <= last {
                continue;
            }
            if offset != last.next() {
                return Err(Refused::Torn);
            }
            last = offset;
            frames.extend(frame);
        }
        if pending.torn {
            return Err(Refused::Torn);
        }
        let outbox = &subscription.connection.outbox;
        frames.into_iter().for_each(|frame| outbox.push(frame));
        subscription.state = State::Active { since: position, position: last };
        let presence = subscription.connection.presence.clone();
        self.tell(channel, Push::Joined(&presence), true);
        Ok(())
    }

    /// Hands an event to everyone it is next for. Some may have missed what was before it: then the least
    /// position among them is returned, and what follows it must be delivered again.
    pub(super) fn deliver(&mut self, channel: &Channel, event: &Event, held_limit: usize) -> Option<Offset> {
        let offset = event.offset;
        let mut encoded = Encoded::new(channel, Push::Event(event));
        let mut behind: Option<Offset> = None;
        for subscription in self.by_connection.values_mut() {
            let Subscription { connection, state, .. } = subscription;
            match state {
                State::Active { position, .. } if offset == position.next() => {
                    if let Some(frame) = encoded.to(&connection.format) {
                        connection.outbox.push(frame);
                    }
                    *position = offset;
                }
                State::Active { position, .. } if offset > *position => {
                    behind = Some(behind.map_or(*position, |least| least.min(*position)));
                }
                State::Active { .. } => {}
                State::Pending(pending) => pending.hold(offset, encoded.to(&connection.format), held_limit),
            }
        }
        behind
    }

    /// The least position of an active subscription. What is pending can no longer trust what it held.
    pub(super) fn least_position(&mut self) -> Option<Offset> {
        let mut least: Option<Offset> = None;
        for subscription in self.by_connection.values_mut() {
            match &mut subscription.state {
                State::Active { position, .. } => {
                    least = Some(least.map_or(*position, |least| least.min(*position)));
                }
                State::Pending(pending) => pending.torn = true,
            }
        }
        least
    }

    /// Tells everyone active, or only those who want to know of joins and leaves.
    pub(super) fn tell(&self, channel: &Channel, push: Push<'_>, join_leave: bool) {
        let mut encoded = Encoded::new(channel, push);
        for subscription in self.by_connection.values() {
            let wants = !join_leave || subscription.join_leave;
            if wants
                && matches!(subscription.state, State::Active { .. })
                && let Some(frame) = encoded.to(&subscription.connection.format)
            {
                subscription.connection.outbox.push(frame);
            }
        }
    }

    /// Takes a subscriber out and tells the others; returns whether it was there.
    pub(super) fn remove(&mut self, channel: &Channel, key: u64) -> Option<Arc<Connection>> {
        let subscription = self.by_connection.remove(&key)?;
        if matches!(subscription.state, State::Active { .. }) {
            self.tell(channel, Push::Left(&subscription.connection.presence), true);
        }
        Some(subscription.connection)
    }

    /// Ends the subscriptions of those that `ends` names and that were let in before `at`, the place of the
    /// event that ends them.
    pub(super) fn end(
        &mut self,
        channel: &Channel,
        at: Offset,
        reason: EndReason,
        ends: impl Fn(&Presence) -> bool,
    ) {
        let mut over = Vec::new();
        for (key, subscription) in &mut self.by_connection {
            if !ends(&subscription.connection.presence) {
                continue;
            }
            match &mut subscription.state {
                State::Active { since, .. } if *since < at => over.push(*key),
                State::Active { .. } => {}
                State::Pending(pending) => match reason {
                    EndReason::Removed => pending.removed = pending.removed.max(Some(at)),
                    EndReason::InsufficientState => pending.torn = true,
                },
            }
        }
        let mut encoded = Encoded::new(channel, Push::Ended(reason));
        let ended: Vec<_> = over.into_iter().filter_map(|key| self.remove(channel, key)).collect();
        for connection in &ended {
            // Struck off first: a client that is told may subscribe again at once.
            connection.forget(channel);
            if let Some(frame) = encoded.to(&connection.format) {
                connection.outbox.push(frame);
            }
        }
    }

    /// Everyone active.
    pub(super) fn presence(&self) -> Vec<Presence> {
        let active = self.by_connection.values().filter(|s| matches!(s.state, State::Active { .. }));
        active.map(|subscription| subscription.connection.presence.clone()).collect()
    }
}

impl Pending {
    fn hold(&mut self, offset: Offset, frame: Option<Bytes>, limit: usize) {
        if self.held.last().is_some_and(|(last, _)| offset <= *last) {
            return;
        }
        self.bytes += frame.as_ref().map_or(0, Bytes::len) + size_of::<(Offset, Option<Bytes>)>();
        if self.bytes > limit {
            self.torn = true;
            self.held = Vec::new();
        }
        if !self.torn {
            self.held.push((offset, frame));
        }
    }
}
