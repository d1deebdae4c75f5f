//! Whom a message calls: `@username`, `@room`, `@here`.

use std::collections::HashSet;

use crate::{Profile, UserId};

/// Whom a message calls. Found in its text when it is sent or edited, and kept with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mentions {
    /// The members whom it names, in the order in which it does first.
    pub users: Vec<Profile>,
    /// Whether it calls all members: `@room`.
    pub room: bool,
    /// Whom it has called by `@here`: who was present then. None when it does not say so.
    pub here: Option<Vec<UserId>>,
}

impl Mentions {
    /// How many different names are looked at in a text; what comes after them is text.
    pub const NAMES: usize = 50;

    /// How many characters a name has at the most that is called; what is longer is text.
    pub const NAME_CHARS: usize = 64;

    /// As many of those present are called by `@here`; where there are more, all members are.
    pub const PRESENT: usize = 1000;

    /// Whether it calls nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && !self.room && self.here.is_none()
    }

    /// Those who are called one by one, each once.
    #[must_use]
    pub fn called(&self) -> HashSet<UserId> {
        let named = self.users.iter().map(|user| user.id);
        named.chain(self.here.iter().flatten().copied()).collect()
    }

    /// Whether it calls this user, if they are a member.
    #[must_use]
    pub fn calls(&self, user: UserId) -> bool {
        let here = self.here.as_ref().is_some_and(|here| here.contains(&user));
        self.room || here || self.users.iter().any(|named| named.id == user)
    }
}

/// What a text says behind its `@`s.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    /// For each of them what may be the name, in lower case: the likeliest first.
    pub names: Vec<Vec<String>>,
    /// `@room`.
    pub room: bool,
    /// `@here`.
    pub here: bool,
}

impl Calls {
    /// Finds them: an `@` that follows no letter or digit, as it would in an address of e-mail. What follows it up to white
    /// space is the name, without the punctuation at its end; or what stands in quotation marks: `@"Ada L."`.
    pub fn of(text: &str) -> Calls {
        let mut calls = Calls::default();
        let mut known = HashSet::new();
        for (place, _) in text.match_indices('@') {
            if known.len() >= Mentions::NAMES {
                break;
            }
            if text[..place].chars().next_back().is_some_and(char::is_alphanumeric) {
                continue;
            }
            let (whole, word) = called(&text[place + 1..]);
            if whole.eq_ignore_ascii_case("room") {
                calls.room = true;
            } else if whole.eq_ignore_ascii_case("here") {
                calls.here = true;
            } else {
                let may_be =
                    |name: &&str| !name.is_empty() && name.chars().nth(Mentions::NAME_CHARS).is_none();
                let mut names: Vec<String> =
                    [whole, word].into_iter().filter(may_be).map(str::to_lowercase).collect();
                names.dedup();
                if names.first().is_some_and(|first| known.insert(first.clone())) {
                    calls.names.push(names);
                }
            }
        }
        calls
    }
}

/// What may be the name at the beginning of a text, and the word that this begins with, which may be it too.
fn called(text: &str) -> (&str, &str) {
    if let Some((quoted, _)) = text.strip_prefix('"').and_then(|text| text.split_once('"')) {
        return (quoted, "");
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // Most names are ASCII, of which a byte is a character.
    let ascii = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (ascii, rest) = text.split_at(ascii);
    let word = ascii.len() + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let (word, rest) = text.split_at(word);
    let ends = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'@');
    let whole = word.len() + rest.bytes().position(ends).unwrap_or(rest.len());
    (text[..whole].trim_end_matches(|c| !is_word(c)), word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_called_is_the_same_character_by_character(text in r#"["a-c_ü東 \t\n\r@.,!🦀]{0,12}"#) {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let whole = text.split([' ', '\t', '\n', '\r', '@']).next().unwrap();
            let whole = whole.trim_end_matches(|c: char| !is_word(c));
            let word = whole.split(|c: char| !is_word(c)).next().unwrap();
            if !text.starts_with('"') {
                prop_assert_eq!(called(&text), (whole, word));
            }
        }
    }

    #[test]
    fn names_are_what_people_would_take_for_them() {
        for (text, expected) in [
            ("hi @Ada, all", vec![vec!["ada"]]),
            ("(@ada)", vec![vec!["ada"]]),
            ("@ada's @ada.l!", vec![vec!["ada's", "ada"], vec!["ada.l", "ada"]]),
            ("@ada @ADA", vec![vec!["ada"]]),
            ("@\"Ada L.\" @\"\" @\"open", vec![vec!["ada l."], vec!["\"open"]]),
            ("ada@example.org @ @@ @!", vec![]),
            ("@ada@bob", vec![vec!["ada"]]),
            ("@Ödön", vec![vec!["ödön"]]),
        ] {
            assert_eq!(Calls::of(text).names, expected, "{text:?}");
        }
    }

    #[test]
    fn words_that_call_many_are_told_apart_from_names() {
        let all = Calls::of("@room, @here: @roomy");
        assert!(all.room && all.here);
        assert_eq!(all.names, [["roomy"]]);
        assert_eq!(Calls::of("room here"), Calls::default());
    }

    #[test]
    fn what_is_longer_than_a_name_is_none() {
        let name = "ö".repeat(Mentions::NAME_CHARS);
        assert_eq!(Calls::of(&format!("@{name} @\"{name}\"")).names, [[name.as_str()]]);
        assert_eq!(Calls::of(&format!("@{name}o @\"{name}o\"")), Calls::default());
        assert_eq!(Calls::of(&format!("@ada.{name} @room.{name}")).names, [["ada"], ["room"]]);
    }

    #[test]
    fn only_so_many_names_are_looked_at() {
        let text: String = (0..10_000).map(|n| format!("@u{n} ")).collect();
        assert_eq!(Calls::of(&text).names.len(), Mentions::NAMES);
    }
}
