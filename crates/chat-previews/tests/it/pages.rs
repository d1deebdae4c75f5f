//! What is told of pages.

use std::io::Write;
use std::time::Duration;

use chat_core::Preview;
use chat_previews::{Refusal, Settings};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Answer, Site, head, html, page, previews, redirect, settings};

#[tokio::test]
async fn a_page_is_told_in_its_own_words() {
    let site = Site::of(html(
        "<html><head><title>Plain</title><meta property=og:title content='Tea'>
         <meta property=og:description content='How to make it'><meta property=og:site_name content=Example>
         <meta property=og:image content='/tea.jpg'></head>",
    ))
    .await;
    let link = site.url("tea.example", "/a#b");
    let preview = previews(settings()).look(&link).await.unwrap();
    let [title, description, site_name] = ["Tea", "How to make it", "Example"].map(str::to_owned);
    let image = Some(site.url("tea.example", "/tea.jpg"));
    assert_eq!(preview, Preview { url: link, title, description, site_name, image });
    // The picture was not asked for, and nothing but the page is told of who asks.
    let [request] = &site.requests()[..] else { panic!("{:?}", site.requests()) };
    let mut lines: Vec<String> = request.trim_end().lines().map(str::to_ascii_lowercase).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "accept-encoding: gzip".to_owned(),
            "accept: text/html".to_owned(),
            "connection: close".to_owned(),
            "get /a http/1.1".to_owned(),
            format!("host: tea.example:{}", site.address.port()),
            format!("user-agent: {}", settings().user_agent.to_ascii_lowercase()),
        ]
    );
}

#[tokio::test]
async fn pictures_are_elsewhere_on_the_web_or_nowhere() {
    for (image, expected) in [
        ("https://127.0.0.1/a.jpg", Some("https://127.0.0.1/a.jpg")),
        ("http://tea.example/a.jpg", Some("http://tea.example/a.jpg")),
        ("javascript:steal()", None),
        ("data:image/png;base64,x", None),
        ("file:///etc/passwd", None),
        ("https://a:b@tea.example/a.jpg", None),
        ("http://127.0.0.2/", None),
        ("http://192.168.0.1/", None),
        (" ", None),
    ] {
        let site =
            Site::of(html(format!("<title>a</title><meta property=og:image content='{image}'>"))).await;
        let preview = previews(settings()).look(&site.url("tea.example", "/")).await.unwrap();
        assert_eq!(preview.image.as_deref(), expected);
    }
}

#[tokio::test]
async fn only_html_is_read() {
    let body = "<title>a</title>";
    for (answer, expected) in [
        (page("text/html", body), Ok("a")),
        (page("TEXT/HTML;x=y", body), Ok("a")),
        (page("text/plain", body), Err(Refusal::NotHtml)),
        (page("image/png", body), Err(Refusal::NotHtml)),
        (page("application/json", body), Err(Refusal::NotHtml)),
        (page("text/htmlx", body), Err(Refusal::NotHtml)),
        (page("", body), Err(Refusal::NotHtml)),
        (page("text/html\r\nContent-Encoding: br", body), Err(Refusal::NotHtml)),
        (html("no title"), Err(Refusal::Untitled)),
        (html(""), Err(Refusal::Untitled)),
        (html(b"\xff\xfe\x00\xff<title>"), Err(Refusal::Untitled)),
        (
            Answer::Bytes(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
            Err(Refusal::Status(404)),
        ),
        (Answer::Bytes(b"HTTP/1.1 204 Nothing\r\n\r\n".to_vec()), Err(Refusal::Status(204))),
        (Answer::Bytes(b"HTTP/1.1 304 Same\r\n\r\n".to_vec()), Err(Refusal::Status(304))),
        (Answer::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), Err(Refusal::Unreachable)),
        (Answer::Bytes(Vec::new()), Err(Refusal::Unreachable)),
        (
            Answer::Bytes(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<title>a</title>"
                    .to_vec(),
            ),
            Err(Refusal::Unreachable),
        ),
    ] {
        let site = Site::of(answer).await;
        let found = previews(settings()).look(&site.url("tea.example", "/")).await;
        assert_eq!(found.map(|preview| preview.title), expected.map(str::to_owned), "{:?}", site.requests());
    }
}

