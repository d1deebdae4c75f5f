//! The page to chat in, where the server has it.

use std::fs;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};

use crate::support::*;

#[tokio::test]
async fn the_page_is_at_the_address_that_the_log_names() {
    let place = Place::new();
    let mut server = start(place.server(&[]));
    let page = server.client.get(&server.url).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let document = page.text().await.unwrap();
    let address = document.split('"').find(|text| text.starts_with("/web/")).unwrap();
    let file = server.client.get(format!("{}{address}", server.url)).send().await.unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    assert!(file.headers()["cache-control"].to_str().unwrap().ends_with("immutable"));
    let head = server.client.head(&server.url).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()["content-length"], document.len().to_string().as_str());

    // Beside it everything is where it was.
    let (status, problem) = server.call(Method::GET, "/rooms", "", None).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("unauthorized")));
    for path in ["/health/live", "/api/openapi.json", "/api/docs/"] {
        let answer = server.client.get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }

    let url = server.url.clone();
    server.signal("TERM");
    assert!(server.log().contains(&format!("open {url}/ in a browser")));
}

#[tokio::test]
async fn without_it_the_address_leads_to_the_browsable_api() {
    let place = Place::new();
    let mut server = start(place.server(&[("CHAT_WEB__ENABLED", "false")]));
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = client.get(&server.url).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/api/docs/");
    server.signal("TERM");
    assert!(!server.log().contains("in a browser"));
}

#[tokio::test]
async fn a_folder_is_served_in_its_place() {
    let place = Place::new();
    fs::create_dir(place.path().join("page")).unwrap();
    for text in ["<p>one", "<p>two"] {
        fs::write(place.path().join("page/index.html"), text).unwrap();
        let server = start(place.server(&[("CHAT_WEB__DIR", "page")]));
        assert_eq!(server.client.get(&server.url).send().await.unwrap().text().await.unwrap(), text);
        fs::write(place.path().join("page/index.html"), "<p>changed").unwrap();
        assert_eq!(server.client.get(&server.url).send().await.unwrap().text().await.unwrap(), "<p>changed");
    }
}

#[test]
fn a_folder_without_a_page_stops_the_start_with_one_line() {
    let place = Place::new();
    let (code, told) = refused(place.server(&[("CHAT_WEB__DIR", "nowhere")]));
    assert_eq!(code, Some(1));
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("web.dir")).collect();
    assert_eq!(lines.len(), 1, "{told}");
    assert!(lines[0].contains("nowhere/index.html"), "{told}");
}
