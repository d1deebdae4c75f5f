//! Who is kept out of a room, or from writing there.

use crate::{Profile, Timestamp};

/// A user who is banned from a room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ban {
    /// Who, as they were called then.
    pub user: Profile,
    /// Until when; none for ever.
    pub until: Option<Timestamp>,
    /// Why; may be empty. All who read the room may know.
    pub reason: String,
}

impl Ban {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// What a user has incurred in a room; it outlasts their membership.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sanction {
    /// Until when they may not write; a time that has passed means nothing.
    pub muted_until: Option<Timestamp>,
    /// Their ban, which may have ended.
    pub ban: Option<Ban>,
}
