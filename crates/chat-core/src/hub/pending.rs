//! The beginning of a subscription.

use std::sync::Arc;

use bytes::Bytes;

use super::subscription::Refused;
use super::{Connection, Hub};
use crate::{ChatError, Offset, RoomId};

/// A subscription whose place in the log is being looked up. Dropped, it is taken back.
pub struct PendingSubscription<'a> {
    pub(super) hub: &'a Hub,
    pub(super) connection: &'a Arc<Connection>,
    pub(super) room: RoomId,
    pub(super) active: bool,
}

impl PendingSubscription<'_> {
    /// Begins it at `position`, the log's end as the caller read it: `reply` is written, and after it every
    /// later event.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`] when its user was removed meanwhile; [`ChatError::Unavailable`] when more
    /// events came meanwhile than could be held.
    pub fn activate(mut self, position: Offset, reply: Bytes) -> Result<(), ChatError> {
        let place = self.hub.place(&self.room);
        let result = self
            .hub
            .with(&self.room, |subscribers| subscribers.activate(&place, self.connection, position, reply));
        match result {
            Some(Ok(())) => {
                self.active = true;
                Ok(())
            }
            Some(Err(Refused::Torn)) => Err(ChatError::Unavailable),
            Some(Err(Refused::Removed)) | None => Err(ChatError::RoomNotFound),
        }
    }
}

impl Drop for PendingSubscription<'_> {
    fn drop(&mut self) {
        if !self.active {
            self.hub.unsubscribe(self.connection, &self.room);
        }
    }
}
