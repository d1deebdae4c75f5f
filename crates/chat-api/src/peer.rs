//! Which address calls, for the rates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;

/// The address that the request came from, as one rate counts it: an IPv6 network of 64 bits is one, because
/// that is the least a single customer has. All that have none are one as well.
///
/// Where one of our own `proxies` brings the request, it is the last address of `X-Forwarded-For` that is not
/// one of them: what stands before it, anyone can have written.
pub(crate) fn peer(req: &HttpRequest, proxies: &[IpAddr]) -> IpAddr {
    let near = req.peer_addr().map(|address| address.ip().to_canonical());
    let ours = |address: &IpAddr| proxies.contains(address);
    let far = near.filter(ours).and_then(|_| {
        let headers = req.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = headers.flat_map(|value| value.split(',')).collect();
        let addresses = named.into_iter().rev().map_while(|name| name.trim().parse::<IpAddr>().ok());
        addresses.map(|address| address.to_canonical()).find(|address| !ours(address))
    });
    match far.or(near) {
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
        let key = |text: &str| {
            peer(&TestRequest::default().peer_addr(text.parse().unwrap()).to_http_request(), &[])
        };
        assert_eq!(key("[2001:db8:1:2::1]:80"), key("[2001:db8:1:2:ffff::9]:443"));
        assert_ne!(key("[2001:db8:1:2::1]:80"), key("[2001:db8:1:3::1]:80"));
        assert_eq!(key("[::ffff:192.0.2.1]:80"), key("192.0.2.1:443"));
        assert_ne!(key("192.0.2.1:80"), key("192.0.2.2:80"));
    }

    #[test]
    fn behind_a_proxy_of_ours_the_client_counts_and_nobody_can_pose_as_another() {
        let proxies = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let cases = [
            ("10.0.0.1:9", "192.0.2.7", "192.0.2.7"),
            ("10.0.0.1:9", "192.0.2.7, 10.0.0.2", "192.0.2.7"),
            ("10.0.0.1:9", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
            ("10.0.0.1:9", "192.0.2.7, nonsense", "10.0.0.1"),
            ("10.0.0.1:9", "", "10.0.0.1"),
            ("203.0.113.5:9", "192.0.2.7", "203.0.113.5"),
        ];
        for (near, forwarded, expected) in cases {
            let req = TestRequest::default()
                .peer_addr(near.parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded))
                .to_http_request();
            assert_eq!(peer(&req, &proxies).to_string(), expected, "{near} {forwarded:?}");
        }
    }
}
