//! Word filters: what a message must not say.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// Words that messages must not have, and what becomes of one that has.
///
/// A word is a run of letters and digits, whatever its case; characters that nobody sees within it are passed over. `*` at the
/// end stands for any ending.
#[derive(Debug, Clone)]
pub struct WordFilter {
    action: FilterAction,
    /// The words in their order, a line each.
    list: String,
    /// The same for looking up, made when a text is first looked through: rooms are read far more often than written to.
    words: OnceLock<Words>,
}

#[derive(Debug, Clone)]
struct Words {
    whole: HashSet<String>,
    /// In their order, none the beginning of another.
    beginnings: Vec<String>,
}

/// What becomes of a message that has a filtered word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FilterAction {
    /// It is not taken.
    Refuse,
    /// Each character of the word becomes a `*`, before it is kept.
    Mask,
    /// It is taken, and brought before the moderators.
    Report,
}

impl PartialEq for WordFilter {
    fn eq(&self, other: &WordFilter) -> bool {
        (self.action, &self.list) == (other.action, &other.list)
    }
}

impl Eq for WordFilter {}

impl WordFilter {
    /// The longest word, in characters.
    pub const WORD_CHARS: usize = 50;

    /// A filter of these words, each once, in their order; none where there is no word, or one that is empty, longer than
    /// [`WordFilter::WORD_CHARS`], or more than one word.
    #[must_use]
    pub fn new(action: FilterAction, words: impl IntoIterator<Item = String>) -> Option<WordFilter> {
        let mut words: Vec<String> = words.into_iter().map(|word| word.to_lowercase()).collect();
        words.sort_unstable();
        words.dedup();
        let is_word = |word: &String| {
            let bare = word.strip_suffix('*').unwrap_or(word);
            let length = bare.chars().count();
            (1..=WordFilter::WORD_CHARS).contains(&length) && bare.chars().all(char::is_alphanumeric)
        };
        let all_are = !words.is_empty() && words.iter().all(is_word);
        all_are.then(|| WordFilter::of_list(action, words.join("\n")))
    }

    /// The filter whose [`WordFilter::list`] this is, for stores.
    #[must_use]
    pub fn of_list(action: FilterAction, list: String) -> WordFilter {
        WordFilter { action, list, words: OnceLock::new() }
    }

    /// What becomes of a message that has one of the words.
    #[must_use]
    pub fn action(&self) -> FilterAction {
        self.action
    }

    /// The words in lower case, in their order, a line each.
    #[must_use]
    pub fn list(&self) -> &str {
        &self.list
    }

    /// The words in lower case, in their order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.list.lines()
    }

    /// Where filtered words stand in a text, in bytes, in their order.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let words = self.words.get_or_init(|| Words::of(self.words()));
        let mut found = Vec::new();
        let mut word = String::new();
        let mut begun = 0;
        for (place, c) in text.char_indices().chain([(text.len(), ' ')]) {
            if c.is_alphanumeric() {
                if word.is_empty() {
                    begun = place;
                }
                word.extend(c.to_lowercase());
            } else if !passes_over(c) && !word.is_empty() {
                if words.has(&word) {
                    found.push(begun..place);
                }
                word.clear();
            }
        }
        found
    }

    /// The text with a `*` for each character of what [`WordFilter::find`] found in it.
    #[must_use]
    pub fn mask(text: &str, found: &[Range<usize>]) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for range in found {
            masked.push_str(&text[end..range.start]);
            masked.extend(text[range.clone()].chars().map(|_| '*'));
            end = range.end;
        }
        masked.push_str(&text[end..]);
        masked
    }
}

impl Words {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Words {
        let (mut whole, mut beginnings) = (HashSet::new(), Vec::<String>::new());
        for word in words {
            match word.strip_suffix('*') {
                Some(beginning) => beginnings.push(beginning.to_owned()),
                None => drop(whole.insert(word.to_owned())),
            }
        }
        beginnings.sort_unstable();
        beginnings.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
        Words { whole, beginnings }
    }

    fn has(&self, word: &str) -> bool {
        // The one beginning that can be this word's is the last that does not come after it, since none begins another.
        let place = self.beginnings.partition_point(|beginning| beginning.as_str() <= word);
        let begins = place.checked_sub(1).is_some_and(|place| word.starts_with(&self.beginnings[place]));
        begins || self.whole.contains(word)
    }
}

/// Characters that take no room, or only change the one before: they would hide a word from the filter and from nobody else.
fn passes_over(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(words: &[&str]) -> WordFilter {
        WordFilter::new(FilterAction::Mask, words.iter().map(|word| (*word).to_owned())).unwrap()
    }

    fn masked(words: &[&str], text: &str) -> String {
        WordFilter::mask(text, &filter(words).find(text))
    }

    #[test]
    fn whole_words_and_beginnings_are_found_whatever_their_case() {
        for (text, expected) in [
            ("Spam, spam and eggs!", "****, **** and eggs!"),
            ("spammer", "spammer"),
            ("SPAM", "****"),
            ("dragons' dragnet; drag", "*******' *******; ****"),
            ("dra g", "dra g"),
            ("s\u{200B}pam sp\u{301}am", "***** *****"),
            ("ÄRGER", "*****"),
            ("", ""),
        ] {
            assert_eq!(masked(&["spam", "drag*", "dragon*", "ärger"], text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_word_is_refused() {
        let long = "x".repeat(51);
        for words in [vec![], vec![""], vec!["*"], vec!["two words"], vec!["a*b"], vec![long.as_str()]] {
            let words = words.into_iter().map(str::to_owned);
            assert_eq!(WordFilter::new(FilterAction::Refuse, words), None);
        }
    }

    proptest! {
        #[test]
        fn masking_leaves_nothing_to_find_and_the_rest_as_it_is(
            words in prop::collection::vec("[ab]{1,3}\\*?", 1..5),
            text in "[abAB ,\u{200B}]{0,40}",
        ) {
            let filter = WordFilter::new(FilterAction::Mask, words.clone()).unwrap();
            let found = filter.find(&text);
            let masked = WordFilter::mask(&text, &found);
            prop_assert!(filter.find(&masked).is_empty());
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            for (before, after) in text.chars().zip(masked.chars()) {
                prop_assert!(after == before || after == '*');
            }
            // The same as looking at each word and each filtered word.
            let bare: Vec<String> = text
                .split([' ', ','])
                .map(|word| word.replace('\u{200B}', "").to_lowercase())
                .filter(|word| !word.is_empty())
                .collect();
            let expected = bare.iter().filter(|word| words.iter().any(|filtered| {
                match filtered.strip_suffix('*') {
                    Some(beginning) => word.starts_with(beginning),
                    None => *word == filtered,
                }
            }));
            prop_assert_eq!(expected.count(), found.len());
        }
    }
}
