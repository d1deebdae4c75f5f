//! One client's connection, as the hub knows it.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Channel, Outbox, Presence, WireFormat};
use crate::{Profile, SessionId};

/// One client's transport, as the hub knows it: who it is, how it reads, and what waits for it. Made by
/// [`Hub::connect`](crate::Hub::connect), ended by [`Hub::disconnect`](crate::Hub::disconnect).
pub struct Connection {
    pub(super) key: u64,
    pub(super) presence: Presence,
    pub(super) session: Option<SessionId>,
    pub(super) format: Arc<dyn WireFormat>,
    /// What it is subscribed to; `None` once it has been disconnected. Locked only inside a shard's lock, or
    /// alone.
    pub(super) channels: Mutex<Option<HashSet<Channel>>>,
    /// What waits to be written to it.
    pub outbox: Outbox,
}

impl Connection {
    /// Its id on the wire: a random UUID.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.presence.client
    }

    /// Its user.
    #[must_use]
    pub fn user(&self) -> &Profile {
        &self.presence.user
    }

    /// The session it was authenticated with.
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }

    /// What it is subscribed to, in no order.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.iter().flatten().cloned().collect()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("client", &self.presence.client).finish_non_exhaustive()
    }
}
