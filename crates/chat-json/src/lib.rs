//! The chat in JSON: one set of shapes and calls for HTTP, the socket, and whatever else speaks JSON.
//!
//! - [`event`] and [`signal`] write what the hub tells;
//! - [`call`] runs a call by its name, [`calls`] are the same calls with types;
//! - [`parse`] reads a request and says what is wrong with it;
//! - [`CallError`] is the one table from what went wrong to the word that clients switch on.

pub mod calls;
pub mod request;
pub mod shape;

mod error;
mod fields;
mod html;
mod page;
mod parse;
mod rpc;
mod time;
mod words;
mod write;

pub use calls::{Sent, wrong_cursor};
pub use error::{CallError, ErrorKind, FieldError};
pub use page::Size;
pub use parse::{parse, user_id};
pub use rpc::{METHODS, call, send};
pub use time::Time;
pub use write::{event, room_signal, signal, user};
