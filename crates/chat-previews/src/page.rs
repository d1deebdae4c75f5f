//! What a page says of itself, read from its HTML, or from whatever it is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};

use crate::text::tidy;

/// How much of a page is looked at for the name of its encoding (HTML standard, 13.2.3.2).
const PRESCAN: usize = 1024;

/// The longest title, in characters.
const TITLE: usize = 200;

/// The longest description, in characters.
const DESCRIPTION: usize = 500;

/// The longest name of a site, in characters.
const SITE_NAME: usize = 100;

/// What a page says of itself; empty what it does not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub title: String,
    pub description: String,
    pub site_name: String,
    /// As it is written there.
    pub image: String,
}

/// The page's text. Which encoding it has is said by its first bytes, by the header, by the page; or it is guessed.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: &str) -> Cow<'a, str> {
    let named = charset(content_type.as_bytes()).or_else(|| {
        // What can be read as such is not of 16 bits (HTML standard, 13.2.3.3).
        let named = charset(&bytes[..bytes.len().min(PRESCAN)])?;
        Some(if named == UTF_16BE || named == UTF_16LE { UTF_8 } else { named })
    });
    let guessed = || match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        // Cut in the midst of a character.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    };
    named.unwrap_or_else(guessed).decode(bytes).0
}

/// The encoding that follows the first `charset=`.
fn charset(bytes: &[u8]) -> Option<&'static Encoding> {
    const NAME: &[u8] = b"charset";
    let start = bytes.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME))?;
    let rest = bytes[start + NAME.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte));
    Encoding::for_label(&rest[..end.unwrap_or(rest.len())])
}

/// Reads the head of a page. What stands in its body is not the page's own, mostly.
pub(crate) fn read(html: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut found = Found::default();
    let mut title = None;
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"body" => break,
                b"meta" => found.meta(&tag.attributes),
                b"title" if found.title.is_none() => title = Some(String::new()),
                _ => {}
            },
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"head" => break,
                b"title" => found.title = found.title.or(title.take()),
                _ => {}
            },
            Token::String(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    found.page()
}

/// What was found, the first of each.
#[derive(Default)]
struct Found {
    title: Option<String>,
    description: Option<String>,
    og_title: Option<String>,
    og_description: Option<String>,
    og_site_name: Option<String>,
    og_image: Option<String>,
}

impl Found {
    fn meta(&mut self, attributes: &BTreeMap<HtmlString, Spanned<HtmlString, ()>>) {
        let get = |name: &[u8]| attributes.get(name).map(|value| String::from_utf8_lossy(value));
        let Some(content) = get(b"content").filter(|content| !content.trim().is_empty()) else { return };
        let Some(name) = get(b"property").or_else(|| get(b"name")) else { return };
        let place = match name.trim().to_ascii_lowercase().as_str() {
            "og:title" => &mut self.og_title,
            "og:description" => &mut self.og_description,
            "og:site_name" => &mut self.og_site_name,
            "og:image" | "og:image:url" | "og:image:secure_url" => &mut self.og_image,
            "description" => &mut self.description,
            _ => return,
        };
        place.get_or_insert_with(|| content.into_owned());
    }

    fn page(self) -> Page {
        let first = |one: Option<String>, other: Option<String>, most| {
            let tidy =
                |text: Option<String>| text.map(|text| tidy(&text, most)).filter(|text| !text.is_empty());
            tidy(one).or_else(|| tidy(other)).unwrap_or_default()
        };
        Page {
            title: first(self.og_title, self.title, TITLE),
            description: first(self.og_description, self.description, DESCRIPTION),
            site_name: first(self.og_site_name, None, SITE_NAME),
            image: self.og_image.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn title(html: &str) -> String {
        read(html).title
    }

    #[test]
    fn a_page_says_what_it_is() {
        let page = read(
            "<!doctype html><html><head><title>Plain</title>
             <meta name=description content='Plain words'>
             <META PROPERTY=\"og:title\" CONTENT=\"Tea &amp; &#x202e;biscuits\n\">
             <meta property='og:description' content='How to   make it'>
             <meta property=og:site_name content=Example>
             <meta property=og:image content=/tea.jpg><meta property=og:image content=/other.jpg>
             </head><body><meta property=og:title content=No></body>",
        );
        let [title, description, site_name, image] =
            ["Tea & biscuits", "How to make it", "Example", "/tea.jpg"].map(str::to_owned);
        assert_eq!(page, Page { title, description, site_name, image });
    }

    #[test]
    fn a_page_without_more_has_its_title() {
        assert_eq!(read("<title>A</title><meta name=Description content=b>").description, "b");
        for (html, expected) in [
            ("<title> a <b>c</b> &lt;d&gt; </title>", "a <b>c</b> <d>"),
            ("<title>a</title><title>b</title>", "a"),
            ("<meta property=og:title content='\u{200b}'><title>a</title>", "a"),
            ("<meta property=og:title><title>a</title>", "a"),
            ("<script>var x = '<title>no</title>'</script><title>a</title>", "a"),
            ("<style><title>no</title></style><!-- <title>no</title> --><title>a</title>", "a"),
            ("<body><title>no</title>", ""),
            ("</head><title>no</title>", ""),
            ("<title>never ended", ""),
            ("<svg><title", ""),
            ("no html", ""),
            ("", ""),
        ] {
            assert_eq!(title(html), expected, "{html}");
        }
        assert_eq!(title(&format!("<title>{}</title>", "a".repeat(1000))), format!("{}…", "a".repeat(TITLE)));
    }

    #[test]
    fn the_encoding_is_the_one_that_is_said_or_seen() {
        let latin: &[u8] = b"caf\xe9!";
        for (bytes, content_type, expected) in [
            ("café".as_bytes(), "text/html", "café"),
            (latin, "text/html; charset=ISO-8859-1", "café!"),
            (latin, "text/html", "café!"),
            (latin, "text/html; charset=\"windows-1252\"", "café!"),
            // Wrong, and still text.
            (latin, "text/html; charset=utf-8", "caf\u{fffd}!"),
            (latin, "text/html; charset=nonsense", "café!"),
            (b"<meta charset=koi8-r>\xd4\xc5\xc1", "text/html", "<meta charset=koi8-r>теа"),
            (b"<meta charset=utf-16>\xc3\xa9", "text/html", "<meta charset=utf-16>é"),
            (b"\xff\xfea\0", "text/html; charset=utf-8", "a"),
            // Cut in the midst of a character.
            (b"caf\xc3", "text/html", "caf\u{fffd}"),
            (b"", "", ""),
        ] {
            assert_eq!(decode(bytes, content_type), expected, "{content_type}");
        }
    }

    proptest! {
        #[test]
        fn whatever_it_is_what_comes_out_is_short_and_can_be_shown(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            parts in prop::collection::vec(prop::sample::select(vec![
                "<title>", "</title>", "<meta ", "property=", "og:title", "content=", "\"", "'", ">", "<", "&#0;", "&#x202e;",
                "<script>", "</script>", "<!--", "-->", "<![CDATA[", "<svg>", "<plaintext>", "a", " ", "\u{0}", "/", "=",
            ]), 0..60),
        ) {
            for html in [decode(&bytes, "text/html").into_owned(), parts.concat()] {
                let page = read(&html);
                for (text, most) in [(&page.title, TITLE), (&page.description, DESCRIPTION), (&page.site_name, SITE_NAME)] {
                    prop_assert!(text.chars().count() <= most + 1);
                    let hidden = text.contains(|c: char| c.is_control() || c == '\u{202e}');
                    prop_assert!(!hidden);
                }
            }
        }
    }
}
