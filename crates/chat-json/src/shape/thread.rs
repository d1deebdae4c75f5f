//! Threads.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, User};
use crate::Time;

/// What a reply answers, as it was then.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quote<'a> {
    /// Who said it.
    pub sender: User<'a>,
    /// Its beginning: at most 200 characters, and an ellipsis where that is not all.
    pub text: &'a str,
}

/// A message, and all that answers it or one of its answers, as it stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Thread {
    /// The offset of the message that it began with.
    #[schema(example = 42)]
    pub root: u64,
    /// How many replies there are that were not deleted.
    pub replies: u64,
    /// The offset of the reply that came last, deleted or not.
    pub last_reply: u64,
}

/// A thread as the caller sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThreadView<'a> {
    /// The message that it began with; its `thread` has the counts, and is left out where nobody has replied.
    pub message: Message<'a>,
    /// Who wrote its last thousand replies, the latest first; at most 20.
    pub participants: Vec<User<'a>>,
    /// Whether the caller follows it.
    pub following: bool,
}

/// A thread that the caller follows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FollowedThread<'a> {
    /// The message that it began with; its `thread` has the counts, and is left out where nobody has replied.
    pub message: Message<'a>,
    /// How many replies of others follow the caller's read mark and were not deleted; 1000 stands for as many or more.
    pub unread: u64,
    /// When the last reply was sent, or the message where there is none.
    #[schema(value_type = String, format = DateTime)]
    pub active_at: Time,
}
