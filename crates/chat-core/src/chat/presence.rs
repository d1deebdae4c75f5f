//! Who is there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Chat, present};
use crate::rules::check_name;
use crate::{
    Availability, Channel, ChatError, Presence, Profile, RoomId, Status, StatusChanges, Timestamp, UserId,
    UserPresence,
};

/// How many users' last times are kept at once.
const PORTION: usize = 1000;

/// How often it is looked who has gone away or come back, in seconds.
const LOOK: u64 = 5;

impl Chat {
    /// Who is in a room now, at whatever node, in no order, but those who hide.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`], [`ChatError::Unavailable`].
    pub async fn presence(&self, caller: &Profile, room: &RoomId) -> Result<Vec<Presence>, ChatError> {
        self.room(caller, room).await?;
        Ok(present(&self.hub, &Channel::Room(room.clone())).await)
    }

    /// The caller's own connections, at whatever node, in no order.
    pub async fn own_presence(&self, caller: &Profile) -> Vec<Presence> {
        present(&self.hub, &Channel::User(caller.id)).await
    }

    /// Whether a user is there, and what they say of themselves. Those who hide are offline to all but themselves.
    ///
    /// # Errors
    /// [`ChatError::UserNotFound`], [`ChatError::Unavailable`].
    pub async fn user_presence(&self, caller: &Profile, user: UserId) -> Result<UserPresence, ChatError> {
        let found = self.find_user(user).await?.ok_or(ChatError::UserNotFound)?;
        let status = self.store.statuses(&[user]).await?.into_iter().next().map(|(_, status)| status);
        Ok(self.seen_by(caller.id, found, status.unwrap_or_default()).await)
    }

    /// What users say of themselves, of those who say something.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`].
    pub async fn statuses(&self, users: &[UserId]) -> Result<Vec<(UserId, Status)>, ChatError> {
        self.store.statuses(users).await
    }

    /// Changes what the caller says of themselves, and whether they hide. Those who have a room open where the caller is are
    /// told; to them, one who hides has left.
    ///
    /// # Errors
    /// [`ChatError::Invalid`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn set_status(
        &self,
        caller: &Profile,
        changes: StatusChanges,
    ) -> Result<UserPresence, ChatError> {
        let text = changes.text.as_deref().filter(|text| !text.is_empty());
        if let Some(wrong) = text.and_then(|text| check_name("status", text, self.limits.status_chars)) {
            return Err(ChatError::Invalid(vec![wrong]));
        }
        self.count_private(caller)?;
        let status = self.store.change_status(caller.id, changes).await?;
        let presence = self.seen_by(caller.id, caller.clone(), status).await;
        self.hub.backplane().presence_changed(&presence);
        self.hub.presence_changed(&presence);
        Ok(presence)
    }

    async fn seen_by(&self, viewer: UserId, user: Profile, status: Status) -> UserPresence {
        let Status { text, hidden, last_seen } = status;
        if hidden && viewer != user.id {
            let (availability, text) = (Availability::Offline, String::new());
            return UserPresence { user, availability, text, last_seen: None, hidden: false };
        }
        let availability = self.availability(&present(&self.hub, &Channel::User(user.id)).await);
        let last_seen = last_seen.filter(|_| availability == Availability::Offline);
        UserPresence { user, availability, text, last_seen, hidden }
    }

    /// Whether a user with these connections is there.
    #[must_use]
    pub fn availability(&self, connections: &[Presence]) -> Availability {
        let away = |one: &Presence| Duration::from_secs(one.idle) >= self.limits.away_after;
        match connections {
            [] => Availability::Offline,
            all if all.iter().all(away) => Availability::Away,
            _ => Availability::Online,
        }
    }

    /// Keeps when users come and go, and tells those who have a room open who has gone away or come back. Runs for ever.
    pub async fn watch_presence(self: Arc<Self>) {
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for second in 1_u64.. {
            seconds.tick().await;
            self.keep_last_seen().await;
            if second.is_multiple_of(LOOK) {
                self.tell_away().await;
            }
        }
    }

    /// Keeps when users came and went here of late.
    pub async fn keep_last_seen(&self) {
        let moved: Vec<(UserId, Timestamp)> = self.hub.moved().into_iter().collect();
        for portion in moved.chunks(PORTION) {
            if let Err(error) = self.store.saw(portion).await {
                log::warn!("when {} users were there last is not kept: {error}", portion.len());
            }
        }
    }

    async fn tell_away(&self) {
        for (user, away) in self.hub.changed_idle(self.limits.away_after) {
            // Where they are not alone at this node, another may know better.
            let everywhere = present(&self.hub, &Channel::User(user.id)).await;
            let availability = self.availability(&everywhere);
            if availability != if away { Availability::Away } else { Availability::Online } {
                continue;
            }
            match self.store.statuses(&[user.id]).await {
                Ok(statuses) => {
                    let Status { text, hidden, .. } =
                        statuses.into_iter().next().map(|(_, status)| status).unwrap_or_default();
                    let presence = UserPresence { user, availability, text, last_seen: None, hidden };
                    self.hub.presence_changed(&presence);
                }
                Err(error) => log::debug!("nobody is told that a user has gone away: {error}"),
            }
        }
    }
}
