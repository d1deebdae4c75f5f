//! From the events of the parser to HTML. Nothing reaches the output but the tags that stand here, and escaped text.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};

use crate::escape::escape;
use crate::run::{Piece, pieces, write_text};
use crate::target::is_allowed;
use crate::{MAX_DEPTH, Mention};

/// The text as HTML, and where its links lead.
pub(crate) fn render(text: &str, mentions: &[Mention<'_>]) -> (String, Vec<String>) {
    let mut writer =
        Writer { out: String::with_capacity(text.len() * 5 / 4 + 32), mentions, ..Writer::default() };
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        writer.event(event);
    }
    writer.flush();
    // A text of nothing but definitions of links: what people have said is to be seen.
    if writer.out.is_empty() && !text.trim().is_empty() {
        writer.out.push_str(r#"<p dir="auto">"#);
        writer.run.push_str(text.trim());
        writer.flush();
        writer.out.push_str("</p>");
    }
    (writer.out, writer.links)
}

/// What is to be written when an element ends.
enum Closing {
    /// A tag.
    Tag(&'static str),
    /// The tag of something that holds blocks.
    Container(&'static str),
    /// The tag of a block of raw HTML, of which every line ends in a break, the last one too.
    Raw(&'static str),
    /// Nothing: the element was not written either.
    Nothing,
    /// A line break, since an item of a list that is too deep would run into the next.
    Break,
    /// The end of a link that leads here, and what its text began with.
    Link(String, usize),
    /// The end of a link that leads nowhere, as text.
    Text(String),
}

#[derive(Default)]
struct Writer<'a> {
    out: String,
    mentions: &'a [Mention<'a>],
    /// Where links lead, in the order in which they came.
    links: Vec<String>,
    /// The elements that are open, written or not.
    open: Vec<Closing>,
    /// How many of them hold blocks: these have their direction.
    containers: usize,
    /// Text that has not been written: the parser gives it in pieces.
    run: String,
    /// Whether a link is open: there are none in it.
    in_link: bool,
    /// Whether it is code, where nothing but text is.
    in_code: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Text(text) if self.in_code => escape(&text, &mut self.out),
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => self.run.push_str(&text),
            Event::Code(code) => {
                self.flush();
                self.out.push_str("<code>");
                escape(&code, &mut self.out);
                self.out.push_str("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.run.push('\n'),
            Event::Rule => {
                self.flush();
                self.out.push_str("<hr>");
            }
            // Of extensions that are switched off.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.run.push_str(&text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.block("<p", ">", Closing::Tag("</p>")),
            Tag::HtmlBlock => self.block("<p", ">", Closing::Raw("</p>")),
            Tag::Heading { .. } => self.block("<p", "><strong>", Closing::Tag("</strong></p>")),
            Tag::CodeBlock(kind) => {
                // What is code has the direction of code, wherever it stands.
                let class = language(&kind);
                self.flush();
                self.out.push_str(r#"<pre dir="auto"><code"#);
                self.out.push_str(&class);
                self.out.push('>');
                self.in_code = true;
                self.open.push(Closing::Tag("</code></pre>"));
            }
            Tag::BlockQuote(_) => self.container("<blockquote", ">", "</blockquote>", 1),
            // Room for its items, too.
            Tag::List(None) => self.container("<ul", ">", "</ul>", 2),
            Tag::List(Some(1)) => self.container("<ol", ">", "</ol>", 2),
            Tag::List(Some(start)) => self.container("<ol", &format!(r#" start="{start}">"#), "</ol>", 2),
            Tag::Item if self.open.len() < MAX_DEPTH => {
                self.flush();
                self.out.push_str("<li>");
                self.open.push(Closing::Tag("</li>"));
            }
            Tag::Item => self.open.push(Closing::Break),
            Tag::Emphasis => self.inline("<em>", "</em>"),
            Tag::Strong => self.inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.inline("<del>", "</del>"),
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, dest_url, "["),
            // A picture in a link is the link's text.
            Tag::Image { .. } if self.in_link => self.open.push(Closing::Nothing),
            Tag::Image { link_type, dest_url, .. } => self.link(link_type, dest_url, "!["),
            // Of extensions that are switched off.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => self.open.push(Closing::Nothing),
        }
    }

    fn end(&mut self) {
        // The parser's events are balanced.
        let Some(closing) = self.open.pop() else { return };
        match closing {
            Closing::Tag(tag) => {
                self.flush();
                self.out.push_str(tag);
                // Nothing else stands in code.
                self.in_code = false;
            }
            Closing::Container(tag) => {
                self.flush();
                self.out.push_str(tag);
                self.containers -= 1;
            }
            Closing::Raw(tag) => {
                self.run.truncate(self.run.trim_end_matches('\n').len());
                self.flush();
                self.out.push_str(tag);
            }
            Closing::Nothing => {}
            Closing::Break => {
                self.flush();
                if !self.out.ends_with('>') {
                    self.out.push_str("<br>");
                }
            }
            Closing::Link(url, began) => {
                self.flush();
                if self.out.len() == began {
                    escape(&url, &mut self.out);
                }
                self.out.push_str("</a>");
                self.in_link = false;
                self.links.push(url);
            }
            Closing::Text(text) => self.run.push_str(&text),
        }
    }

    /// A block. Where it is outermost it has a direction of its own, elsewhere that of what holds it: a list with its marks on
    /// one side and its texts on the other would be hard to read.
    fn block(&mut self, tag: &str, rest: &str, closing: Closing) {
        self.flush();
        self.out.push_str(tag);
        if self.containers == 0 {
            self.out.push_str(r#" dir="auto""#);
        }
        self.out.push_str(rest);
        self.open.push(closing);
    }

    /// A block that holds blocks, if there is room for so many levels.
    fn container(&mut self, tag: &str, rest: &str, closing: &'static str, levels: usize) {
        if self.open.len() + levels > MAX_DEPTH {
            self.open.push(Closing::Nothing);
            return;
        }
        self.block(tag, rest, Closing::Container(closing));
        self.containers += 1;
    }

    fn inline(&mut self, tag: &str, closing: &'static str) {
        if self.open.len() >= MAX_DEPTH {
            self.open.push(Closing::Nothing);
            return;
        }
        self.flush();
        self.out.push_str(tag);
        self.open.push(Closing::Tag(closing));
    }

    /// A link, or what was written for one where it may not be.
    fn link(&mut self, kind: LinkType, url: CowStr<'_>, bracket: &str) {
        let url = if kind == LinkType::Email { format!("mailto:{url}") } else { url.into_string() };
        if !self.in_link && is_allowed(&url) {
            self.flush();
            self.open_link(&url);
            self.in_link = true;
            let began = self.out.len();
            self.open.push(Closing::Link(url, began));
            return;
        }
        let (before, after) = match kind {
            LinkType::Autolink | LinkType::Email => ("<", ">".to_owned()),
            LinkType::Inline
            | LinkType::Reference
            | LinkType::ReferenceUnknown
            | LinkType::Collapsed
            | LinkType::CollapsedUnknown
            | LinkType::Shortcut
            | LinkType::ShortcutUnknown
            | LinkType::WikiLink { .. } => (bracket, format!("]({url})")),
        };
        self.run.push_str(before);
        self.open.push(Closing::Text(after));
    }

    fn open_link(&mut self, url: &str) {
        self.out.push_str(r#"<a href=""#);
        escape(url, &mut self.out);
        self.out.push_str(r#"" rel="nofollow noopener noreferrer" target="_blank">"#);
    }

    /// Writes the text that has gathered.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        if self.in_link {
            write_text(&run, &[], &mut self.out);
        } else {
            for piece in pieces(&run) {
                match piece {
                    Piece::Text(text) => write_text(text, self.mentions, &mut self.out),
                    Piece::Link(url) => {
                        self.open_link(url);
                        escape(url, &mut self.out);
                        self.out.push_str("</a>");
                        self.links.push(url.to_owned());
                    }
                }
            }
        }
        // Its memory is of use again.
        self.run = run;
        self.run.clear();
    }
}

/// The class of a block of code, for whoever colours it; none where its language has no plain name.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let name = info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-#._".contains(c);
    if name.is_empty() || name.len() > 32 || !name.chars().all(plain) {
        return String::new();
    }
    format!(r#" class="language-{}""#, name.to_ascii_lowercase())
}
