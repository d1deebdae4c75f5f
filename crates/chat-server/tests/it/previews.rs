//! Previews of links, by the server as it is.

use std::net::TcpListener;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn the_server_looks_at_pages_where_that_is_switched_on_and_never_inside() {
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let links = format!("http://{0} http://127.0.0.1/ http://localhost/", inside.local_addr().unwrap());
    for (enabled, status, code) in
        [("true", StatusCode::OK, None), ("false", StatusCode::NOT_FOUND, Some("previews_disabled"))]
    {
        let place = Place::new();
        let server = start(place.server(&[("CHAT_PREVIEWS__ENABLED", enabled)]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        let sent = server.post("/rooms/r/messages", &token, json!({ "text": links })).await;
        assert_eq!(sent.0, StatusCode::CREATED);
        let listed = server.call(Method::GET, "/rooms/r/messages/2/previews", &token, None).await;
        assert_eq!(listed.0, status);
        match code {
            None => assert_eq!(listed.1, json!({ "items": [] })),
            Some(code) => assert_eq!(listed.1["code"], code),
        }
        // An address that nothing leads to is the same for all.
        let other = server.call(Method::GET, "/rooms/r/messages/9/previews", &token, None).await;
        assert_eq!(other.1["code"], code.unwrap_or("message_not_found"));
    }
    // Nobody has come.
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
