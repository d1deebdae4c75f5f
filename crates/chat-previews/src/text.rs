//! Somebody else's words, so that they can be shown.

/// One line of at most so many characters, and an ellipsis where that is not all. What cannot be seen is left out, but what
/// joins letters: control characters, and controls of direction, which would reach beyond it.
pub(crate) fn tidy(text: &str, most: usize) -> String {
    let mut line = String::new();
    let (mut count, mut gap) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            gap = count > 0;
            continue;
        }
        if is_hidden(c) {
            continue;
        }
        if count + usize::from(gap) >= most {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            count += 1;
            gap = false;
        }
        line.push(c);
        count += 1;
    }
    line
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_one_line_of_what_can_be_seen() {
        for (text, most, expected) in [
            ("  a \n\t b\u{a0}c  ", 10, "a b c"),
            ("a\u{0}b\u{1b}[31m\u{202e}c\u{200b}\u{85} d", 20, "ab[31mc d"),
            ("abcde", 5, "abcde"),
            ("abcdef", 5, "abcde…"),
            ("abcd ef", 5, "abcd…"),
            ("ünïcödé", 3, "ünï…"),
            ("می\u{200c}خواهم", 20, "می\u{200c}خواهم"),
            ("", 5, ""),
            ("\u{202e} \u{200b}", 5, ""),
        ] {
            assert_eq!(tidy(text, most), expected, "{text:?}");
        }
    }
}
