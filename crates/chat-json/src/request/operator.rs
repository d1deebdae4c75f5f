//! What administrators of the server ask for.

use chat_core::RoomId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Format;
use crate::parse::word_or_none;

/// A page of all rooms.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAllRooms {
    /// What their ids begin with; left out, all.
    #[param(example = "ge")]
    pub q: Option<String>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "word_or_none")]
    #[param(value_type = Option<String>)]
    pub cursor: Option<RoomId>,
}

/// A page of the reports of all rooms.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAllReports {
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
