//! Which links are looked at.

use std::net::IpAddr;

use url::Url;

use crate::error::Refusal;
use crate::policy::Policy;

/// The longest address, in bytes.
pub(crate) const MAX_BYTES: usize = 2048;

/// Reads a link, and says whether it may be looked at; names are looked up and checked later, when one connects. Whatever way
/// an address of IPv4 is written (decimal, octal, hexadecimal, with fewer parts, with other digits), it is read as browsers do.
pub(crate) fn target(link: &str, policy: &dyn Policy) -> Result<Url, Refusal> {
    if link.len() > MAX_BYTES {
        return Err(Refusal::Link);
    }
    check(Url::parse(link).map_err(|_| Refusal::Link)?, policy)
}

/// Where a page leads on to, or has its picture, seen from the page.
pub(crate) fn onward(from: &Url, link: &str, policy: &dyn Policy) -> Result<Url, Refusal> {
    if link.len() > MAX_BYTES {
        return Err(Refusal::Link);
    }
    check(from.join(link).map_err(|_| Refusal::Link)?, policy)
}

fn check(mut url: Url, policy: &dyn Policy) -> Result<Url, Refusal> {
    // A place in the page is the reader's own.
    url.set_fragment(None);
    let named = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || named || url.as_str().len() > MAX_BYTES {
        return Err(Refusal::Link);
    }
    if !url.port_or_known_default().is_some_and(|port| policy.allows_port(port)) {
        return Err(Refusal::Link);
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else { return Err(Refusal::Link) };
    match literal(host) {
        Some(address) if !policy.allows_address(address) => Err(Refusal::Forbidden),
        Some(_) | None => Ok(url),
    }
}

/// The address that a server's name is, if it is one: no resolver is asked for it.
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PublicInternet;

    fn look(link: &str) -> Result<String, Refusal> {
        target(link, &PublicInternet).map(String::from)
    }

    #[test]
    fn pages_of_the_web_are_looked_at() {
        for (link, read) in [
            ("https://example.org", "https://example.org/"),
            ("HTTP://EXAMPLE.org:80/a?b#c", "http://example.org/a?b"),
            ("https://example.org:443/", "https://example.org/"),
            ("http://example.org:443/", "http://example.org:443/"),
            ("http://8.8.8.8/", "http://8.8.8.8/"),
            ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
            ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ] {
            assert_eq!(look(link).as_deref(), Ok(read));
        }
    }

    #[test]
    fn addresses_inside_are_refused_however_they_are_written() {
        for link in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://2130706433/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0X7F.1/",
            "http://127.0.0.1./",
            "http://127%2e0%2e0%2e1/",
            "http://%31%32%37.0.0.1/",
            "http://１２７.０.０.１/",
            "http://127。0。0。1/",
            "http://①②⑦.0.0.1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://0xa9fea9fe/",
            "http://2852039166/",
            "http://[::1]/",
            "http://[::]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::127.0.0.1]/",
            "http://[2002:7f00:1::]/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "https:127.0.0.1",
            "https:/\\127.0.0.1",
        ] {
            assert_eq!(look(link), Err(Refusal::Forbidden), "{link}");
        }
    }

    #[test]
    fn what_is_no_page_of_the_web_is_refused() {
        for link in [
            "",
            "example.org",
            "//example.org",
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_x",
            "javascript:alert(1)",
            "data:text/html,x",
            "ws://example.org/",
            "https://user@example.org/",
            "https://:password@example.org/",
            "https://example.org@127.0.0.1/",
            "http://example.org:8080/",
            "http://example.org:22/",
            "http://example.org:0/",
            "http://example.org:99999/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://[::1/",
            "http://256.0.0.1/",
            "http://1.2.3.4.5/",
            "http://0x100000000/",
            "http://exa mple.org/",
            "http://",
        ] {
            assert_eq!(look(link), Err(Refusal::Link), "{link}");
        }
        assert_eq!(look(&format!("https://example.org/{}", "a".repeat(MAX_BYTES))), Err(Refusal::Link));
    }

    #[test]
    fn where_a_page_leads_is_checked_as_if_it_were_written() {
        let from = Url::parse("https://example.org/a/b").unwrap();
        let to = |link: &str| onward(&from, link, &PublicInternet).map(String::from);
        assert_eq!(to("c").as_deref(), Ok("https://example.org/a/c"));
        assert_eq!(to("//other.example").as_deref(), Ok("https://other.example/"));
        assert_eq!(to("//127.0.0.1/"), Err(Refusal::Forbidden));
        assert_eq!(to("file:///etc/passwd"), Err(Refusal::Link));
        assert_eq!(to("https://a:b@example.org"), Err(Refusal::Link));
    }
}
