//! What is asked for once, and how much is asked for at all.

use std::sync::Arc;
use std::time::Duration;

use chat_core::Previewer;
use chat_previews::{Refusal, Settings};
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::support::{Answer, Site, head, html, previews, settings};

fn title() -> Vec<u8> {
    (head("text/html") + "<title>a</title>").into_bytes()
}

#[tokio::test]
async fn those_who_ask_at_once_get_one_answer() {
    let gate = Arc::new(Notify::new());
    let site = Site::of(Answer::Held(gate.clone(), title())).await;
    let previews = previews(settings());
    let links: Vec<String> = (0..20).map(|number| site.url("tea.example", &format!("/a#{number}"))).collect();
    let open = async {
        site.until(1, 0).await;
        gate.notify_one();
    };
    let (found, ()) = tokio::join!(join_all(links.iter().map(|link| previews.look(link))), open);
    for (link, found) in links.iter().zip(found) {
        // Each has its own link, although the page is the same.
        assert_eq!(found.unwrap().url, *link);
    }
    assert_eq!(site.requests().len(), 1);
}

#[tokio::test]
async fn what_is_known_is_not_asked_for_again() {
    let site = Site::new(|path| match path {
        "/a" => html("<title>a</title>"),
        _ => Answer::Bytes(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()),
    })
    .await;
    let kept = previews(settings());
    for _ in 0..3 {
        assert_eq!(kept.preview(&site.url("tea.example", "/a")).await.unwrap().title, "a");
        assert_eq!(kept.look(&site.url("tea.example", "/b")).await, Err(Refusal::Status(500)));
        assert_eq!(kept.preview(&site.url("tea.example", "/b")).await, None);
    }
    assert_eq!(site.requests().len(), 2);

    let forgetful =
        previews(Settings { cache_term: Duration::ZERO, failure_term: Duration::ZERO, ..settings() });
    for path in ["/a", "/a", "/b", "/b"] {
        let _ = forgetful.look(&site.url("tea.example", path)).await;
    }
    assert_eq!(site.requests().len(), 6);
    let small = previews(Settings { cache_entries: 1, ..settings() });
    for path in ["/a", "/b", "/a"] {
        let _ = small.look(&site.url("tea.example", path)).await;
    }
    assert_eq!(site.requests().len(), 9);
}

#[tokio::test]
async fn only_so_many_pages_are_waited_for() {
    let gate = Arc::new(Notify::new());
    let site = Site::of(Answer::Held(gate.clone(), title())).await;
    let previews = previews(Settings { concurrency: 1, queue: 1, ..settings() });
    let urls = ["/1", "/2", "/3"].map(|path| site.url("tea.example", path));
    let looks = async {
        // The first has its turn, the second waits for it, the third is one too many and not held against it.
        let first = previews.look(&urls[0]);
        let second = previews.look(&urls[1]);
        let third = async {
            site.until(1, 0).await;
            let refused = previews.look(&urls[2]).await;
            assert_eq!(site.connections(), 1);
            gate.notify_one();
            site.until(2, 0).await;
            gate.notify_one();
            refused
        };
        tokio::join!(first, second, third)
    };
    let (first, second, third) = looks.await;
    assert_eq!((first.unwrap().title.as_str(), second.unwrap().title.as_str()), ("a", "a"));
    assert_eq!(third, Err(Refusal::Busy));
    let again = async {
        site.until(3, 0).await;
        gate.notify_one();
    };
    let (third, ()) = tokio::join!(previews.look(&urls[2]), again);
    assert_eq!(third.unwrap().title, "a");
}

#[tokio::test]
async fn whoever_stops_waiting_stops_nobody_else() {
    let gate = Arc::new(Notify::new());
    let site = Site::of(Answer::Held(gate.clone(), title())).await;
    let previews = previews(Settings { concurrency: 1, queue: 0, ..settings() });
    let url = site.url("tea.example", "/");
    let look = || {
        let (previews, url) = (previews.clone(), url.clone());
        tokio::spawn(async move { previews.look(&url).await })
    };
    let (first, second) = (look(), look());
    site.until(1, 0).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.notify_one();
    assert_eq!(second.await.unwrap().unwrap().title, "a");
    assert_eq!(site.connections(), 1);

    // When nobody waits, nobody asks; and the place is free again.
    let other = site.url("tea.example", "/other");
    let (asking, asked) = (previews.clone(), other.clone());
    let alone = tokio::spawn(async move { asking.look(&asked).await });
    site.until(2, 1).await;
    alone.abort();
    assert!(alone.await.unwrap_err().is_cancelled());
    site.until(2, 2).await;
    let again = async {
        site.until(3, 2).await;
        gate.notify_one();
    };
    let (found, ()) = tokio::join!(previews.look(&other), again);
    assert_eq!(found.unwrap().title, "a");
}
