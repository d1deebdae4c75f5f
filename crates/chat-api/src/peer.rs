//! Which address calls, for the rates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;

/// The address that the request came from, as one rate counts it: an IPv6 network of 64 bits is one, because
/// that is the least a single customer has. All that have none are one as well.
pub(crate) fn peer(req: &HttpRequest) -> IpAddr {
    match req.peer_addr().map(|address| address.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Some(address @ IpAddr::V4(_)) => address,
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn addresses_of_one_customer_are_one() {
        let key =
            |text: &str| peer(&TestRequest::default().peer_addr(text.parse().unwrap()).to_http_request());
        assert_eq!(key("[2001:db8:1:2::1]:80"), key("[2001:db8:1:2:ffff::9]:443"));
        assert_ne!(key("[2001:db8:1:2::1]:80"), key("[2001:db8:1:3::1]:80"));
        assert_eq!(key("[::ffff:192.0.2.1]:80"), key("192.0.2.1:443"));
        assert_ne!(key("192.0.2.1:80"), key("192.0.2.2:80"));
    }
}
