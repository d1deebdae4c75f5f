//! The hook that judges messages, asked by the server.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::*;

/// A service that refuses what is loud, once; at the second question it is gone.
fn service() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/screen", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read(&mut stream);
        let verdict = r#"{"verdict":"refuse","reason":"not so loud"}"#;
        let length = verdict.len();
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all((head + verdict).as_bytes()).unwrap();
        request
    });
    (url, serving)
}

fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    while !request.ends_with("}}") {
        let length = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    request
}

#[tokio::test]
async fn the_hook_is_asked_and_messages_pass_when_it_is_away() {
    let place = Place::new();
    let (url, serving) = service();
    let server = start(place.server(&[
        ("CHAT_MODERATION__HOOK_URL", &url),
        ("CHAT_MODERATION__HOOK_SECRET", "a secret of many characters"),
    ]));
    let ann = server.enter("ann").await;
    server.post("/rooms", &ann, json!({ "id": "r", "name": "R" })).await;
    let send = async || server.post("/rooms/r/messages", &ann, json!({ "text": "LOUD" })).await;
    let (status, problem) = send().await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("text_refused")));
    assert_eq!(problem["detail"], "not so loud");
    let asked = serving.join().unwrap();
    assert!(asked.contains(r#""room":"r","sender":{"id":"1","username":"ann""#), "{asked}");
    assert_eq!(send().await.0, StatusCode::CREATED, "nobody is there to ask");
}

#[test]
fn a_hook_without_a_secret_or_an_address_stops_the_start() {
    for (environment, line) in [
        (vec![("CHAT_MODERATION__HOOK_URL", "http://127.0.0.1:1/")], "CHAT_MODERATION__HOOK_URL"),
        (vec![("CHAT_MODERATION__HOOK_URL", "nowhere")], "nowhere"),
        (vec![("CHAT_MODERATION__HOOK_SECRET", "short")], "CHAT_MODERATION__HOOK_SECRET"),
        (vec![("CHAT_MODERATION__HOOK_FAILURE", "perhaps")], "perhaps"),
        (vec![("CHAT_MODERATION__WORDS", "two words")], "two words"),
        (vec![("CHAT_MODERATION__WORDS_ACTION", "burn")], "burn"),
    ] {
        let (code, said) = refused(Place::bare().server(&environment));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(line), "{said}");
    }
}
