//! Whether HTML keeps to what it may be, looked at by somebody else's reading of it.

use chat_markup::{MAX_DEPTH, TAGS};
use html5gum::{Token, Tokenizer};

/// Tags that have no end.
const VOID: [&str; 2] = ["br", "hr"];

/// Fails unless the HTML has only the tags, attributes and values that may be, closed in their order and not nested too deep.
#[track_caller]
pub fn hold(html: &str) {
    let mut open: Vec<String> = Vec::new();
    for token in Tokenizer::new(html) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                let allowed = TAGS.iter().find(|(tag, _)| *tag == name);
                let (_, attributes) = allowed.unwrap_or_else(|| panic!("<{name}> in {html}"));
                for (attribute, value) in &tag.attributes {
                    let (attribute, value) = (text(attribute), text(value));
                    assert!(attributes.contains(&attribute.as_str()), "{attribute} of <{name}> in {html}");
                    assert!(is_right(&name, &attribute, &value), "{attribute}={value:?} in {html}");
                }
                if name == "a" {
                    assert_eq!(tag.attributes.len(), 3, "{html}");
                    assert!(!open.contains(&name), "a link in a link: {html}");
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name)), "{html}"),
            Token::String(string) => {
                let string = text(&string);
                let wrong = |c: char| c.is_control() && c != '\n' && c != '\t';
                assert!(!string.contains(wrong), "{string:?}");
                assert!(!string.contains(['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}']), "{string:?}");
            }
            other @ (Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) => {
                panic!("{other:?} in {html}")
            }
        }
        // A paragraph with strong text, or code in its block; and a link and a line of code in that.
        assert!(open.len() <= MAX_DEPTH + 4, "{} deep: {html}", open.len());
    }
    assert!(open.is_empty(), "{open:?} in {html}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn is_right(tag: &str, attribute: &str, value: &str) -> bool {
    match (tag, attribute) {
        ("a", "href") => {
            let lower = value.to_ascii_lowercase();
            ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
                && !value.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>\\`".contains(c))
        }
        ("a", "rel") => value == "nofollow noopener noreferrer",
        ("a", "target") => value == "_blank",
        ("code", "class") => {
            let language = value.strip_prefix("language-");
            language.is_some_and(|name| name.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>&".contains(&b)))
        }
        ("span", "class") => value == "mention",
        ("span", "data-user") => value.bytes().all(|b| b.is_ascii_digit()),
        ("ol", "start") => value.parse::<u64>().is_ok(),
        (_, "dir") => value == "auto",
        _ => false,
    }
}
