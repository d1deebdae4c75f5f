//! What people put on a message in place of an answer.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{InvalidId, Offset, Profile, Timestamp};

/// An emoji, or the short code of one of an application's own: `:shipit:`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Reaction(Arc<str>);

impl Reaction {
    /// The longest code between its colons, in characters.
    pub const MAX_CODE: usize = 32;

    /// The reaction as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reaction {
    type Err = InvalidId;

    /// Takes each way to write an emoji of Unicode's list for the same reaction.
    fn from_str(text: &str) -> Result<Reaction, InvalidId> {
        if let Some(emoji) = emojis::get(text) {
            return Ok(Reaction(emoji.as_str().into()));
        }
        let code = text.strip_prefix(':').and_then(|text| text.strip_suffix(':'));
        let takes = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'+')
        };
        match code {
            Some(code) if (1..=Reaction::MAX_CODE).contains(&code.len()) && code.bytes().all(takes) => {
                Ok(Reaction(text.into()))
            }
            Some(_) | None => Err(InvalidId {
                expected: "one emoji, or 1 to 32 of the characters a-z, 0-9, _, - and + between colons",
            }),
        }
    }
}

impl TryFrom<String> for Reaction {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Reaction, InvalidId> {
        text.parse()
    }
}

impl From<Reaction> for String {
    fn from(reaction: Reaction) -> String {
        reaction.as_str().to_owned()
    }
}

/// How many have put a reaction on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReactionCount {
    /// Which.
    pub reaction: Reaction,
    /// How many.
    pub count: u64,
    /// Whether whoever looks is one of them; false where nobody in particular does.
    pub mine: bool,
}

/// One who has put a reaction on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reacted {
    /// The offset of the event that did it.
    pub offset: Offset,
    /// Who, as they were called then.
    pub user: Profile,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_a_reaction_however_it_is_written() {
        for text in ["👍", "👍🏽", "❤️", "👩‍👩‍👧", "🇫🇮", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", ":shipit:", ":+1:"]
        {
            assert_eq!(text.parse::<Reaction>().unwrap().as_str(), text);
        }
        // Without the selector that asks for colours.
        assert_eq!("❤".parse::<Reaction>(), "❤️".parse());
    }

    #[test]
    fn all_else_is_none() {
        let long = format!(":{}:", "x".repeat(Reaction::MAX_CODE + 1));
        for text in [
            "", " ", "a", "1", "👍👍", "👍 ", "::", ":", "::x::", ":A:", ":ä:", "x", "\u{200d}", "🏽x", &long,
        ] {
            assert!(text.parse::<Reaction>().is_err(), "{text:?}");
        }
    }
}
