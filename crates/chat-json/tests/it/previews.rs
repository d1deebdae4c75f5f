//! Previews of links, by one who looks at no page.

use std::sync::Arc;

use async_trait::async_trait;
use chat_core::{Chat, Preview, Previewer};
use chat_json::ErrorKind;
use serde_json::json;

use crate::support::{call, chat, profile};

/// Knows a title for each page but those that say nothing.
struct Titles;

#[async_trait]
impl Previewer for Titles {
    async fn preview(&self, url: &str) -> Option<Preview> {
        let (title, url) = (url.rsplit('/').next()?.to_owned(), url.to_owned());
        let image = (title == "b").then(|| "https://a.example/b.jpg".to_owned());
        let preview = Preview { url, title, description: String::new(), site_name: "A".to_owned(), image };
        (preview.title != "nothing").then_some(preview)
    }
}

fn chat_with_titles() -> Arc<Chat> {
    Arc::new(Arc::into_inner(chat()).unwrap().with_previewer(Arc::new(Titles)))
}

async fn sent(chat: &Arc<Chat>, user: i64, room: &str, text: &str) -> u64 {
    let request = json!({ "room": room, "text": text }).to_string();
    call(chat, user, "message.send", &request).await.unwrap()["offset"].as_u64().unwrap()
}

async fn titles(chat: &Arc<Chat>, user: i64, room: &str, offset: u64) -> Vec<String> {
    let request = json!({ "room": room, "offset": offset }).to_string();
    let items = call(chat, user, "preview.list", &request).await.unwrap()["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_links_of_a_message_have_previews() {
    let chat = chat_with_titles();
    call(&chat, 1, "room.create", r#"{"id":"general","name":"General"}"#).await.unwrap();
    let offset =
        sent(&chat, 1, "general", "[x](https://a.example/a), https://a.example/b `https://a.example/no`")
            .await;
    let request = json!({ "room": "general", "offset": offset }).to_string();
    assert_eq!(
        call(&chat, 2, "preview.list", &request).await.unwrap(),
        json!({"items": [
            {"url": "https://a.example/a", "title": "a", "description": "", "site_name": "A"},
            {"url": "https://a.example/b", "title": "b", "description": "", "site_name": "A",
             "image": "https://a.example/b.jpg"},
        ]})
    );
    let four = ["a", "nothing", "c", "d"].map(|page| format!("https://a.example/{page}")).join(" ");
    let offset = sent(&chat, 1, "general", &four).await;
    assert_eq!(titles(&chat, 2, "general", offset).await, ["a", "c"]);
    let twice =
        sent(&chat, 1, "general", "https://a.example/a https://a.example/a mailto:a@a.example ftp://a/b")
            .await;
    assert_eq!(titles(&chat, 2, "general", twice).await, ["a"]);
    let none = sent(&chat, 1, "general", "no link").await;
    assert!(titles(&chat, 2, "general", none).await.is_empty());
    let missing = call(&chat, 2, "preview.list", r#"{"room":"general","offset":99}"#).await.unwrap_err();
    assert_eq!(missing.code, "message_not_found");
    for (wrong, code) in [
        (r#"{"room":"general"}"#, "missing_field"),
        (r#"{"room":"general","offset":-1}"#, "wrong_type"),
        (r#"{"room":"no room","offset":1}"#, "room_malformed"),
        (r#"{"room":"general","offset":1,"url":"https://a.example"}"#, "unknown_field"),
    ] {
        assert_eq!(call(&chat, 1, "preview.list", wrong).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn only_those_have_previews_who_may_read_the_message() {
    let chat = chat_with_titles();
    call(&chat, 1, "room.create", r#"{"id":"own","name":"Own","kind":"private"}"#).await.unwrap();
    let offset = sent(&chat, 1, "own", "https://a.example/a").await;
    let request = json!({ "room": "own", "offset": offset }).to_string();
    assert_eq!(call(&chat, 2, "preview.list", &request).await.unwrap_err().code, "room_not_found");
    assert_eq!(titles(&chat, 1, "own", offset).await, ["a"]);
    call(&chat, 1, "message.delete", &request).await.unwrap();
    assert!(titles(&chat, 1, "own", offset).await.is_empty());
}

#[tokio::test]
async fn what_is_withheld_has_none_but_for_its_sender() {
    let chat = chat_with_titles();
    let opened = call(&chat, 1, "direct.open", r#"{"users":["2"]}"#).await.unwrap();
    let room = opened["id"].as_str().unwrap();
    call(&chat, 1, "block.add", r#"{"user":"2"}"#).await.unwrap();
    let offset = sent(&chat, 2, room, "https://a.example/a").await;
    assert!(titles(&chat, 1, room, offset).await.is_empty());
    assert_eq!(titles(&chat, 2, room, offset).await, ["a"]);
}

#[tokio::test]
async fn where_nobody_looks_there_are_none() {
    let chat = chat();
    let off = chat_json::call(&chat, &profile(1), "preview.list", r#"{"room":"general","offset":1}"#).await;
    let off = off.unwrap_err();
    assert_eq!((off.kind, off.code), (ErrorKind::NotFound, "previews_disabled"));
}
