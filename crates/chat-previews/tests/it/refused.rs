//! Where nobody looks.

use std::net::IpAddr;
use std::sync::Arc;

use chat_previews::{Policy, Previews, PublicInternet, Refusal, Settings, SystemResolver};

use crate::support::{Names, Only, Site, html, redirect, settings};

/// The addresses of the public internet, at any port: those of servers of tests are not to be chosen.
struct AnyPort;

impl Policy for AnyPort {
    fn allows_address(&self, address: IpAddr) -> bool {
        PublicInternet.allows_address(address)
    }

    fn allows_port(&self, _: u16) -> bool {
        true
    }
}

fn only_first(names: Arc<Names>) -> Previews {
    Previews::with(settings(), Arc::new(Only(vec!["127.0.0.1".parse().unwrap()])), names).unwrap()
}

#[tokio::test]
async fn this_machine_is_refused_by_default() {
    let site = Site::of(html("<title>secret</title>")).await;
    let port = site.address.port();
    let by_system = Previews::with(settings(), Arc::new(AnyPort), Arc::new(SystemResolver)).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
        "localhost",
    ] {
        let found = by_system.look(&format!("http://{host}:{port}/")).await;
        assert_eq!(found, Err(Refusal::Forbidden), "{host}");
    }
    // Names that lead inside, also beside an address outside.
    for answers in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["8.8.8.8", "127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["169.254.169.254"],
    ] {
        let by_name = Previews::with(settings(), Arc::new(AnyPort), Names::new(&[answers])).unwrap();
        let found = by_name.look(&site.url("inside.example", "/")).await;
        assert_eq!(found, Err(Refusal::Forbidden), "{answers:?}");
    }
    // And the port is not one of the web.
    let default = Previews::new(Settings::default()).unwrap();
    assert_eq!(default.look(&format!("http://127.0.0.1:{port}/")).await, Err(Refusal::Link));
    assert_eq!(default.look("http://127.0.0.1/").await, Err(Refusal::Forbidden));
    assert_eq!(default.look("http://localhost/").await, Err(Refusal::Forbidden));
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn what_was_checked_is_what_is_connected_to() {
    // A name whose address changes as soon as it was asked for: were it looked up again to connect, this would be inside.
    let outside = Site::of(html("<title>outside</title>")).await;
    let inside =
        Site::at(([127, 0, 0, 2], outside.address.port()).into(), |_| html("<title>secret</title>")).await;
    let names = Names::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let previews = only_first(names.clone());
    assert_eq!(previews.look(&outside.url("changes.example", "/1")).await.unwrap().title, "outside");
    assert_eq!(*names.asked.lock().unwrap(), ["changes.example"]);
    // The next page is a connection of its own, and the name is checked anew.
    assert_eq!(previews.look(&outside.url("changes.example", "/2")).await, Err(Refusal::Forbidden));
    assert_eq!((outside.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn a_page_that_leads_inside_is_not_followed() {
    let inside = Site::at(([127, 0, 0, 2], 0).into(), |_| html("<title>secret</title>")).await;
    let port = inside.address.port();
    for (location, expected) in [
        (format!("http://127.0.0.2:{port}/"), Refusal::Forbidden),
        (format!("//127.0.0.2:{port}/"), Refusal::Forbidden),
        (format!("http://2130706434:{port}/"), Refusal::Forbidden),
        (format!("http://inside.example:{port}/"), Refusal::Forbidden),
        (format!("http://a:b@outside.example:{port}/"), Refusal::Link),
        ("file:///etc/passwd".to_owned(), Refusal::Link),
        ("gopher://127.0.0.2/".to_owned(), Refusal::Link),
    ] {
        let outside = Site::new(move |_| redirect(302, &location)).await;
        // The first look-up is of the page, the second of where it leads.
        let previews = only_first(Names::new(&[&["127.0.0.1"], &["127.0.0.2"]]));
        assert_eq!(previews.look(&outside.url("outside.example", "/")).await, Err(expected));
    }
    // The same name, which has moved inside meanwhile.
    let outside = Site::new(|_| redirect(302, "/next")).await;
    let previews = only_first(Names::new(&[&["127.0.0.1"], &["127.0.0.2"]]));
    assert_eq!(previews.look(&outside.url("moves.example", "/")).await, Err(Refusal::Forbidden));
    assert_eq!((outside.connections(), inside.connections()), (1, 0));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_not_reached() {
    let site = Site::of(html("<title>a</title>")).await;
    let previews = only_first(Names::new(&[&[]]));
    assert_eq!(previews.look(&site.url("nobody.example", "/")).await, Err(Refusal::Unreachable));
    drop(site);
}
