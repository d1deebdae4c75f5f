//! The files that are built in.

use actix_web::http::Method;
use chat_web::Page;

use crate::support::*;

/// The addresses of the document's files.
fn addresses(document: &str) -> Vec<String> {
    let quoted = document.split('"').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with("/web/")).map(str::to_owned).collect()
}

#[actix_rt::test]
async fn the_document_is_asked_for_anew_and_its_files_are_kept_for_a_year() {
    let page = Page::built_in();
    let document = get(&page, "/").await;
    assert_eq!(document.status, 200);
    is_strict(&document);
    assert_eq!(document.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(document.header("cache-control"), "no-cache");
    assert_eq!(document.header("etag"), format!("W/\"{}\"", page.hash().unwrap()));

    let addresses = addresses(document.text());
    assert!(addresses.iter().any(|address| address.ends_with(".js")), "{}", document.text());
    assert!(addresses.iter().any(|address| address.ends_with(".css")), "{}", document.text());
    for address in addresses {
        assert!(address.starts_with(&format!("/web/{}/", page.hash().unwrap())), "{address}");
        let file = get(&page, &address).await;
        assert_eq!(file.status, 200, "{address}");
        is_strict(&file);
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        let kind = match address.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "webmanifest" => "application/manifest+json",
            other => panic!("{other}"),
        };
        assert_eq!(file.header("content-type"), kind, "{address}");
    }
}

#[actix_rt::test]
async fn a_client_that_has_the_document_is_not_sent_it_again() {
    let page = Page::built_in();
    let tag = get(&page, "/").await.header("etag").to_owned();
    let strong = tag.trim_start_matches("W/").to_owned();
    for known in [&tag, &strong, &format!("\"other\", {tag}"), "*"] {
        let again = call(&page, Method::GET, "/", &[("If-None-Match", known)]).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{known}");
        is_strict(&again);
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), "no-cache");
        assert_eq!(again.header("vary"), "Accept-Encoding");
    }
    for unknown in ["W/\"0123456789abcdef\"", "", "no tag"] {
        let again = call(&page, Method::GET, "/", &[("If-None-Match", unknown)]).await;
        assert_eq!(again.status, 200, "{unknown}");
    }
}

#[actix_rt::test]
async fn whoever_unpacks_gets_it_packed() {
    let page = Page::built_in();
    let plain = get(&page, "/").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
    for accepted in
        ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1", "identity;q=0.5, gzip"]
    {
        let packed = call(&page, Method::GET, "/", &[("Accept-Encoding", accepted)]).await;
        assert_eq!(packed.status, 200, "{accepted}");
        assert_eq!(packed.header("content-encoding"), "gzip", "{accepted}");
        assert_eq!(packed.header("vary"), "Accept-Encoding");
        assert_eq!(packed.header("content-type"), plain.header("content-type"));
        assert_eq!(packed.header("etag"), plain.header("etag"));
        assert_eq!(packed.bytes[..2], [0x1f, 0x8b]);
        assert!(packed.bytes.len() < plain.bytes.len());
        is_strict(&packed);
    }
    for accepted in ["", "identity", "br", "deflate", "gzip;q=0", "gzip;q=0, identity;q=0", "gzip;q=x"] {
        let other = call(&page, Method::GET, "/", &[("Accept-Encoding", accepted)]).await;
        assert_eq!(other.status, 200, "{accepted}");
        assert_eq!(other.header("content-encoding"), "", "{accepted}");
        assert_eq!(other.bytes, plain.bytes);
    }
}

#[actix_rt::test]
async fn only_reading_is_possible() {
    let page = Page::built_in();
    let file = format!("/web/{}/none.js", page.hash().unwrap());
    for path in ["/", &file] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let reply = call(&page, method.clone(), path, &[]).await;
            assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET, HEAD"), "{method} {path}");
            is_strict(&reply);
        }
    }
    let head = call(&page, Method::HEAD, "/", &[]).await;
    assert_eq!((head.status.as_u16(), head.header("cache-control")), (200, "no-cache"));
}

#[actix_rt::test]
async fn there_is_nothing_but_the_files_of_this_version() {
    let page = Page::built_in();
    let hash = page.hash().unwrap();
    let document = get(&page, "/").await;
    let address = addresses(document.text()).remove(0);
    let path = address.strip_prefix(&format!("/web/{hash}/")).unwrap();
    let addresses = [
        format!("/web/{path}"),
        format!("/web/0123456789abcdef/{path}"),
        format!("/web/{hash}{path}"),
        format!("/web/{hash}//{path}"),
        format!("/web/{hash}/{path}/"),
        format!("/web/{hash}/./{path}"),
        format!("/web/{hash}/../{hash}/{path}"),
        format!("/web/{hash}/%2e%2e/{hash}/{path}"),
        format!("/web/{hash}/..%2f..%2fCargo.toml"),
        format!("/web/{hash}/../../Cargo.toml"),
        format!("/web/{hash}/index.html"),
        format!("/web/{hash}/"),
        format!("/web/{hash}"),
        "/web/".to_owned(),
        "/web/../../../../etc/passwd".to_owned(),
        "/web//etc/passwd".to_owned(),
    ];
    for address in addresses {
        let reply = get(&page, &address).await;
        assert_eq!(reply.status, 404, "{address}");
        is_strict(&reply);
        assert_eq!(reply.header("cache-control"), "no-store", "{address}");
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.text(), "there is no such file\n");
    }
}

#[actix_rt::test]
async fn the_rest_of_the_application_is_left_alone() {
    let page = Page::built_in();
    let rest = get(&page, "/api/v1/rooms").await;
    assert_eq!((rest.status.as_u16(), rest.text()), (200, "the rest of the application"));
    assert!(!rest.headers.contains_key("content-security-policy"));
    assert_eq!(get(&page, "/index.html").await.status, 404);
}
