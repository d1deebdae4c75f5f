//! A run of text between two tags: the addresses and mentions in it.

use crate::escape::{escape, is_hidden};
use crate::target::{ends, is_allowed};
use crate::{MAX_MENTIONS, Mention};

/// A piece of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text without an address.
    Text(&'a str),
    /// An address to which a link may lead.
    Link(&'a str),
}

/// Cuts a run at the addresses in it. Each place is looked at once.
pub(crate) fn pieces(run: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    // Up to where it is cut, and up to where it was looked at.
    let (mut cut, mut seen) = (0, 0);
    for (colon, _) in run.match_indices("://") {
        let scheme = if ends_in(&run[seen.min(colon)..colon], "https") {
            5
        } else if ends_in(&run[seen.min(colon)..colon], "http") {
            4
        } else {
            continue;
        };
        let start = colon - scheme;
        if run[..start].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let length = run[colon + 3..].find(ends).unwrap_or(run.len() - colon - 3);
        let whole = &run[start..colon + 3 + length];
        seen = start + whole.len();
        let link = without_punctuation(whole);
        // What goes on unseen would lead elsewhere than it looks.
        let goes_on = run[seen..].chars().next().is_some_and(|c| is_hidden(c) && !c.is_whitespace());
        if !goes_on && is_allowed(link) {
            if cut < start {
                pieces.push(Piece::Text(&run[cut..start]));
            }
            pieces.push(Piece::Link(link));
            cut = start + link.len();
        }
    }
    if cut < run.len() {
        pieces.push(Piece::Text(&run[cut..]));
    }
    pieces
}

fn ends_in(text: &str, scheme: &str) -> bool {
    let tail = text.len().checked_sub(scheme.len()).and_then(|start| text.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
}

/// Without the marks at the end that belong to the sentence; a closing bracket belongs to the address that opened it.
fn without_punctuation(url: &str) -> &str {
    let count = |wanted: char| url.chars().filter(|c| *c == wanted).count();
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    url.trim_end_matches(|c: char| match c {
        ')' if round > 0 => {
            round -= 1;
            true
        }
        ']' if square > 0 => {
            square -= 1;
            true
        }
        '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '}' | '…' => true,
        _ => false,
    })
}

/// Writes text with its line breaks and mentions.
pub(crate) fn write_text(text: &str, mentions: &[Mention<'_>], out: &mut String) {
    let mut written = 0;
    for (at, _) in text.match_indices('@') {
        if mentions.is_empty() {
            break;
        }
        // As in an address of e-mail; or within a mention.
        if at < written || text[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let Some((length, mention)) = called(&text[at + 1..], mentions) else { continue };
        write_lines(&text[written..at], out);
        out.push_str(r#"<span class="mention""#);
        if let Some(user) = &mention.user {
            out.push_str(r#" data-user=""#);
            escape(user, out);
            out.push('"');
        }
        out.push('>');
        written = at + 1 + length;
        write_lines(&text[at..written], out);
        out.push_str("</span>");
    }
    write_lines(&text[written..], out);
}

fn write_lines(text: &str, out: &mut String) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("<br>");
        }
        escape(line, out);
    }
}

/// Whom the beginning of a text names, and how long the name is there, in bytes: the longest name, as `ada.l` before `ada`.
fn called<'m, 'a>(text: &str, mentions: &'m [Mention<'a>]) -> Option<(usize, &'m Mention<'a>)> {
    let of = |mention: &'m Mention<'a>| {
        if let Some(quoted) = text.strip_prefix('"') {
            let length = begins_with(quoted, mention.name)?;
            return quoted[length..].starts_with('"').then_some((length + 2, mention));
        }
        let length = begins_with(text, mention.name)?;
        let goes_on = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !text[length..].starts_with(goes_on) && !mention.name.contains(char::is_whitespace);
        whole.then_some((length, mention))
    };
    mentions.iter().take(MAX_MENTIONS).filter_map(of).max_by_key(|(length, _)| *length)
}

/// The length of the name at the beginning of a text, whatever its case.
fn begins_with(text: &str, name: &str) -> Option<usize> {
    let mut wanted = name.chars().flat_map(char::to_lowercase).peekable();
    wanted.peek()?;
    let mut length = 0;
    for c in text.chars() {
        if wanted.peek().is_none() {
            break;
        }
        if !c.to_lowercase().all(|lower| wanted.next() == Some(lower)) {
            return None;
        }
        length += c.len_utf8();
    }
    wanted.peek().is_none().then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(run: &str) -> Vec<&str> {
        let link = |piece| match piece {
            Piece::Link(link) => Some(link),
            Piece::Text(_) => None,
        };
        pieces(run).into_iter().filter_map(link).collect()
    }

    #[test]
    fn addresses_end_where_people_would_say() {
        for (run, expected) in [
            ("see https://a.example/b?c=d, and", vec!["https://a.example/b?c=d"]),
            ("(https://a.example/x_(y))", vec!["https://a.example/x_(y)"]),
            ("[https://a.example/x[1]]…", vec!["https://a.example/x[1]"]),
            ("HTTP://A.example!", vec!["HTTP://A.example"]),
            ("http://a.example\nhttp://b.example", vec!["http://a.example", "http://b.example"]),
            ("https://a.example、https://b.example。", vec!["https://a.example", "https://b.example"]),
            ("\"https://a.example\"", vec!["https://a.example"]),
            ("xhttps://a.example ahttp://b", vec![]),
            ("https:// http://. javascript://a ://", vec![]),
            ("https://me@a.example https://b.example", vec!["https://b.example"]),
            ("http://a.example/http://b.example", vec!["http://a.example/http://b.example"]),
            ("https://a@http://b", vec![]),
            ("https://a.example\u{200b}.b.example https://c\u{202e}", vec![]),
        ] {
            assert_eq!(found(run), expected, "{run}");
        }
    }

    #[test]
    fn what_is_not_an_address_stays_text() {
        assert_eq!(pieces("a http://b c"), [Piece::Text("a "), Piece::Link("http://b"), Piece::Text(" c")]);
        assert_eq!(pieces("http://u@b c"), [Piece::Text("http://u@b c")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn only_those_who_are_called_are_marked() {
        let named = |name, user: &str| Mention { name, user: Some(user.to_owned()) };
        let mentions = [
            named("Ben", "2"),
            named("ada", "1"),
            named("ada.l", "3"),
            named("Cid C.", "4"),
            Mention { name: "room", user: None },
        ];
        let written = |text: &str| {
            let mut out = String::new();
            write_text(text, &mentions, &mut out);
            out.replace(r#"<span class="mention""#, "{").replace("</span>", "}").replace(" data-user=", "")
        };
        for (text, expected) in [
            ("@ben", r#"{"2">@ben}"#),
            ("hi @BEN, (@ada)", r#"hi {"2">@BEN}, ({"1">@ada})"#),
            ("@ada.l. @ada.x @adam", r#"{"3">@ada.l}. {"1">@ada}.x @adam"#),
            ("ben@ben x@ada", "ben@ben x@ada"),
            ("@\"Cid C.\" @Cid C.", r#"{"4">@&quot;Cid C.&quot;} @Cid C."#),
            ("@room @here", r#"{>@room} @here"#),
            ("@ @@ben", r#"@ @{"2">@ben}"#),
            ("@zoë", "@zoë"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
