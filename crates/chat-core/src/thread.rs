//! Threads: a message, and all that answers it or one of its answers.

use crate::{Message, Offset, Profile, RoomId, Timestamp};

/// What a reply answers, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quote {
    /// Who said it.
    pub sender: Profile,
    /// Its beginning: at most [`Quote::MAX_CHARS`] characters, and an ellipsis where that is not all. Empty where the message
    /// expires: a quote would outlive it.
    pub text: String,
}

impl Quote {
    /// The longest text before the ellipsis, in characters.
    pub const MAX_CHARS: usize = 200;

    /// A quote of this message.
    #[must_use]
    pub fn of(message: &Message) -> Quote {
        let text = match message.text.char_indices().nth(Quote::MAX_CHARS) {
            _ if message.expires_at.is_some() => String::new(),
            Some((end, _)) => format!("{}…", &message.text[..end]),
            None => message.text.clone(),
        };
        Quote { sender: message.sender.clone(), text }
    }
}

/// A thread as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Thread {
    /// The message that it began with.
    pub root: Offset,
    /// How many replies there are that were not deleted.
    pub replies: u64,
    /// The reply that came last, deleted or not.
    pub last_reply: Offset,
}

/// A thread as one user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadView {
    /// The message that it began with.
    pub message: Message,
    /// Who wrote its last thousand replies, the latest first, at most [`ThreadView::PARTICIPANTS`].
    pub participants: Vec<Profile>,
    /// Whether the viewer follows it.
    pub following: bool,
}

impl ThreadView {
    /// How many participants are shown.
    pub const PARTICIPANTS: usize = 20;

    /// How many replies are looked through for them.
    pub const LOOKED_THROUGH: usize = 1000;
}

/// A thread that a user follows, in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedThread {
    /// The message that it began with, or would begin with.
    pub message: Message,
    /// How many replies of others follow the user's read mark and were not deleted;
    /// [`ReadMark::MOST`](crate::ReadMark::MOST) stands for as many or more.
    pub unread: u64,
    /// When the last reply was sent, or the message where there is none.
    pub active_at: Timestamp,
}

/// A place in a list of threads by their activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadCursor {
    /// The last thread's activity.
    pub active_at: Timestamp,
    /// Its room.
    pub room: RoomId,
    /// The message that it began with.
    pub root: Offset,
}

impl FollowedThread {
    /// Its place in the list.
    #[must_use]
    pub fn cursor(&self) -> ThreadCursor {
        ThreadCursor { active_at: self.active_at, room: self.message.room.clone(), root: self.message.offset }
    }
}
