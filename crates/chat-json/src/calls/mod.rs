//! The calls, each once, for every wire.

mod attachment;
mod block;
mod bookmark;
mod edit;
mod filter;
mod log;
mod member;
mod message;
mod moderation;
mod operator;
mod pin;
mod presence;
mod preview;
mod reaction;
mod read;
mod report;
mod room;
mod scheduled;
mod search;
mod thread;
mod typing;

pub use attachment::*;
pub use block::*;
pub use bookmark::*;
pub use edit::*;
pub use filter::*;
pub use log::*;
pub use member::*;
pub use message::*;
pub use moderation::*;
pub use operator::*;
pub use pin::*;
pub use presence::*;
pub use preview::*;
pub use reaction::*;
pub use read::*;
pub use report::*;
pub use room::*;
pub use scheduled::*;
pub use search::*;
pub use thread::*;
pub use typing::*;

use crate::error::CallError;

/// What a call answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What was asked for, or is now, in JSON.
    Found(String),
    /// What was made, in JSON.
    Created(String),
    /// Nothing but that it is done.
    Done,
}

impl Answer {
    /// The answer in JSON; an empty object where there is nothing to say.
    #[must_use]
    pub fn into_json(self) -> String {
        match self {
            Answer::Found(json) | Answer::Created(json) => json,
            Answer::Done => "{}".to_owned(),
        }
    }
}

/// What becomes of a call.
pub type Result<T = Answer> = std::result::Result<T, CallError>;
