//! Where links may lead.

use crate::escape::is_hidden;

/// The longest address of a link, in bytes; a longer one is text.
pub const MAX_LINK_BYTES: usize = 2048;

/// Whether a link may lead there: to `http` or `https` with a server's name, without a user or password, which people take
/// for the server's name; or to an address of e-mail. Nothing in it is hidden or would end an address.
pub(crate) fn is_allowed(url: &str) -> bool {
    if url.len() > MAX_LINK_BYTES || url.chars().any(ends) {
        return false;
    }
    if let Some(rest) = without_web(url) {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@');
    }
    without_scheme(url, "mailto:")
        .is_some_and(|rest| rest.split('?').next().is_some_and(|to| to.contains('@')))
}

/// Whether an address is one of the web.
pub(crate) fn is_web(url: &str) -> bool {
    without_web(url).is_some()
}

/// Whether an address in a text ends before this character, and none may have it. Browsers take `\` for `/`, others do not.
pub(crate) fn ends(c: char) -> bool {
    is_hidden(c)
        || matches!(
            c,
            '<' | '>'
                | '"'
                | '`'
                | '\\'
                | '、'
                | '。'
                | '，'
                | '；'
                | '！'
                | '？'
                | '）'
                | '」'
                | '』'
                | '】'
                | '》'
        )
}

fn without_web(url: &str) -> Option<&str> {
    without_scheme(url, "https://").or_else(|| without_scheme(url, "http://"))
}

fn without_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = url.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_and_to_mail() {
        for right in [
            "http://a",
            "HTTPS://Example.org:8443/a?b=c#d",
            "https://例え.テスト/ü",
            "https://a/x'y(z)",
            "https://a/@ben",
            "mailto:ben@example.org",
            "MailTo:ben@example.org?subject=tea",
        ] {
            assert!(is_allowed(right), "{right}");
        }
    }

    #[test]
    fn links_lead_nowhere_else() {
        for wrong in [
            "",
            "a",
            "/a",
            "//a",
            "#a",
            "http:a",
            "http:/a",
            "http://",
            "http:///a",
            "https://?a",
            "https://:443/",
            "http:\\\\a",
            "https://good.example\\@evil.example",
            "https://good.example@evil.example",
            "https://user:password@evil.example/",
            "https://a b",
            "https://a\u{200b}b",
            "https://a\u{202e}b",
            "https://a\"onclick=\"x",
            "https://a<b",
            " https://a",
            "ftp://a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://a/b",
            "view-source:https://a",
            "intent://a#Intent;end",
            "mailto:",
            "mailto:nobody",
            "httpſ://a",
        ] {
            assert!(!is_allowed(wrong), "{wrong:?}");
        }
        assert!(is_allowed(&format!("https://{}", "a".repeat(MAX_LINK_BYTES - 8))));
        assert!(!is_allowed(&format!("https://{}", "a".repeat(MAX_LINK_BYTES - 7))));
    }
}
