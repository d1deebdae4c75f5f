//! What is looked at before a connection is upgraded.

use actix_web::HttpRequest;
use actix_web::http::header;

/// The cookie with the access token, named by the classic API.
const COOKIE: &str = "jwt";

/// Whether a page of this origin may open a socket: the server's own, or one of those allowed. A request
/// without an Origin comes from no browser (client protocol, section 1).
pub(crate) fn origin_allowed(req: &HttpRequest, allowed: &[String]) -> bool {
    let Some(origin) = req.headers().get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    if allowed.iter().any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let own = req.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let page = origin.split_once("://").map(|(_, host)| host);
    matches!((own, page), (Some(own), Some(page)) if own.eq_ignore_ascii_case(page))
}

/// The token that the request itself brings: in its `Authorization`, or in its cookie.
pub(crate) fn token(req: &HttpRequest) -> Option<String> {
    let bearer = req.headers().get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    bearer.or_else(|| req.cookie(COOKIE).map(|cookie| cookie.value().to_owned()))
}

/// One field of the query, decoded.
pub(crate) fn query(req: &HttpRequest, name: &str) -> Option<String> {
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(req.query_string()).ok()?;
    pairs.into_inner().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_page_opens_sockets_of_its_own_server_or_where_it_is_allowed() {
        let allowed = ["https://chat.example.org/".to_owned()];
        let cases = [
            (None, true),
            (Some("http://localhost:8080"), true),
            (Some("https://chat.example.org"), true),
            (Some("https://evil.example.org"), false),
            (Some("http://localhost"), false),
            (Some("null"), false),
        ];
        for (origin, expected) in cases {
            let mut req = TestRequest::default().insert_header((header::HOST, "localhost:8080"));
            if let Some(origin) = origin {
                req = req.insert_header((header::ORIGIN, origin));
            }
            assert_eq!(origin_allowed(&req.to_http_request(), &allowed), expected, "{origin:?}");
        }
    }
}
