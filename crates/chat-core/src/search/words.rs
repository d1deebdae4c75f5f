//! The words of a text, as searches compare them: the same for every store.
//!
//! Letters and digits make words; everything else stands between them. A word is compared without its case, its accents and
//! the ways to write the same letter (Unicode's NFKD), and no word is shortened to its stem. Scripts that put no spaces between
//! words (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) give one word for each two letters that follow one another, and
//! one for the last, so that whatever stands together in such a text is found.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Of a longer word so many characters count.
const WORD_CHARS: usize = 64;

/// So many words of a text are searched: more than a text of the default length has.
const MOST: usize = 10_000;

/// And so many bytes of them.
const MOST_BYTES: usize = 256 * 1024;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is compared: letters, digits and marks alone; never empty.
    pub token: String,
    /// Where it begins in the text, in UTF-16 code units.
    pub start: u32,
    /// Where it ends, the same way.
    pub end: u32,
    /// Where its first letter ends, if it is of a script without spaces.
    pub first_end: u32,
    pub kind: Kind,
    /// Whether it follows another of the same run of letters without spaces.
    pub continues: bool,
}

/// What a word is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The letters between two spaces.
    Spaced,
    /// Two letters of a run without spaces.
    Pair,
    /// The last letter of such a run.
    Last,
}

/// The words of a text, in their order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut reader = Reader { text, words: Vec::new(), bytes: 0, word: None, run: Vec::new() };
    let mut at = 0_u32;
    for (byte, c) in text.char_indices() {
        let end = at.saturating_add(u32::try_from(c.len_utf16()).unwrap_or(0));
        let here = Part { from: byte, to: byte + c.len_utf8(), start: at, end };
        at = end;
        match class(c) {
            Class::Letter => reader.letter(here),
            Class::Unspaced => reader.unspaced(here),
            Class::Mark => reader.mark(here),
            Class::Other => reader.flush(),
        }
        if reader.words.len() >= MOST || reader.bytes >= MOST_BYTES {
            reader.words.truncate(MOST);
            return reader.words;
        }
    }
    reader.flush();
    reader.words.truncate(MOST);
    reader.words
}

/// What a character is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Unspaced,
    /// Belongs to the letter before it, if there is one.
    Mark,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Letter } else { Class::Other };
    }
    match c {
        // Soft hyphens and joiners; the vowels and finals of Korean letters that stand apart; the marks of narrow kana.
        '\u{AD}' | '\u{200D}' | '\u{2060}' | '\u{1160}'..='\u{11FF}' | '\u{FF9E}' | '\u{FF9F}' => Class::Mark,
        _ if is_combining_mark(c) => Class::Mark,
        _ if !c.is_alphanumeric() => Class::Other,
        _ if is_unspaced(c) => Class::Unspaced,
        _ => Class::Letter,
    }
}

/// Whether it is a letter of a script that puts no spaces between words, or none between a word and what is joined to it.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        // Thai, Lao, Burmese, Korean, Khmer.
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{115F}' | '\u{1780}'..='\u{17FF}'
        // The radicals, kana, bopomofo, Korean, and all of Han.
        | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{A9E0}'..='\u{A9FF}'
        | '\u{AA60}'..='\u{AA7F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
        | '\u{20000}'..='\u{3FFFF}'
    )
}

/// Part of a text: its bytes, and its UTF-16 code units.
#[derive(Clone, Copy)]
struct Part {
    from: usize,
    to: usize,
    start: u32,
    end: u32,
}

struct Reader<'a> {
    text: &'a str,
    words: Vec<Word>,
    bytes: usize,
    /// The word that goes on.
    word: Option<Part>,
    /// The last letter of the run that goes on, if another has come before it that is in `words` already.
    run: Vec<Part>,
}

impl Reader<'_> {
    fn letter(&mut self, here: Part) {
        match &mut self.word {
            Some(word) => (word.to, word.end) = (here.to, here.end),
            None => {
                self.flush();
                self.word = Some(here);
            }
        }
    }

    fn unspaced(&mut self, here: Part) {
        if self.word.is_some() {
            self.flush();
        }
        self.run.push(here);
    }

    fn mark(&mut self, here: Part) {
        if let Some(part) = self.word.as_mut().or(self.run.last_mut()) {
            (part.to, part.end) = (here.to, here.end);
        }
    }

    fn flush(&mut self) {
        if let Some(Part { from, to, start, end }) = self.word.take() {
            let token = fold(&self.text[from..to]);
            self.push(Word { token, start, end, first_end: end, kind: Kind::Spaced, continues: false });
        }
        let run = std::mem::take(&mut self.run);
        let mut next = run.first().map(|part| fold(&self.text[part.from..part.to]));
        for (place, part) in run.iter().enumerate() {
            let mut token = next.take().unwrap_or_default();
            let follows = run.get(place + 1);
            if let Some(follows) = follows {
                let letter = fold(&self.text[follows.from..follows.to]);
                token.push_str(&letter);
                next = Some(letter);
            }
            self.push(Word {
                token,
                start: part.start,
                end: follows.unwrap_or(part).end,
                first_end: part.end,
                kind: if follows.is_some() { Kind::Pair } else { Kind::Last },
                continues: place > 0,
            });
            if self.words.len() >= MOST || self.bytes >= MOST_BYTES {
                return;
            }
        }
    }

    fn push(&mut self, word: Word) {
        if !word.token.is_empty() {
            self.bytes += word.token.len();
            self.words.push(word);
        }
    }
}

