//! Word filters.

use serde::Serialize;
use utoipa::ToSchema;

/// What filters the messages of a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Filter<'a> {
    /// What becomes of a message that has one of the words; left out where no words are filtered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<FilterAction>,
    /// The words in lower case, in their order; `*` at the end stands for any ending.
    pub words: Vec<&'a str>,
}

/// What becomes of a message that has a filtered word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterAction {
    /// It is not taken.
    Refuse,
    /// Each character of the word becomes a `*`, before it is kept.
    Mask,
    /// It is taken, and brought before the moderators.
    Report,
}

impl From<chat_core::FilterAction> for FilterAction {
    fn from(action: chat_core::FilterAction) -> FilterAction {
        match action {
            chat_core::FilterAction::Refuse => FilterAction::Refuse,
            chat_core::FilterAction::Mask => FilterAction::Mask,
            chat_core::FilterAction::Report => FilterAction::Report,
        }
    }
}

impl<'a> From<Option<&'a chat_core::WordFilter>> for Filter<'a> {
    fn from(filter: Option<&'a chat_core::WordFilter>) -> Filter<'a> {
        Filter {
            action: filter.map(|filter| filter.action().into()),
            words: filter.into_iter().flat_map(chat_core::WordFilter::words).collect(),
        }
    }
}
