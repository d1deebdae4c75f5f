//! What a client says of a file: the header `Upload-Metadata` of the tus protocol, pairs of a key and a value in Base64.

/// The name of the file, if it is said. None where the header is not of its form.
pub(crate) fn filename(header: &[u8]) -> Option<Option<String>> {
    let text = std::str::from_utf8(header).ok()?;
    let mut name = None;
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = String::from_utf8(decode(value.trim())?).ok();
        // What else is said is the client's own, and nothing that we believe.
        if key == "filename" {
            name = Some(value?);
        }
    }
    Some(name)
}

/// RFC 4648, section 4.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let digit = |byte: u8| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        })
    };
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for byte in group {
            bits = bits << 6 | u32::from(digit(*byte)?);
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend(bits.to_be_bytes().iter().skip(1).take(group.len() * 3 / 4));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_and_nothing_else() {
        // RFC 4648, section 10.
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for wrong in ["Z", "Zg", "Zg=", "Z===", "====", "Zm9v!", "Zm 9v", "Zm9_", "Zm=v"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_name_is_found_among_whatever_else_is_said() {
        let some = |name: &str| Some(Some(name.to_owned()));
        assert_eq!(filename(b"filename YS5wbmc="), some("a.png"));
        assert_eq!(filename(b"filetype aW1hZ2UvcG5n, filename YS5wbmc=,is_confidential"), some("a.png"));
        assert_eq!(filename(b"filetype aW1hZ2UvcG5n"), Some(None));
        assert_eq!(filename(b""), Some(None));
        assert_eq!(filename(b"filename"), some(""));
        for wrong in [b"filename a.png".as_slice(), b"filename /w==", b"\xff", b"x !"] {
            assert_eq!(filename(wrong), None, "{wrong:?}");
        }
    }
}
