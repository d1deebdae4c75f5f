//! Searches.

use chat_core::{RoomId, SearchOrder, Timestamp, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Format;
use crate::parse::{Word, word, word_or_none};

/// A page of what a search finds.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchMessages {
    /// What is looked for, 1 to 200 characters and at most 16 words: all of them, `"those in quotes"` next to one another, none
    /// of those with a `-` before them, and with a `*` behind the last one all words that begin so.
    #[param(min_length = 1, max_length = 200, example = "kettle \"tea time\" -coffee")]
    pub q: String,
    /// In this room alone.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub room: Option<RoomId>,
    /// Of this user alone.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub sender: Option<UserId>,
    /// Sent then or later.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub after: Option<Timestamp>,
    /// Sent earlier.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub before: Option<Timestamp>,
    /// `attachment`: with files alone.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub has: Option<Has>,
    /// `rank`, what fits best first, or `recent`, what was sent last.
    #[serde(default = "rank", deserialize_with = "word")]
    #[param(value_type = Option<String>, default = "rank")]
    pub order: SearchOrder,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before, of the same search.
    pub cursor: Option<String>,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}

/// What a message must have besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// Files.
    Attachment,
}

impl Word for Has {
    fn read(text: &str) -> Result<Has, &'static str> {
        if text == "attachment" { Ok(Has::Attachment) } else { Err("attachment") }
    }
}

fn rank() -> SearchOrder {
    SearchOrder::Rank
}