/// A word as it is compared.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word[..word.len().min(WORD_CHARS)].to_ascii_lowercase();
    }
    // Whatever has a capital letter is compared by it: so are ß and SS, ς and σ the same.
    let folded =
        word.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let parts = folded.filter(|c| c.is_alphanumeric() || is_combining_mark(*c));
    parts.take(WORD_CHARS).collect()
}

/// Whether it is a mark that words are written with and without: accents, and the points of Hebrew and Arabic. The marks of
/// other scripts are letters of their own.
fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.token).collect()
    }

    #[test]
    fn words_are_compared_without_case_accents_and_ways_of_writing() {
        assert_eq!(tokens("Crème BRÛLÉE, Straße; ΣΊΣΥΦΟΣ"), ["creme", "brulee", "strasse", "σισυφοσ"]);
        assert_eq!(tokens("STRASSE σίσυφος"), ["strasse", "σισυφοσ"]);
        assert_eq!(tokens("cre\u{300}me ﬁne ＡＢＣ１"), ["creme", "fine", "abc1"]);
        assert_eq!(
            tokens("don't e-mail a.b@c.d 3.14"),
            ["don", "t", "e", "mail", "a", "b", "c", "d", "3", "14"]
        );
        assert_eq!(tokens("שָׁלוֹם مُحَمَّد"), ["שלום", "محمد"]);
        assert_eq!(tokens("हिन्दी"), ["हिन्दी"]);
        assert_eq!(tokens("soft\u{AD}hyphen"), ["softhyphen"]);
        assert_eq!(tokens("⑴ ﷺ").concat().chars().filter(|c| !c.is_alphanumeric()).count(), 0);
        for nothing in ["", " \n", "!?…—", "🦀👍🏽", "\u{301}", "\u{0}"] {
            assert_eq!(tokens(nothing), Vec::<String>::new(), "{nothing:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(tokens("東京都"), ["東京", "京都", "都"]);
        assert_eq!(tokens("iPhone東"), ["iphone", "東"]);
        assert_eq!(tokens("ガ"), tokens("カ\u{3099}"));
        assert_eq!(tokens("ｶﾞ"), tokens("ガ"));
        assert_eq!(tokens("한국"), tokens("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"));
        assert_eq!(tokens("ไทย").len(), 3);
        let word = &words("a東京")[1];
        assert_eq!((word.start, word.first_end, word.end), (1, 2, 3));
    }

    #[test]
    fn places_are_counted_in_utf_16() {
        let found = words("🦀 é 𝐀b");
        assert_eq!(found.iter().map(|word| (word.start, word.end)).collect::<Vec<_>>(), [(3, 4), (5, 8)]);
        assert_eq!(found[1].token, "ab");
    }

    #[test]
    fn long_words_and_long_texts_are_bounded() {
        assert_eq!(tokens(&"x".repeat(100_000)), ["x".repeat(64)]);
        assert_eq!(tokens(&"é".repeat(100_000)), ["e".repeat(64)]);
        assert_eq!(words(&"a ".repeat(100_000)).len(), MOST);
        assert_eq!(words(&"東".repeat(100_000)).len(), MOST);
        let bytes: usize =
            words(&"ﷺ".repeat(100_000).replace("ﷺﷺﷺﷺ", "ﷺ ")).iter().map(|word| word.token.len()).sum();
        assert!(bytes < MOST_BYTES + 1024);
    }

    proptest! {
        #[test]
        fn every_text_has_words_that_stores_can_keep(text in any::<String>()) {
            let length = text.encode_utf16().count();
            let mut before = 0;
            for word in words(&text) {
                prop_assert!(!word.token.is_empty());
                prop_assert!(word.token.chars().count() <= 2 * WORD_CHARS);
                for c in word.token.chars() {
                    // No engine has a meaning for such a character, whatever stands around it.
                    prop_assert!(!c.is_ascii() || c.is_ascii_digit() || c.is_ascii_lowercase(), "{c:?}");
                    prop_assert!(c.is_alphanumeric() || is_combining_mark(c), "{c:?}");
                }
                prop_assert!(before <= word.start && word.start < word.first_end);
                prop_assert!(word.first_end <= word.end && word.end as usize <= length);
                before = word.start;
            }
        }

        #[test]
        fn case_and_spaces_around_change_nothing(text in "[a-zA-Zäöüß東京ガ ]{0,20}") {
            let upper: Vec<String> = tokens(&text.to_uppercase());
            prop_assert_eq!(upper, tokens(&format!("  {}!", text.to_lowercase())));
        }
    }
}
