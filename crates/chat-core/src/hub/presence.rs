//! What the hub knows of its users besides what they are subscribed to: whether they hide, and whether they do anything.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::{Connection, Hub, Notice, Subscribers};
use crate::{Profile, RoomId, RoomSignal, Timestamp, UserId, UserPresence};

impl Hub {
    /// Notes that a user has come or gone now.
    pub(super) fn note_move(&self, user: UserId) {
        self.moves().insert(user, Timestamp::now());
    }

    /// Who has come or gone here since this was asked last, and when.
    pub(crate) fn moved(&self) -> HashMap<UserId, Timestamp> {
        std::mem::take(&mut *self.moves())
    }

    /// Does at this node what follows when a user's presence has changed: their connections hide or show themselves, and
    /// those who have their rooms open are told.
    pub fn presence_changed(&self, presence: &UserPresence) {
        let connections = self.connections().get(&presence.user.id).cloned().unwrap_or_default();
        for connection in &connections {
            if connection.hide(presence.hidden) {
                let notice = if presence.hidden { Notice::Left } else { Notice::Joined };
                for room in rooms_of(connection) {
                    self.with(&room, |subscribers| {
                        subscribers.tell_of(&self.place(&room), connection, notice)
                    });
                }
            }
        }
        if presence.hidden {
            return;
        }
        let rooms: HashSet<RoomId> = connections.iter().flat_map(rooms_of).collect();
        let UserPresence { user, availability, text, .. } = presence.clone();
        let signal = RoomSignal::PresenceChanged(user, availability, text);
        for room in rooms {
            let few = |subscribers: &mut Subscribers| subscribers.len() as u64 <= self.limits.signal_members;
            if self.with(&room, few) == Some(true) {
                self.backplane.signal_room(&room, &signal);
                self.signal_room(&room, &signal);
            }
        }
    }

    /// Whose connections here have all done nothing for so long, and did something when this was asked last (true), or the other
    /// way round (false).
    pub(crate) fn changed_idle(&self, after: Duration) -> Vec<(Profile, bool)> {
        let connections = self.connections();
        let mut away = self.away();
        away.retain(|user| connections.contains_key(user));
        let mut changed = Vec::new();
        for (user, of_user) in &*connections {
            let idle = of_user.iter().all(|one| one.idle() >= after);
            if idle != away.contains(user)
                && let Some(one) = of_user.first()
            {
                if idle {
                    away.insert(*user)
                } else {
                    away.remove(user)
                };
                changed.push((one.user().clone(), idle));
            }
        }
        changed
    }
}

fn rooms_of(connection: &Arc<Connection>) -> Vec<RoomId> {
    connection.rooms().iter().flatten().cloned().collect()
}
