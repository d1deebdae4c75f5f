//! From the backplane to the hub: what is missing is read from the log, and what follows from an event
//! (subscriptions that end, users who are told) is done.

use std::collections::HashSet;
use std::sync::Arc;

use crate::block::has_blocked;
use crate::{
    Access, Arrival, Arrivals, ChatError, EndReason, Event, EventBody, Hub, Offset, Range, RoomId, RoomKind,
    RoomState, RoomStore, Signal, UserId,
};

/// How many events one read of the log brings.
const CATCH_UP: usize = 500;

/// Takes what the backplane brings to the hub of this node.
pub struct FanOut {
    hub: Arc<Hub>,
    store: Arc<dyn RoomStore>,
}

impl FanOut {
    /// A fan-out to this hub; what the backplane lost is read from the store.
    #[must_use]
    pub fn new(hub: Arc<Hub>, store: Arc<dyn RoomStore>) -> FanOut {
        FanOut { hub, store }
    }

    /// Runs until the backplane is gone. One task a node: it is what keeps the order.
    pub async fn run(self, mut arrivals: Arrivals) {
        while let Some(arrival) = arrivals.next().await {
            self.hub.backpressure().eased().await;
            match arrival {
                Arrival::Event(event) => self.event(&event).await,
                Arrival::Behind(room) => {
                    if let Some(position) = self.hub.least_position(&room) {
                        self.catch_up(&room, position).await;
                    }
                }
            }
        }
    }

    async fn event(&self, event: &Arc<Event>) {
        match self.hub.deliver(event) {
            None => self.follow(event).await,
            Some(position) => self.catch_up(&event.room, position).await,
        }
    }

    /// Delivers the log after `position` to its end. A client whose events cannot be read is told to come
    /// back and recover.
    async fn catch_up(&self, room: &RoomId, mut position: Offset) {
        loop {
            match self.store.log(room, None, Range::After(position), CATCH_UP).await {
                // So far behind that what follows is kept no longer: they come back and are told so.
                Ok(Some(log)) if position.next() < log.access.room.first => {
                    log::info!("subscribers of room {room} have missed what is kept no longer");
                    self.hub.end_subscriptions(room, Offset::MAX, EndReason::InsufficientState, |_| true);
                    return;
                }
                Ok(Some(log)) => {
                    let Some(last) = log.events.last() else { return };
                    position = last.offset;
                    for event in &log.events {
                        if self.hub.deliver(event).is_some() {
                            log::error!("the log of room {room} has a gap before offset {}", event.offset);
                            self.hub.end_subscriptions(
                                room,
                                Offset::MAX,
                                EndReason::InsufficientState,
                                |_| true,
                            );
                        }
                        self.follow(event).await;
                    }
                    if position >= log.access.room.offset {
                        return;
                    }
                }
                Ok(None) => return self.room_gone(room),
                Err(error) => {
                    log::warn!("cannot read the log of room {room}, its subscribers must recover: {error}");
                    self.hub.end_subscriptions(room, Offset::MAX, EndReason::InsufficientState, |_| true);
                    return;
                }
            }
        }
    }

    /// Does what follows from an event that everyone has been given.
    async fn follow(&self, event: &Event) {
        let room = &event.room;
        match &event.body {
            EventBody::MemberJoined(member) => {
                self.tell_added(room, member.user.id, event.actor.id).await;
            }
            EventBody::MemberLeft(member) => {
                let user = member.user.id;
                self.hub.end_subscriptions(room, event.offset, EndReason::Removed, |other| other == user);
                self.hub.signal(user, &Signal::RoomRemoved(room.clone()));
            }
            // Who only read it goes as well.
            EventBody::MemberBanned(ban) => {
                let user = ban.user.id;
                self.hub.end_subscriptions(room, event.offset, EndReason::Removed, |other| other == user);
            }
            EventBody::RoomChanged(RoomState { kind: RoomKind::Private, .. }) => {
                self.end_strangers(room, event.offset).await
            }
            EventBody::RoomDeleted => self.room_gone(room),
            EventBody::RoomChanged(RoomState { kind: RoomKind::Public | RoomKind::Direct, .. })
            | EventBody::MemberChanged(_)
            | EventBody::MemberUnbanned(_)
            | EventBody::MessageCreated(_)
            | EventBody::MessageEdited(_)
            | EventBody::MessageDeleted(_)
            | EventBody::ReactionAdded(_)
            | EventBody::ReactionRemoved(_)
            | EventBody::MessagePinned(_)
            | EventBody::MessageUnpinned(_) => {}
        }
    }

    fn room_gone(&self, room: &RoomId) {
        let here = self.hub.users_in(room);
        self.hub.end_subscriptions(room, Offset::MAX, EndReason::Removed, |_| true);
        for user in here {
            self.hub.signal(user, &Signal::RoomRemoved(room.clone()));
        }
    }

    async fn tell_added(&self, room: &RoomId, user: UserId, by: UserId) {
        if self.hub.connections_of(user) == 0 {
            return;
        }
        match self.store.room(room, user).await {
            // Of a room that has nothing to say to them, such as one opened by somebody blocked, they hear when they look.
            Ok(Some(Access { room, .. })) if room.other(by).is_some() && self.is_blocked(user, by).await => {}
            Ok(Some(access)) => self.hub.signal(user, &Signal::RoomAdded(access.room)),
            Ok(None) => {}
            Err(error) => log::warn!("user {user} is not told of room {room}: {error}"),
        }
    }

    async fn is_blocked(&self, user: UserId, by: UserId) -> bool {
        has_blocked(&*self.store, user, by).await.unwrap_or(false)
    }

    /// Ends the subscriptions of those who read a room while it was public and are not its members.
    async fn end_strangers(&self, room: &RoomId, at: Offset) {
        let reason = match self.members(room).await {
            Ok(members) => {
                let stranger = |user| !members.contains(&user);
                return self.hub.end_subscriptions(room, at, EndReason::Removed, stranger);
            }
            Err(error) => error,
        };
        // Nobody may read on unchecked: all come back, and each is judged then.
        log::warn!("cannot read the members of room {room}, its subscribers must come back: {reason}");
        self.hub.end_subscriptions(room, at, EndReason::InsufficientState, |_| true);
    }

    async fn members(&self, room: &RoomId) -> Result<HashSet<UserId>, ChatError> {
        let mut members = HashSet::new();
        let mut after = None;
        loop {
            let page = self.store.members(room, after, CATCH_UP).await?;
            let Some(last) = page.last() else { return Ok(members) };
            after = Some(last.user.id);
            members.extend(page.iter().map(|member| member.user.id));
        }
    }
}
