//! Direct rooms: opened.

use std::collections::BTreeSet;

use super::{Chat, mismatch};
use crate::{Action, ChatError, Outcome, Problem, Profile, Room, RoomId, UserId};

impl Chat {
    /// The direct room of the caller and these others, made where there is none yet; whether it was stands beside it. Asked for
    /// by whomever of them, and in whatever order, it is always the same.
    ///
    /// # Errors
    /// [`ChatError::Invalid`] for users who are not there, and for too many or none but the caller;
    /// [`ChatError::LimitReached`], [`ChatError::TooManyRequests`], [`ChatError::Unavailable`].
    pub async fn open_direct(&self, caller: &Profile, users: &[UserId]) -> Result<(Room, bool), ChatError> {
        let others: BTreeSet<UserId> = users.iter().copied().filter(|user| *user != caller.id).collect();
        let most = self.limits.people_per_direct_room.saturating_sub(1);
        if others.is_empty() || others.len() > most {
            return Err(ChatError::invalid("users", Problem::Count { least: 1, most, what: "others" }));
        }
        self.count_private(caller)?;
        let mut people = vec![caller.clone()];
        for user in others {
            people.push(self.user("users", user).await?);
        }
        let id = RoomId::direct(&people.iter().map(|user| user.id).collect::<Vec<_>>());
        let opened = self.submit(caller, &id, Action::OpenDirect { people }).await?;
        let Outcome::Direct { room, made } = opened else { return Err(mismatch()) };
        Ok((room, made))
    }
}
