//! Text within HTML.

/// Writes a text so that it is nothing but text, in an element or in an attribute's quotation marks. What cannot be seen and
/// has no place in a text is left out: control characters but tab and line break, and controls of its direction, which would
/// reach beyond it.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut plain = 0;
    for (place, c) in text.char_indices() {
        let written = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '\t' | '\n' => continue,
            _ if c.is_control() || turns(c) => "",
            _ => continue,
        };
        out.push_str(&text[plain..place]);
        out.push_str(written);
        plain = place + c.len_utf8();
    }
    out.push_str(&text[plain..]);
}

/// Whether it sets the direction of what follows (Unicode Standard Annex 9, sections 2.1 to 2.5).
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether it cannot be seen, and so has no place where one must see what is meant, such as in the name of a server.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || turns(c)
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn nothing_that_means_something_to_html_is_left() {
        assert_eq!(
            escaped(r#"<a href='x' title="&">"#),
            "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;"
        );
        assert_eq!(escaped("plain ünï"), "plain ünï");
    }

    #[test]
    fn controls_are_left_out_and_what_joins_letters_stays() {
        assert_eq!(escaped("a\u{0}b\u{1b}c\u{7f}d\u{85}e\u{202e}f\u{2066}g\tx\ny"), "abcdefg\tx\ny");
        assert_eq!(escaped("👩\u{200d}🚀 می\u{200c}خواهم"), "👩\u{200d}🚀 می\u{200c}خواهم");
    }
}
