//! What was found lately.

use std::sync::Arc;
use std::time::Instant;

use chat_core::Preview;
use indexmap::IndexMap;

use crate::error::Refusal;

/// What came of looking at a page.
pub(crate) type Result = std::result::Result<Arc<Preview>, Refusal>;

/// The last results, so many at the most, each for its term.
pub(crate) struct Cache {
    most: usize,
    /// By address, in the order in which they came.
    known: IndexMap<String, (Result, Instant)>,
}

impl Cache {
    pub fn new(most: usize) -> Cache {
        Cache { most, known: IndexMap::new() }
    }

    /// What is known of an address.
    pub fn get(&self, url: &str, now: Instant) -> Option<Result> {
        self.known.get(url).filter(|(_, until)| now < *until).map(|(result, _)| result.clone())
    }

    /// Keeps a result; the oldest goes where there are too many.
    pub fn keep(&mut self, url: String, result: Result, until: Instant) {
        // To the end of the order; moving the others costs little beside asking for a page.
        self.known.shift_remove(&url);
        self.known.insert(url, (result, until));
        if self.known.len() > self.most {
            self.known.shift_remove_index(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_are_kept_for_their_term_and_only_so_many() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut cache = Cache::new(2);
        cache.keep("a".into(), Err(Refusal::NotHtml), at(10));
        assert_eq!(cache.get("a", at(9)), Some(Err(Refusal::NotHtml)));
        assert_eq!(cache.get("a", at(10)), None);
        cache.keep("b".into(), Err(Refusal::Timeout), at(10));
        cache.keep("a".into(), Err(Refusal::Status(404)), at(20));
        cache.keep("c".into(), Err(Refusal::Timeout), at(20));
        assert_eq!(cache.get("b", now), None);
        assert_eq!(cache.get("a", now), Some(Err(Refusal::Status(404))));
        let mut none = Cache::new(0);
        none.keep("a".into(), Err(Refusal::Timeout), at(10));
        assert_eq!(none.get("a", now), None);
    }
}
