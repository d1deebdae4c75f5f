//! Subscribing to a room, with what was missed.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Chat, ChatError, Connection, Epoch, Event, Offset, Position, Range, RoomId, Timestamp, UserId};

/// Where a client stands that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The last event it has.
    pub offset: Offset,
    /// The log it has it from; none if it does not say.
    pub epoch: Option<Epoch>,
}

/// What a new subscription to a room begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// The log's end; what comes next on the subscription follows it.
    pub position: Position,
    /// What was missed.
    pub recovery: Recovery,
}

/// What became of a client's wish to recover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// It had none.
    NotAsked,
    /// All it missed, in order; may be empty. Together with its past this is the whole log.
    Recovered(Vec<Arc<Event>>),
    /// Its position is not in this log, some of what follows it was removed, or it missed more than [`Limits::recovery_events`](crate::Limits::recovery_events): it reads the
    /// log in pages.
    Impossible,
}

impl Chat {
    /// Subscribes a connection to a room. `reply` turns what it begins with into the frame that is written
    /// before anything else of the room; no event falls between the two, and none comes twice. Its error takes
    /// the subscription back.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::AlreadySubscribed`], [`ChatError::LimitReached`],
    /// [`ChatError::Unavailable`], and those of `reply`; the connection is then as it was.
    pub async fn subscribe(
        &self,
        connection: &Arc<Connection>,
        room: &RoomId,
        since: Option<Since>,
        join_leave: bool,
        reply: impl FnOnce(&Subscribed) -> Result<Bytes, ChatError> + Send,
    ) -> Result<(), ChatError> {
        // First the subscription, then the look into the log: what is committed between the two is held.
        let pending = self.hub.subscribe(connection, room, join_leave)?;
        let caller = connection.user();
        if !connection.is_known() {
            let status = self.store.statuses(&[caller.id]).await?.into_iter().next();
            connection.learn(status.is_some_and(|(_, status)| status.hidden));
        }
        let found = self.room(caller, room).await?.room;
        let (first, position) = (found.first, found.position());
        let recovery = match since {
            None => Recovery::NotAsked,
            Some(since) => self.recover(caller.id, room, &since, first, &position).await?,
        };
        let subscribed = Subscribed { position, recovery };
        let offset = subscribed.position.offset;
        pending.activate(offset, reply(&subscribed)?)
    }

    /// The events between the two: from memory where they are, since after an outage many miss the same ones.
    async fn recover(
        &self,
        caller: UserId,
        room: &RoomId,
        since: &Since,
        first: Offset,
        end: &Position,
    ) -> Result<Recovery, ChatError> {
        let now = Timestamp::now();
        let seen = |events: Vec<Arc<Event>>| {
            events.iter().map(|event| event.told_from(first).seen_by(caller, now)).collect()
        };
        // Who has nothing has missed what was removed, too.
        let is_kept = since.offset.next() >= first;
        let same_log = is_kept && since.epoch.as_ref().is_none_or(|epoch| *epoch == end.epoch);
        let missed =
            end.offset.get().checked_sub(since.offset.get()).and_then(|missed| usize::try_from(missed).ok());
        let missed = match missed {
            Some(0) if same_log => return Ok(Recovery::Recovered(Vec::new())),
            Some(missed) if same_log && missed <= self.limits.recovery_events => missed,
            Some(_) | None => return Ok(Recovery::Impossible),
        };
        if let Some(events) = self.hub.recent_events(room, since.offset, end.offset) {
            return Ok(Recovery::Recovered(seen(events)));
        }
        // Who may read it was asked already; what was committed since comes by the subscription.
        let log = self.store.log(room, None, Range::After(since.offset), missed).await?;
        let events = log.ok_or(ChatError::RoomNotFound)?.events;
        Ok(if events.len() == missed { Recovery::Recovered(seen(events)) } else { Recovery::Impossible })
    }
}
