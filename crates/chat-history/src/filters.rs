//! Word filters as the table of rooms keeps them: what becomes of a message, then the words, a line each.

use std::sync::Arc;

use chat_core::{FilterAction, WordFilter};

use crate::error::HistoryError;

/// The word that is kept for what becomes of a message.
pub(crate) fn action_word(action: FilterAction) -> &'static str {
    match action {
        FilterAction::Refuse => "refuse",
        FilterAction::Mask => "mask",
        FilterAction::Report => "report",
    }
}

pub(crate) fn action_from(word: &str) -> Result<FilterAction, HistoryError> {
    match word {
        "refuse" => Ok(FilterAction::Refuse),
        "mask" => Ok(FilterAction::Mask),
        "report" => Ok(FilterAction::Report),
        other => Err(HistoryError::Damaged { table: "rooms", detail: format!("filter action {other}") }),
    }
}

pub(crate) fn write(filter: Option<&Arc<WordFilter>>) -> Option<String> {
    filter.map(|filter| format!("{}\n{}", action_word(filter.action()), filter.list()))
}

pub(crate) fn read(text: Option<&str>) -> Result<Option<Arc<WordFilter>>, HistoryError> {
    let Some(text) = text else { return Ok(None) };
    let (action, list) = text.split_once('\n').unwrap_or((text, ""));
    Ok(Some(Arc::new(WordFilter::of_list(action_from(action)?, list.to_owned()))))
}