#[tokio::test]
async fn the_encoding_is_read_from_the_header_too() {
    let site = Site::of(page("text/html; charset=windows-1251", b"<title>\xd7\xe0\xe9</title>")).await;
    assert_eq!(previews(settings()).look(&site.url("tea.example", "/")).await.unwrap().title, "Чай");
    // A wrong name is no reason to fail.
    let site = Site::of(page("text/html; charset=utf-16", "<title>tea</title>")).await;
    assert!(previews(settings()).look(&site.url("tea.example", "/")).await.is_err());
}

#[tokio::test]
async fn of_a_page_without_end_the_beginning_is_read() {
    let first = [head("text/html").as_bytes(), b"<title>a</title>"].concat();
    let site = Site::of(Answer::Endless(first, vec![b' '; 1024])).await;
    assert_eq!(previews(settings()).look(&site.url("tea.example", "/")).await.unwrap().title, "a");
    // The connection was not kept.
    site.until(1, 1).await;

    let late = format!("{}<title>a</title>", " ".repeat(5000));
    for (max_bytes, expected) in
        [(5016, Ok("a")), (5015, Err(Refusal::Untitled)), (10, Err(Refusal::Untitled))]
    {
        let site = Site::of(html(&late)).await;
        let found = previews(Settings { max_bytes, ..settings() }).look(&site.url("tea.example", "/")).await;
        assert_eq!(found.map(|preview| preview.title), expected.map(str::to_owned), "{max_bytes}");
    }
}

#[tokio::test]
async fn bytes_are_counted_unpacked() {
    let packed = |before: &str, zeros: usize, after: &str| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(before.as_bytes()).unwrap();
        let piece = vec![b' '; 1 << 20];
        for _ in 0..zeros {
            packer.write_all(&piece).unwrap();
        }
        packer.write_all(after.as_bytes()).unwrap();
        page("text/html\r\nContent-Encoding: gzip", packer.finish().unwrap())
    };
    for (answer, expected) in [
        (packed("<title>a</title>", 0, ""), Ok("a")),
        // 16 MiB in some 16 KiB.
        (packed("<title>a</title>", 16, ""), Ok("a")),
        (packed("", 16, "<title>a</title>"), Err(Refusal::Untitled)),
        (page("text/html\r\nContent-Encoding: gzip", "not packed"), Err(Refusal::Unreachable)),
    ] {
        let site = Site::of(answer).await;
        let found = previews(settings()).look(&site.url("tea.example", "/")).await;
        assert_eq!(found.map(|preview| preview.title), expected.map(str::to_owned));
    }
}

#[tokio::test]
async fn a_page_that_takes_its_time_is_given_up() {
    let title = "<title>a</title>";
    for begun in
        [String::new(), "HTTP/1.1 200 OK\r\n".to_owned(), head("text/html"), head("text/html") + title]
    {
        let site = Site::of(Answer::Hang(begun.into_bytes())).await;
        let previews = previews(Settings { timeout: Duration::from_millis(300), ..settings() });
        assert_eq!(previews.look(&site.url("tea.example", "/")).await, Err(Refusal::Timeout));
        site.until(1, 1).await;
    }
}

#[tokio::test]
async fn a_page_may_lead_on_three_times() {
    let site = Site::new(|path| match path {
        "/1" => redirect(301, "/2"),
        "/2" => redirect(302, "/3#x"),
        "/3" => redirect(307, "/4"),
        "/4" => html("<title>a</title><meta property=og:image content=b.jpg>"),
        "/0" => redirect(308, "/1"),
        "/loop" => redirect(303, "/loop"),
        "/nowhere" => Answer::Bytes(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
        _ => redirect(302, "ftp://tea.example/"),
    })
    .await;
    let previews = previews(settings());
    let preview = previews.look(&site.url("tea.example", "/1")).await.unwrap();
    assert_eq!(
        (preview.url, preview.image),
        (site.url("tea.example", "/1"), Some(site.url("tea.example", "/b.jpg")))
    );
    // Nobody is told where one comes from, and no cookie is kept.
    for request in site.requests() {
        let request = request.to_ascii_lowercase();
        assert!(!request.contains("cookie") && !request.contains("referer"), "{request}");
    }
    for (path, expected) in [
        ("/0", Refusal::Redirects),
        ("/loop", Refusal::Redirects),
        ("/nowhere", Refusal::Unreachable),
        ("/ftp", Refusal::Link),
    ] {
        assert_eq!(previews.look(&site.url("tea.example", path)).await, Err(expected), "{path}");
    }
    assert_eq!(site.requests().iter().filter(|request| request.starts_with("GET /loop ")).count(), 4);
}
