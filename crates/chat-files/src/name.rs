//! The name of a file, which comes from anybody and goes to everybody.

/// The longest, in bytes.
const MAX_BYTES: usize = 255;

/// What is left of a name: its last part where it is a path, without what cannot be seen, at most 255 bytes with its ending;
/// `file` where nothing is left.
pub(crate) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|c| !is_invisible(*c)).collect();
    let visible = visible.trim();
    if visible.chars().all(|c| c == '.') {
        return "file".to_owned();
    }
    if visible.len() <= MAX_BYTES {
        return visible.to_owned();
    }
    // An ending that is none is cut like anything else.
    let ending =
        visible.rfind('.').map(|dot| &visible[dot..]).filter(|ending| ending.len() <= 16).unwrap_or("");
    let room = visible.floor_char_boundary(MAX_BYTES - ending.len());
    format!("{}{ending}", &visible[..room])
}

/// Control characters, and those that turn the reading direction or take no room: `cod\u{202E}gpj.exe`.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_and_has_nothing_that_cannot_be_seen() {
        for (name, clean_name) in [
            ("a.png", "a.png"),
            ("Übersicht 🦀.pdf", "Übersicht 🦀.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\a.exe", "a.exe"),
            ("a\r\nSet-Cookie: x=y", "aSet-Cookie: x=y"),
            ("cod\u{202E}gpj.exe", "codgpj.exe"),
            ("a\0b", "ab"),
            ("  a  ", "a"),
            ("", "file"),
            ("..", "file"),
            ("/", "file"),
            ("\u{200B}\n", "file"),
        ] {
            assert_eq!(clean(name), clean_name, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = clean(&format!("{}.png", "ä".repeat(300)));
        assert!(name.len() <= 255 && name.ends_with("ä.png"), "{name}");
        assert_eq!(clean(&"x".repeat(300)).len(), 255);
        assert_eq!(clean(&format!("a.{}", "x".repeat(300))).len(), 255);
    }
}
