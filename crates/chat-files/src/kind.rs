//! What a file is: found in its bytes.

use std::str::FromStr;

use image::ImageFormat;

/// How many bytes are looked at, from the beginning.
pub(crate) const HEAD: u64 = 8192;

/// What nobody knows.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file that begins so.
pub(crate) fn media_type(head: &[u8], is_all: bool) -> String {
    if let Some(found) = markup(head) {
        return found.to_owned();
    }
    if let Some(found) = infer::get(head) {
        return found.mime_type().to_owned();
    }
    if is_text(head, is_all) { "text/plain".to_owned() } else { UNKNOWN.to_owned() }
}

/// Markup by its first tag, behind white space, comments and declarations.
fn markup(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let mut rest = text.trim_start();
    let mut xml = false;
    loop {
        let (begin, end) = if rest.starts_with("<!--") {
            ("<!--", "-->")
        } else if rest.starts_with("<?xml") {
            xml = true;
            ("<?xml", "?>")
        } else if rest.starts_with("<!doctype html") {
            return Some("text/html");
        } else if rest.starts_with("<!doctype") {
            xml = true;
            ("<!doctype", ">")
        } else {
            break;
        };
        match rest[begin.len()..].split_once(end) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => break,
        }
    }
    if rest.starts_with("<svg") {
        Some("image/svg+xml")
    } else if ["<html", "<head", "<body", "<script", "<iframe"].iter().any(|tag| rest.starts_with(tag)) {
        Some("text/html")
    } else {
        xml.then_some("text/xml")
    }
}

/// Whether it is UTF-8 without control characters.
fn is_text(head: &[u8], is_all: bool) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character that the end cuts in two.
        Err(error) if !is_all && error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !"\t\n\r\u{C}\u{1B}".contains(c))
}

/// The pictures that are looked at and shown.
pub(crate) fn picture(media_type: &str) -> Option<ImageFormat> {
    match media_type {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Whether a browser may show it where it stands: pictures that were looked at, sound and films. Nothing that is text, since
/// whatever runs in a browser is text.
pub(crate) fn is_inline(media_type: &str, is_picture: bool) -> bool {
    const PLAYED: [&str; 13] = [
        "audio/mpeg",
        "audio/m4a",
        "audio/opus",
        "audio/ogg",
        "audio/x-flac",
        "audio/x-wav",
        "audio/aac",
        "video/mp4",
        "video/x-m4v",
        "video/webm",
        "video/quicktime",
        "video/mpeg",
        "video/x-matroska",
    ];
    (is_picture && picture(media_type).is_some()) || PLAYED.contains(&media_type)
}

/// A media type, or all of one kind: `application/pdf`, `image/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypePattern(String);

impl TypePattern {
    /// Whether this type is meant.
    #[must_use]
    pub fn matches(&self, media_type: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(kind) => media_type.starts_with(kind),
            None => media_type == self.0,
        }
    }
}

/// A text that names no types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a media type such as application/pdf, or image/*")]
pub struct InvalidPattern;

impl FromStr for TypePattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<TypePattern, InvalidPattern> {
        let token = |text: &str| {
            let part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-._".contains(&b);
            !text.is_empty() && text.bytes().all(part)
        };
        match text.split_once('/') {
            Some((kind, name)) if token(kind) && (name == "*" || token(name)) => {
                Ok(TypePattern(text.to_owned()))
            }
            Some(_) | None => Err(InvalidPattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_say_what_a_file_is() {
        for (head, found) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "image/png"),
            (b"%PDF-1.7", "application/pdf"),
            (b"PK\x03\x04....", "application/zip"),
            (b"<!DOCTYPE html><p>", "text/html"),
            (b"\xEF\xBB\xBF \n<html>", "text/html"),
            (b"<!-- GIF89a --><script>alert(1)</script>", "text/html"),
            (b"<?xml version='1.0'?><!-- x --><SVG onload=alert(1)>", "image/svg+xml"),
            (b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC \"a\"><svg>", "image/svg+xml"),
            (b"<?xml version='1.0'?><a/>", "text/xml"),
            (b"alert(document.cookie)", "text/plain"),
            ("Grüße".as_bytes(), "text/plain"),
            (b"a\0b", UNKNOWN),
            (b"\xFF\xFE\x01", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(media_type(head, true), found, "{:?}", String::from_utf8_lossy(head));
        }
        assert_eq!(media_type(&"ä".as_bytes()[..1], true), UNKNOWN);
        assert_eq!(media_type(&"aä".as_bytes()[..2], false), "text/plain");
    }

    #[test]
    fn nothing_that_could_run_is_shown_where_it_stands() {
        let never = ["text/html", "image/svg+xml", "text/xml", "application/pdf", "text/plain", UNKNOWN];
        assert!(never.iter().all(|kind| !is_inline(kind, true)));
        assert!(is_inline("image/png", true) && !is_inline("image/png", false));
        assert!(is_inline("video/mp4", false));
    }

    #[test]
    fn a_pattern_is_a_type_or_all_of_a_kind() {
        let pattern = |text: &str| text.parse::<TypePattern>();
        assert!(pattern("image/*").unwrap().matches("image/png"));
        assert!(!pattern("image/*").unwrap().matches("video/mp4"));
        assert!(pattern("image/png").unwrap().matches("image/png"));
        assert!(!pattern("image/png").unwrap().matches("image/png2"));
        for wrong in ["", "*", "image", "image/", "/png", "Image/png", "image/*/x", "a b/c"] {
            assert_eq!(pattern(wrong), Err(InvalidPattern), "{wrong}");
        }
    }
}
