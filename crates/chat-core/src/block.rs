//! Who wants to have no direct messages of whom.

use crate::{Profile, Timestamp};

/// A user whom another has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who is blocked, as they were called then.
    pub user: Profile,
    /// Since when.
    pub at: Timestamp,
}
