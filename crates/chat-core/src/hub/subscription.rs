//! One connection's subscription to a room: what it has seen of the log.

use std::sync::Arc;

use bytes::Bytes;

use super::Connection;
use crate::Offset;

/// A connection's interest in a room.
pub(super) struct Subscription {
    pub connection: Arc<Connection>,
    /// Whether it wants to know who joins and leaves.
    pub join_leave: bool,
    pub state: State,
}

pub(super) enum State {
    /// Its place in the log is being looked up; what comes meanwhile is held.
    Pending(Box<Pending>),
    /// It has every event up to `position`, from the client's own past or from us.
    Active {
        /// The log's end when it was let in: an older removal does not concern it.
        since: Offset,
        position: Offset,
    },
}

#[derive(Default)]
pub(super) struct Pending {
    held: Vec<(Offset, Option<Bytes>)>,
    bytes: usize,
    /// Something was missed or did not fit: what is held is not the whole story.
    pub torn: bool,
    /// The last removal of its user that passed by.
    pub removed: Option<Offset>,
}

/// Why a pending subscription could not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its user was removed while it was being looked up, or it is no longer pending.
    Removed,
    /// More came meanwhile than could be held.
    Torn,
}

impl Subscription {
    pub fn is_active(&self) -> bool {
        matches!(self.state, State::Active { .. })
    }
}

impl Pending {
    pub fn hold(&mut self, offset: Offset, frame: Option<Bytes>, limit: usize) {
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

    /// What was held beyond `position`, and the offset of the last of it.
    pub fn begin(self, position: Offset) -> Result<(Vec<Bytes>, Offset), Refused> {
        if self.removed.is_some_and(|removed| removed > position) {
            return Err(Refused::Removed);
        }
        let mut last = position;
        let mut frames = Vec::new();
        for (offset, frame) in self.held {
            if offset <= last {
                continue;
            }
            if offset != last.next() {
                return Err(Refused::Torn);
            }
            last = offset;
            frames.extend(frame);
        }
        if self.torn { Err(Refused::Torn) } else { Ok((frames, last)) }
    }
}
