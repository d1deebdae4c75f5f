//! How a list is cut into pages.

use chat_core::{Problem, Violation};

use crate::error::CallError;

/// How many items a page has that does not say.
const DEFAULT_LIMIT: usize = 50;

/// The size of a page, and how many items to look up for it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    limit: usize,
}

impl Size {
    /// The size asked for, out of 1 to `max`.
    ///
    /// # Errors
    /// `limit_malformed`.
    pub fn new(limit: Option<u64>, max: usize) -> Result<Size, CallError> {
        let limit = match limit {
            None => DEFAULT_LIMIT.min(max),
            Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        if (1..=max).contains(&limit) {
            return Ok(Size { limit });
        }
        let mut error =
            CallError::invalid(&[Violation { field: "limit", problem: Problem::Malformed { expected: "" } }]);
        // The bound is a setting, so the text cannot stand in the program.
        error.detail = format!("limit must be a whole number from 1 to {max}");
        for field in &mut error.errors {
            field.detail.clone_from(&error.detail);
        }
        Err(error)
    }

    /// How many items the page has at the most.
    #[must_use]
    pub fn limit(self) -> usize {
        self.limit
    }

    /// How many items to look up: one more shows that there is more.
    #[must_use]
    pub fn fetch(self) -> usize {
        self.limit + 1
    }

    /// Cuts what was looked up, in the order of the list, and says whether there is more.
    pub fn cut<T>(self, items: &mut Vec<T>) -> bool {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        more
    }

    /// The same for a list that is read backwards: what is too much stands at its front.
    pub fn cut_front<T>(self, items: &mut Vec<T>) -> bool {
        let more = items.len() > self.limit;
        items.drain(..items.len().saturating_sub(self.limit));
        more
    }
}
