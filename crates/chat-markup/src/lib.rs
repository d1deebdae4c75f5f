//! The part of Markdown that people use in chats, as HTML that can do no harm.
//!
//! ```
//! use chat_markup::{Mention, links, to_html};
//!
//! let ben = [Mention { name: "ben", user: Some("17".into()) }];
//! assert_eq!(
//!     to_html("**Tea**, @ben?", &ben),
//!     r#"<p dir="auto"><strong>Tea</strong>, <span class="mention" data-user="17">@ben</span>?</p>"#
//! );
//! assert_eq!(to_html("<script>", &[]), r#"<p dir="auto">&lt;script&gt;</p>"#);
//! assert_eq!(links("see https://example.org.", 3), ["https://example.org"]);
//! ```
//!
//! The HTML is written from a closed list of what may be, not cleaned afterwards: [`TAGS`] has every tag and attribute
//! that there can be. What is not understood, or not allowed, is there as text. The time is linear in the length of the
//! text, and elements are nested no deeper than [`MAX_DEPTH`].

mod escape;
mod render;
mod run;
mod target;

pub use target::MAX_LINK_BYTES;

/// The deepest nesting of quotes, lists and emphasis; what is deeper is text in the deepest. A paragraph, a link or a line of
/// code may stand in it, with an element in each.
pub const MAX_DEPTH: usize = 16;

/// How many mentions are looked for; those after them are text.
pub const MAX_MENTIONS: usize = 64;

/// Every tag that is written, with the attributes that it can have.
pub const TAGS: &[(&str, &[&str])] = &[
    ("a", &["href", "rel", "target"]),
    ("blockquote", &["dir"]),
    ("br", &[]),
    ("code", &["class"]),
    ("del", &[]),
    ("em", &[]),
    ("hr", &[]),
    ("li", &[]),
    ("ol", &["dir", "start"]),
    ("p", &["dir"]),
    ("pre", &["dir"]),
    ("span", &["class", "data-user"]),
    ("strong", &[]),
    ("ul", &["dir"]),
];

/// Somebody whom a text calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The name behind the `@`, whatever its case; or in quotation marks behind it, as one with white space must be.
    pub name: &'a str,
    /// What `data-user` says; none leaves it out, as for `@room`.
    pub user: Option<String>,
}

/// A text as HTML: a sequence of blocks, without a line break between them. Empty for a text of nothing but white space.
///
/// Links lead to `http`, `https` and `mailto` alone and never name a user or password; addresses in the text become links;
/// images become links, headings paragraphs. Line breaks stay. Controls of the direction of text are left out: every
/// outermost block finds its own by `dir="auto"`, and cannot change that of what follows.
#[must_use]
pub fn to_html(text: &str, mentions: &[Mention<'_>]) -> String {
    render::render(text, mentions).0
}

/// The first links of a text to `http` and `https`, each once, as [`to_html`] would have them: not those in code.
#[must_use]
pub fn links(text: &str, most: usize) -> Vec<String> {
    // Without it there is none, and most texts have none.
    if !text.contains(':') {
        return Vec::new();
    }
    let mut links: Vec<String> = Vec::new();
    for link in render::render(text, &[]).1 {
        if links.len() < most && target::is_web(&link) && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}
