//! What is looked for: read from what a user writes, and found in texts.

use super::words::{Kind, Word, words};
use crate::Problem;

/// What is looked for: words and phrases that a text must have, and others that it must not have.
///
/// `word` looks for the word, `"some words"` for them next to one another, `-word` and `-"some words"` for texts without, and a
/// last `word*` for all words that begin so. Nothing else has a meaning: punctuation stands between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    wanted: Vec<Phrase>,
    unwanted: Vec<Phrase>,
}

/// Words next to one another; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase(Vec<Term>);

/// One word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word as it is compared: letters, digits and marks alone, the letters of ASCII in lower case.
    pub token: String,
    /// Whether all words that begin so are meant.
    pub prefix: bool,
    /// Whether it is a single letter of a script without spaces.
    letter: bool,
}

/// A text in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// How well, in millionths.
    pub score: u32,
    pub highlights: Vec<Highlight>,
}

/// Part of a text: from this UTF-16 code unit to before that one, as strings are counted in JavaScript.
pub type Highlight = (u32, u32);

/// The least characters of a word before `*`.
const PREFIX_CHARS: usize = 2;

/// How many places of a text are shown at the most.
const HIGHLIGHTS: usize = 100;

impl Query {
    /// The longest, in characters.
    pub const MAX_CHARS: usize = 200;

    /// The most words, those of phrases and those that must not be there among them.
    pub const MAX_WORDS: usize = 16;

    /// Reads what a user writes.
    ///
    /// # Errors
    /// [`Problem::TooLong`] and, where there is no word to look for, [`Problem::Malformed`].
    pub fn parse(text: &str) -> Result<Query, Problem> {
        if text.chars().nth(Query::MAX_CHARS).is_some() {
            return Err(Problem::TooLong { limit: Query::MAX_CHARS, unit: "characters" });
        }
        let mut query = Query { wanted: Vec::new(), unwanted: Vec::new() };
        let mut count = 0;
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let without =
                rest.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
            let (item, quoted, after) = cut(without.unwrap_or(rest));
            rest = after.trim_start();
            let found = words(item);
            count += found.iter().filter(|word| !word.continues).count();
            let phrase = phrase(&found, !quoted && rest.is_empty() && item.ends_with('*'));
            let list = if without.is_some() { &mut query.unwanted } else { &mut query.wanted };
            list.extend(phrase);
        }
        if count > Query::MAX_WORDS {
            return Err(Problem::TooLong { limit: Query::MAX_WORDS, unit: "words" });
        }
        if query.wanted.is_empty() {
            return Err(Problem::Malformed { expected: "a text with a word to look for" });
        }
        Ok(query)
    }

    /// The words that every text has in which it is found: what an index narrows the search by.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.wanted.iter().flat_map(|phrase| &phrase.0)
    }

    /// Finds it in a text.
    pub(crate) fn find(&self, text: &str) -> Option<Match> {
        let words = words(text);
        let mut score = 0.0;
        let mut places = Vec::new();
        for phrase in &self.wanted {
            let before = places.len();
            places.extend(phrase.find(&words));
            let count = places.len() - before;
            if count == 0 {
                return None;
            }
            score += weight(count, words.len());
        }
        if self.unwanted.iter().any(|phrase| phrase.find(&words).next().is_some()) {
            return None;
        }
        let millionths = score / self.wanted.len() as f64 * 1_000_000.0;
        Some(Match { score: millionths as u32, highlights: merge(places) })
    }
}

