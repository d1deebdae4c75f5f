//! One client's connection, as the hub knows it.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{Address, CloseReason, Outlet, Presence, WireFormat};
use crate::{Profile, RoomId, SessionId};

/// One client's transport, as the hub knows it: who it is, how it reads, and which outlet takes frames to it. Made by
/// [`Hub::connect`](crate::Hub::connect), ended by [`Hub::disconnect`](crate::Hub::disconnect).
pub struct Connection {
    pub(super) presence: Presence,
    pub(super) session: Option<SessionId>,
    pub(super) format: Arc<dyn WireFormat>,
    pub(super) outlet: Arc<dyn Outlet>,
    pub(super) address: Address,
    /// What it is subscribed to; `None` once it has been disconnected. Locked only inside a shard's lock, or
    /// alone.
    pub(super) rooms: Mutex<Option<HashSet<RoomId>>>,
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

    /// Where its outlet finds it.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// Puts a frame behind all that the hub has for it.
    pub fn tell(&self, frame: Bytes) {
        self.outlet.put(frame, vec![self.address]);
    }

    /// Closes it, behind what was put into its outlet before.
    pub fn close(&self, reason: CloseReason) {
        self.outlet.close(self.address, reason);
    }

    pub(super) fn rooms(&self) -> MutexGuard<'_, Option<HashSet<RoomId>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Strikes a room off its list.
    pub(super) fn forget(&self, room: &RoomId) {
        if let Some(rooms) = &mut *self.rooms() {
            rooms.remove(room);
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("client", &self.presence.client).finish_non_exhaustive()
    }
}
