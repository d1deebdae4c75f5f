//! The hook that judges what users wish to say before it is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::oneshot;

use crate::{ChatError, Offset, Profile, RoomId, UserId};

/// Judges what users wish to say before it is kept: for what words alone cannot tell.
#[async_trait]
pub trait Screen: Send + Sync + 'static {
    /// Judges a draft. Its sender waits for it, so it must answer within a bounded time.
    ///
    /// # Errors
    /// Whatever the sender is to be told instead, such as [`ChatError::Unavailable`] when nobody can judge now.
    async fn judge(&self, draft: Draft<'_>) -> Result<Judgement, ChatError>;
}

/// What somebody wishes to say, or to have said. The rules have not looked at it: it may be too long, or in a room where its
/// sender may not write.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Where.
    pub room: &'a RoomId,
    /// The message that is to say this from now on; none for a new one.
    pub message: Option<Offset>,
    /// Who.
    pub sender: &'a Profile,
    /// The text.
    pub text: &'a str,
    /// What the application adds, in JSON.
    pub data: Option<&'a str>,
}

/// What becomes of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is taken as it is.
    Pass,
    /// It is not taken.
    Refuse {
        /// Why, for the sender; may be empty.
        reason: String,
    },
    /// It is taken with another text.
    Replace {
        /// The text.
        text: String,
    },
    /// It is taken, and brought before the moderators of its room. In a direct room, which has none, it is only taken.
    Report {
        /// Why, for the moderators; may be empty.
        reason: String,
    },
}

/// Turns of those who wait for a judgement: a user's messages to a room keep the order in which they were sent, however long
/// each takes to be judged.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<(UserId, RoomId), Last>>);

/// The last turn that was taken.
struct Last {
    number: u64,
    over: oneshot::Receiver<()>,
}

/// A turn; it is over when this is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    key: (UserId, RoomId),
    number: u64,
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

impl Turns {
    /// Takes the turn behind all that were taken before.
    pub fn take(self: &Arc<Turns>, user: UserId, room: &RoomId) -> Turn {
        let key = (user, room.clone());
        let (sender, over) = oneshot::channel();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.remove(&key);
        let number = before.as_ref().map_or(0, |before| before.number + 1);
        last.insert(key.clone(), Last { number, over });
        let before = before.map(|before| before.over);
        Turn { turns: self.clone(), key, number, before, _over: sender }
    }
}

impl Turn {
    /// Waits until it has come.
    pub async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: the turn before is over when its sender is dropped.
            let _ = before.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut last = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(&self.key).is_some_and(|last| last.number == self.number) {
            last.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn turns_come_one_after_the_other_and_leave_nothing_behind() {
        let turns = Arc::new(Turns::default());
        let (one, two) = (UserId::new(1).unwrap(), UserId::new(2).unwrap());
        let room: RoomId = "r".parse().unwrap();
        let mut first = turns.take(one, &room);
        let mut second = turns.take(one, &room);
        let mut third = turns.take(one, &room);
        let mut other = turns.take(two, &room);
        assert!(first.come().now_or_never().is_some());
        assert!(other.come().now_or_never().is_some());
        let mut coming = Box::pin(second.come());
        assert!((&mut coming).now_or_never().is_none());
        drop(first);
        assert!((&mut coming).now_or_never().is_some());
        drop(coming);
        drop(second);
        assert!(third.come().now_or_never().is_some());
        drop((third, other));
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
