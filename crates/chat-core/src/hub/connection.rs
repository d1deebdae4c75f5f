//! One client's connection, as the hub knows it.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Address, CloseReason, Outlet, Presence, WireFormat};
use crate::{Profile, RoomId, SessionId};

/// It has not been looked up whether the user hides: nobody sees them yet.
pub(super) const UNKNOWN: u8 = 0;
const SHOWN: u8 = 1;
const HIDDEN: u8 = 2;

/// One client's transport, as the hub knows it: who it is, how it reads, and which outlet takes frames to it. Made by
/// [`Hub::connect`](crate::Hub::connect), ended by [`Hub::disconnect`](crate::Hub::disconnect).
pub struct Connection {
    pub(super) client: String,
    pub(super) user: Profile,
    pub(super) session: Option<SessionId>,
    pub(super) format: Arc<dyn WireFormat>,
    pub(super) outlet: Arc<dyn Outlet>,
    pub(super) address: Address,
    /// When it was made, and how many seconds later it did something last.
    pub(super) begun: Instant,
    pub(super) active: AtomicU32,
    /// One of the values below.
    pub(super) shown: AtomicU8,
    /// What it is subscribed to; `None` once it has been disconnected. Locked only inside a shard's lock, or
    /// alone.
    pub(super) rooms: Mutex<Option<HashSet<RoomId>>>,
}

impl Connection {
    /// Its id on the wire: a random UUID.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Its user.
    #[must_use]
    pub fn user(&self) -> &Profile {
        &self.user
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

    /// Notes that its user did something.
    pub fn touch(&self) {
        let seconds = u32::try_from(self.begun.elapsed().as_secs()).unwrap_or(u32::MAX);
        self.active.store(seconds, Ordering::Relaxed);
    }

    /// For how long it has done nothing.
    #[must_use]
    pub fn idle(&self) -> Duration {
        let active = Duration::from_secs(self.active.load(Ordering::Relaxed).into());
        self.begun.elapsed().saturating_sub(active)
    }

    /// The connection as others see it.
    pub(super) fn presence(&self) -> Presence {
        Presence { client: self.client.clone(), user: self.user.clone(), idle: self.idle().as_secs() }
    }

    /// Whether it is known whether its user hides.
    pub(crate) fn is_known(&self) -> bool {
        self.shown.load(Ordering::Relaxed) != UNKNOWN
    }

    /// Whether others are not shown that it is there.
    pub(super) fn is_hidden(&self) -> bool {
        self.shown.load(Ordering::Relaxed) == HIDDEN
    }

    /// Takes in whether its user hides, unless it was told since.
    pub(crate) fn learn(&self, hidden: bool) {
        let shown = if hidden { HIDDEN } else { SHOWN };
        let _ = self.shown.compare_exchange(UNKNOWN, shown, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Has it hidden or shown from now on; whether that changes anything for others.
    pub(super) fn hide(&self, hidden: bool) -> bool {
        let before = self.shown.swap(if hidden { HIDDEN } else { SHOWN }, Ordering::Relaxed);
        (before == HIDDEN) != hidden
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
        f.debug_struct("Connection").field("client", &self.client).finish_non_exhaustive()
    }
}
