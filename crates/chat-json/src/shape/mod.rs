//! What the chat's things look like in JSON. Each borrows what it shows.

mod attachment;
mod ban;
mod block;
mod bookmark;
mod event;
mod filter;
mod mention;
mod message;
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
mod signal;
mod thread;

pub use attachment::*;
pub use ban::*;
pub use block::*;
pub use bookmark::*;
pub use event::*;
pub use filter::*;
pub use mention::*;
pub use message::*;
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
pub use signal::*;
pub use thread::*;

use chat_core::UserId;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// What others see of a user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User<'a> {
    /// The account: a decimal number, as text.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub id: UserId,
    /// The unique name.
    #[schema(example = "ada")]
    pub username: &'a str,
    /// The name to show.
    #[schema(example = "Ada")]
    pub display_name: &'a str,
}

/// Who did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Actor<'a> {
    /// The account: a decimal number, as text.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "17")]
    pub id: UserId,
    /// The unique name, as it was then.
    #[schema(example = "ada")]
    pub username: &'a str,
}

/// Part of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to continue with; null at the list's end.
    #[schema(required)]
    pub next: Option<String>,
}

/// Writes an id as text.
fn as_text<S: Serializer>(id: &UserId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
