//! Who wants to have no direct messages of whom.

use crate::{ChatError, Profile, RoomStore, Timestamp, UserId};

/// A user whom another has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who is blocked, as they were called then.
    pub user: Profile,
    /// Since when.
    pub at: Timestamp,
}

/// Whether a user has blocked another.
pub(crate) async fn has_blocked(
    store: &dyn RoomStore,
    user: UserId,
    other: UserId,
) -> Result<bool, ChatError> {
    let before = UserId::new(other.get() - 1).ok();
    let blocks = store.blocks(user, before, 1).await?;
    Ok(blocks.first().is_some_and(|block| block.user.id == other))
}
