//! What the calls take.
//!
//! Over HTTP the fields that the path or the query holds are not in the body; everywhere else they all stand
//! in one object.

mod attachment;
mod block;
mod bookmark;
mod edit;
mod filter;
mod format;
mod log;
mod member;
mod message;
mod moderation;
mod operator;
mod pin;
mod presence;
mod reaction;
mod read;
mod report;
mod room;
mod scheduled;
mod search;
mod thread;

pub use attachment::*;
pub use block::*;
pub use bookmark::*;
pub use edit::*;
pub use filter::*;
pub use format::*;
pub use log::*;
pub use member::*;
pub use message::*;
pub use moderation::*;
pub use operator::*;
pub use pin::*;
pub use presence::*;
pub use reaction::*;
pub use read::*;
pub use report::*;
pub use room::*;
pub use scheduled::*;
pub use search::*;
pub use thread::*;

pub use crate::parse::Data;
