//! Pins: messages that a room keeps in sight.

use crate::{Message, Offset, Profile, Timestamp};

/// A message that is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The message, as it stands.
    pub message: Message,
    /// The offset of the event that pinned it: its place in the list.
    pub offset: Offset,
    /// Who pinned it, as they were called then.
    pub by: Profile,
    /// When.
    pub at: Timestamp,
}
