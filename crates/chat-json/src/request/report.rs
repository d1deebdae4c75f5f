//! Reports.

use chat_core::{Offset, RoomId, Verdict};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Format;
use crate::parse::{offset, word, word_or_none};
use crate::shape;

/// Brings a message before the moderators of its room.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddReport {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[schema(ignore)]
    pub offset: Offset,
    /// Why, in at most 500 characters.
    #[schema(example = "an insult")]
    pub reason: Option<String>,
}

/// A page of reports.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReports {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[param(ignore)]
    pub room: RoomId,
    /// Whether to list those that are settled, the latest first, in place of those that wait, the oldest first; left out, no.
    pub settled: Option<bool>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// `html` for each message's text as HTML as well; left out, `text`.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>, pattern = "^(text|html)$")]
    pub format: Option<Format>,
}

/// Settles the reports of a message that wait.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleReports {
    /// The room.
    #[serde(deserialize_with = "word")]
    #[schema(ignore)]
    pub room: RoomId,
    /// The message.
    #[serde(deserialize_with = "offset")]
    #[schema(ignore)]
    pub offset: Offset,
    /// Whether the moderators agree: `upheld` or `dismissed`.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = shape::Verdict)]
    pub verdict: Verdict,
    /// What they say to it, for one another, in at most 500 characters.
    #[schema(example = "deleted, and talked to them")]
    pub note: Option<String>,
}