/// The first item of what is left, whether it stands in quotes, and what follows it.
fn cut(rest: &str) -> (&str, bool, &str) {
    if let Some(quoted) = rest.strip_prefix('"') {
        let (item, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        return (item, true, rest);
    }
    let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
    let (item, rest) = rest.split_at(end);
    (item, false, rest)
}

/// What an item looks for; none where it has no word.
fn phrase(found: &[Word], starred: bool) -> Option<Phrase> {
    let mut terms = Vec::with_capacity(found.len());
    for (place, word) in found.iter().enumerate() {
        let last = place + 1 == found.len();
        let term = Term { token: word.token.clone(), prefix: false, letter: false };
        match word.kind {
            Kind::Spaced => {
                let prefix = starred && last && word.token.chars().count() >= PREFIX_CHARS;
                terms.push(Term { prefix, ..term });
            }
            Kind::Pair => terms.push(term),
            // The pair before it has said so already, and what follows in a text may be joined to it.
            Kind::Last if last && word.continues => {}
            Kind::Last => terms.push(Term { prefix: last, letter: true, ..term }),
        }
    }
    (!terms.is_empty()).then_some(Phrase(terms))
}

impl Phrase {
    /// Where it is.
    fn find<'a>(&'a self, words: &'a [Word]) -> impl Iterator<Item = Highlight> + 'a {
        words
            .windows(self.0.len())
            .filter(|some| self.0.iter().zip(*some).all(|(term, word)| term.is(word)))
            .filter_map(|some| {
                let (first, last) = (some.first()?, some.last()?);
                let letter = self.0.last().is_some_and(|term| term.letter);
                Some((first.start, if letter { last.first_end } else { last.end }))
            })
    }
}

impl Term {
    fn is(&self, word: &Word) -> bool {
        if self.prefix { word.token.starts_with(&self.token) } else { word.token == self.token }
    }
}

/// What so many finds in a text of so many words count, as BM25 weighs them for texts of 20 words on average: each further find
/// counts less, and a find in a long text less than in a short one. How rare a word is does not count.
fn weight(count: usize, words: usize) -> f64 {
    const K: f64 = 1.2;
    const B: f64 = 0.75;
    const AVERAGE: f64 = 20.0;
    let (count, words) = (count as f64, words as f64);
    count * (K + 1.0) / (count + K * (1.0 - B + B * words / AVERAGE))
}

/// The places in their order, those that overlap in one; the first ones, where there are many.
fn merge(mut places: Vec<Highlight>) -> Vec<Highlight> {
    places.sort_unstable();
    let mut merged: Vec<Highlight> = Vec::new();
    for (start, end) in places {
        let full = merged.len() == HIGHLIGHTS;
        match merged.last_mut().filter(|last| start < last.1) {
            Some(last) => last.1 = last.1.max(end),
            None if full => break,
            None => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(query: &str, text: &str) -> Option<Vec<String>> {
        let found = Query::parse(query).unwrap().find(text)?;
        let text: Vec<u16> = text.encode_utf16().collect();
        let part =
            |(start, end): &Highlight| String::from_utf16(&text[*start as usize..*end as usize]).unwrap();
        Some(found.highlights.iter().map(part).collect())
    }

    #[test]
    fn words_phrases_exclusions_and_a_last_prefix() {
        let text = "🦀 The Café's open, the kettle is on; tea-time!";
        assert_eq!(found("cafe THE", text).unwrap(), ["The", "Café", "the"]);
        assert_eq!(found("cafes", text), None);
        assert_eq!(found("café's", text).unwrap(), ["Café's"]);
        assert_eq!(found("\"the kettle\"", text).unwrap(), ["the kettle"]);
        assert_eq!(found("\"kettle the\"", text), None);
        assert_eq!(found("\"the kettle", text).unwrap(), ["the kettle"]);
        assert_eq!(found("tea -coffee", text).unwrap(), ["tea"]);
        assert_eq!(found("tea -kettle", text), None);
        assert_eq!(found("tea -\"is on\"", text), None);
        assert_eq!(found("tea -\"on is\"", text).unwrap(), ["tea"]);
        assert_eq!(found("kett*", text).unwrap(), ["kettle"]);
        assert_eq!(found("kett* tea", text), None, "only the last one");
        assert_eq!(found("tea - time", text).unwrap(), ["tea", "time"]);
        assert_eq!(found("tea-ti*", text).unwrap(), ["tea-time"]);
        assert_eq!(found("t*", text), None, "too short to stand for all that begin so");
        assert_eq!(found("\"tea time\"the", text).unwrap(), ["The", "the", "tea-time"]);
    }

    #[test]
    fn parts_of_texts_without_spaces_are_found() {
        let text = "私は東京都に住む Tokyo";
        for query in ["東京", "東京都", "京都", "都", "住む", "む", "東京*", "\"む tokyo\""] {
            assert!(found(query, text).is_some(), "{query}");
        }
        assert_eq!(found("東京", text).unwrap(), ["東京"]);
        assert_eq!(found("都", text).unwrap(), ["都"]);
        assert_eq!(found("東京都に", text).unwrap(), ["東京都に"]);
        assert_eq!(found("\"住む tokyo\"", text).unwrap(), ["住む Tokyo"]);
        assert_eq!(found("京東", text), None);
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused() {
        let refused = |text: &str| Query::parse(text).unwrap_err();
        for nothing in ["", "  ", "\"", "\"\"", "*", "-", "-foo", "-\"a b\"", "🦀", "( ) { } ^ : +", "\u{0}"]
        {
            assert!(matches!(refused(nothing), Problem::Malformed { .. }), "{nothing:?}");
        }
        assert_eq!(refused(&"a".repeat(201)), Problem::TooLong { limit: 200, unit: "characters" });
        assert_eq!(refused(&"a ".repeat(10_000)), Problem::TooLong { limit: 200, unit: "characters" });
        assert_eq!(refused(&"a ".repeat(17)), Problem::TooLong { limit: 16, unit: "words" });
        assert_eq!(refused(&"a-".repeat(17)), Problem::TooLong { limit: 16, unit: "words" });
        assert!(Query::parse(&"a ".repeat(16)).is_ok());
        assert!(Query::parse(&"é".repeat(200)).is_ok());
        assert!(Query::parse(&"東".repeat(200)).is_ok(), "one word to whoever writes it");
    }

    #[test]
    fn nothing_but_quotes_minus_and_star_has_a_meaning() {
        let tokens = |text: &str| -> Vec<String> {
            let query = Query::parse(text).unwrap();
            query
                .terms()
                .map(|term| format!("{}{}", term.token, if term.prefix { "*" } else { "" }))
                .collect()
        };
        assert_eq!(tokens("a OR b"), ["a", "or", "b"]);
        assert_eq!(tokens("NEAR(a b, 3)"), ["near", "a", "b", "3"]);
        assert_eq!(tokens("text:x ^y {z}"), ["text", "x", "y", "z"]);
        assert_eq!(tokens("a' & !b | c:* <-> \\d"), ["a", "b", "c", "d"]);
        assert_eq!(tokens("x; DROP TABLE rooms; --"), ["x", "drop", "table", "rooms"]);
        assert_eq!(tokens("_r17 wör* wör*"), ["r17", "wor", "wor*"]);
    }

    #[test]
    fn more_finds_and_shorter_texts_score_higher() {
        let score = |text: &str| Query::parse("tea").unwrap().find(text).unwrap().score;
        assert!(score("tea tea") > score("tea"));
        assert!(score("tea") > score("tea and much else that has nothing to do with it"));
        assert_eq!(score("Tea!"), score("tea"));
        assert_eq!(found("tea", &"tea ".repeat(1000)).unwrap().len(), HIGHLIGHTS);
    }

    proptest! {
        #[test]
        fn every_query_is_read_or_refused_and_bounded(text in any::<String>()) {
            if let Ok(query) = Query::parse(&text) {
                prop_assert!(query.terms().count() <= 2 * Query::MAX_CHARS);
                for term in query.terms() {
                    prop_assert!(!term.token.is_empty());
                    prop_assert!(term.token.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric()));
                }
            }
        }

        #[test]
        fn a_text_is_found_by_any_of_its_words(
            text in "[a-cäß東京ガ🦀 .'-]{1,16}", pick in any::<prop::sample::Index>()
        ) {
            let items: Vec<&str> = text.split_whitespace().filter(|item| !words(item).is_empty()).collect();
            if !items.is_empty() {
                let word = pick.get(&items).trim_start_matches('-');
                let query = Query::parse(word).unwrap();
                let found = query.find(&text).unwrap();
                prop_assert!(!found.highlights.is_empty());
                let length = text.encode_utf16().count() as u32;
                prop_assert!(found.highlights.iter().all(|(start, end)| start < end && *end <= length));
                prop_assert!(found.highlights.is_sorted());
                // And everything that the index is asked for is there.
                let tokens: Vec<String> = words(&text).into_iter().map(|word| word.token).collect();
                for term in query.terms() {
                    let is = |token: &String| *token == term.token || term.prefix && token.starts_with(&term.token);
                    prop_assert!(tokens.iter().any(is));
                }
            }
        }
    }
}
