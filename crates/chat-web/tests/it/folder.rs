//! A folder on the disk, for whoever works on the page.

use std::fs;
use std::path::Path;

use actix_web::http::Method;
use chat_web::{Page, WebError};
use tempfile::TempDir;

use crate::support::*;

const DOCUMENT: &str = "<script src=\"web/app.js\"></script>";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("web/languages")).unwrap();
    fs::create_dir(folder.path().join("web/.hidden")).unwrap();
    for (path, text) in [
        ("secret.txt", "secret"),
        ("web/index.html", DOCUMENT),
        ("web/app.js", "one()"),
        ("web/languages/de.js", "export {}"),
        ("web/.hidden/a.js", "secret"),
    ] {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

fn page(folder: &TempDir) -> Page {
    Page::in_folder(&folder.path().join("web")).unwrap()
}

#[actix_rt::test]
async fn a_change_is_seen_at_once() {
    let folder = folder();
    let page = page(&folder);
    assert_eq!(page.hash(), None);
    let document = get(&page, "/").await;
    assert_eq!((document.status.as_u16(), document.text()), (200, DOCUMENT));
    for text in ["two()", "three()"] {
        fs::write(folder.path().join("web/app.js"), text).unwrap();
        let file = call(&page, Method::GET, "/web/app.js", &[("Accept-Encoding", "gzip")]).await;
        assert_eq!((file.status.as_u16(), file.text()), (200, text));
        assert_eq!(file.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!((file.header("cache-control"), file.header("etag")), ("no-store", ""));
        is_strict(&file);
    }
    fs::write(folder.path().join("web/new.css"), "a {}").unwrap();
    assert_eq!(get(&page, "/web/new.css").await.text(), "a {}");
    assert_eq!(get(&page, "/web/languages/de.js").await.text(), "export {}");
    fs::remove_file(folder.path().join("web/index.html")).unwrap();
    assert_eq!(get(&page, "/").await.status, 404);
}

#[actix_rt::test]
async fn nothing_outside_of_it_can_be_reached() {
    let folder = folder();
    let page = page(&folder);
    let absolute = format!("/web/{}", folder.path().join("secret.txt").display());
    for address in [
        "/web/../secret.txt",
        "/web/..%2fsecret.txt",
        "/web/%2e%2e/secret.txt",
        "/web/%2e%2e%2fsecret.txt",
        "/web/languages/../../secret.txt",
        "/web/..\\secret.txt",
        "/web/%00",
        "/web/.hidden/a.js",
        "/web/languages",
        "/web/languages/",
        "/web/",
        "/web/none.js",
        &absolute,
    ] {
        let reply = get(&page, address).await;
        assert_eq!(reply.status, 404, "{address}: {}", reply.text());
        is_strict(&reply);
    }
}

#[test]
fn a_folder_without_a_document_is_none() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("wrong/index.html")).unwrap();
    for path in [folder.path(), &folder.path().join("none"), &folder.path().join("wrong"), Path::new("")] {
        let Err(WebError::Index { path: told, .. }) = Page::in_folder(path).map(drop) else {
            panic!("{}", path.display());
        };
        assert_eq!(told, path.join("index.html"));
    }
}
