//! The calls by their names, over a chat in memory.

use std::time::Duration;

use chat_core::{Limits, Rate};
use chat_json::{ErrorKind, METHODS};
use serde_json::{Value, json};

use crate::support::{call, chat, chat_with, profile};

#[tokio::test]
async fn a_room_lives_through_all_its_calls() {
    let chat = chat();
    let made = call(&chat, 1, "room.create", r#"{"id":"general","name":"General"}"#).await.unwrap();
    assert_eq!(made["kind"], "public");
    assert_eq!(made["role"], "owner");
    assert_eq!((&made["offset"], &made["member_count"], &made["owner"]), (&json!(1), &json!(1), &json!("1")));

    let got = call(&chat, 2, "room.get", r#"{"room":"general"}"#).await.unwrap();
    assert_eq!(got["role"], Value::Null);
    let member = call(&chat, 2, "room.join", r#"{"room":"general"}"#).await.unwrap();
    assert_eq!((&member["user"]["id"], &member["role"]), (&json!("2"), &json!("member")));
    let member = call(&chat, 1, "member.set", r#"{"room":"general","user":"2","role":"moderator"}"#).await;
    assert_eq!(member.unwrap()["role"], "moderator");
    let changed = call(&chat, 2, "room.change", r#"{"room":"general","topic":"all"}"#).await.unwrap();
    assert_eq!((&changed["topic"], &changed["role"]), (&json!("all"), &json!("moderator")));
    let added = call(&chat, 2, "member.add", r#"{"room":"general","user":"3","role":"reader"}"#).await;
    assert_eq!(added.unwrap()["role"], "reader");

    let sent = call(&chat, 1, "message.send", r#"{"room":"general","text":"hi","data":{"a": 1}}"#).await;
    let sent = sent.unwrap();
    assert_eq!((&sent["offset"], &sent["data"]), (&json!(6), &json!({"a": 1})));
    let got = call(&chat, 3, "message.get", r#"{"room":"general","offset":6}"#).await.unwrap();
    assert_eq!(got, sent);

    assert_eq!(call(&chat, 1, "member.remove", r#"{"room":"general","user":"3"}"#).await.unwrap(), json!({}));
    assert_eq!(call(&chat, 2, "room.leave", r#"{"room":"general"}"#).await.unwrap(), json!({}));
    let members = call(&chat, 1, "member.list", r#"{"room":"general"}"#).await.unwrap();
    assert_eq!(members["items"].as_array().unwrap().len(), 1);

    let log = call(&chat, 1, "event.list", r#"{"room":"general"}"#).await.unwrap();
    let words: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        words,
        [
            "member.joined",
            "member.joined",
            "member.changed",
            "room.changed",
            "member.joined",
            "message.created",
            "member.left",
            "member.left"
        ]
    );
    assert_eq!(call(&chat, 1, "room.delete", r#"{"room":"general"}"#).await.unwrap(), json!({}));
    assert_eq!(call(&chat, 1, "room.get", r#"{"room":"general"}"#).await.unwrap_err().code, "room_not_found");
    assert_eq!(call(&chat, 1, "room.list", "").await.unwrap(), json!({"items": [], "next": null}));
}

#[tokio::test]
async fn each_refusal_has_its_word() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    call(&chat, 1, "room.create", r#"{"id":"closed","name":"Closed","kind":"private"}"#).await.unwrap();
    call(&chat, 1, "member.add", r#"{"room":"open","user":"3","role":"reader"}"#).await.unwrap();
    for (user, method, data, kind, code) in [
        (1, "room.create", r#"{"id":"open","name":"x"}"#, ErrorKind::Conflict, "room_exists"),
        (1, "room.create", r#"{"name":" "}"#, ErrorKind::Invalid, "name_empty"),
        (1, "room.create", r#"{"name":"a\u0007"}"#, ErrorKind::Invalid, "name_forbidden_character"),
        (1, "room.create", r#"{"name":" ","topic":" "}"#, ErrorKind::Invalid, "invalid"),
        (2, "room.get", r#"{"room":"closed"}"#, ErrorKind::NotFound, "room_not_found"),
        (2, "room.join", r#"{"room":"closed"}"#, ErrorKind::NotFound, "room_not_found"),
        (2, "room.change", r#"{"room":"open"}"#, ErrorKind::Forbidden, "not_a_member"),
        (3, "room.change", r#"{"room":"open"}"#, ErrorKind::Forbidden, "forbidden"),
        (3, "message.send", r#"{"room":"open","text":"x"}"#, ErrorKind::Forbidden, "forbidden"),
        (2, "message.send", r#"{"room":"open","text":"x"}"#, ErrorKind::Forbidden, "not_a_member"),
        (1, "message.send", r#"{"room":"open","text":" "}"#, ErrorKind::Invalid, "text_empty"),
        (
            1,
            "message.send",
            r#"{"room":"open","text":"x","reply_to":99}"#,
            ErrorKind::Invalid,
            "reply_to_unknown",
        ),
        (1, "message.get", r#"{"room":"open","offset":99}"#, ErrorKind::NotFound, "message_not_found"),
        (1, "message.get", r#"{"room":"open","offset":1}"#, ErrorKind::NotFound, "message_not_found"),
        (1, "room.leave", r#"{"room":"open"}"#, ErrorKind::Conflict, "owner_required"),
        (1, "member.remove", r#"{"room":"open","user":"5"}"#, ErrorKind::NotFound, "member_not_found"),
        (1, "member.add", r#"{"room":"open","user":"12"}"#, ErrorKind::Invalid, "user_unknown"),
        (1, "member.add", r#"{"room":"open","user":"9"}"#, ErrorKind::Unavailable, "unavailable"),
        (
            1,
            "member.add",
            r#"{"room":"open","user":"4","role":"owner"}"#,
            ErrorKind::Invalid,
            "role_malformed",
        ),
        (
            2,
            "member.add",
            r#"{"room":"open","user":"2","role":"owner"}"#,
            ErrorKind::Invalid,
            "role_malformed",
        ),
        (1, "room.list", r#"{"limit":0}"#, ErrorKind::Invalid, "limit_malformed"),
        (1, "room.list", r#"{"limit":201}"#, ErrorKind::Invalid, "limit_malformed"),
        (
            1,
            "message.list",
            r#"{"room":"open","before":1,"after":1}"#,
            ErrorKind::Invalid,
            "before_malformed",
        ),
        (1, "room.fly", "{}", ErrorKind::UnknownMethod, "unknown_method"),
        (1, "room.get", "", ErrorKind::Malformed, "missing_field"),
    ] {
        let error = call(&chat, user, method, data).await.unwrap_err();
        assert_eq!((error.kind, error.code), (kind, code), "{method} {data}: {error}");
        assert_eq!(error.kind == ErrorKind::Unavailable, error.retry_after.is_some());
    }
    let long = format!(r#"{{"room":"open","text":"{}"}}"#, "x".repeat(16 * 1024 + 1));
    let error = call(&chat, 1, "message.send", &long).await.unwrap_err();
    assert_eq!(error.code, "text_too_long");
    assert_eq!((error.errors[0].field.as_str(), error.errors[0].code), ("text", "too_long"));
    let limit = call(&chat, 1, "room.list", r#"{"limit":201}"#).await.unwrap_err();
    assert_eq!(limit.detail, "limit must be a whole number from 1 to 200");
}

#[tokio::test]
async fn too_many_messages_say_when_to_go_on() {
    let rate = Rate { per_minute: 1, burst: 1 };
    let chat = chat_with(Limits { messages: Some(rate), ..Limits::default() });
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    call(&chat, 1, "message.send", r#"{"room":"open","text":"x"}"#).await.unwrap();
    let error = call(&chat, 1, "message.send", r#"{"room":"open","text":"x"}"#).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::TooManyRequests, "too_many_requests"));
    assert!(error.retry_after.unwrap() > Duration::ZERO);
}

#[tokio::test]
async fn messages_have_the_order_of_the_calls_whenever_their_futures_are_polled() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    let first = chat_json::call(&chat, &profile(1), "message.send", r#"{"room":"open","text":"first"}"#);
    let open = "open".parse().unwrap();
    let second = chat_json::send(&chat, &profile(1), &open, r#"{"text":"second"}"#).unwrap();
    let (second, repeated) = second.await.unwrap();
    let first: Value = serde_json::from_str(&first.await.unwrap()).unwrap();
    assert_eq!((&first["offset"], second.offset.get(), repeated), (&json!(2), 3, false));
}

#[tokio::test]
async fn a_repeated_send_answers_the_first_ones_message() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    let data = r#"{"room":"open","text":"once","client_id":"c1"}"#;
    let first = call(&chat, 1, "message.send", data).await.unwrap();
    assert_eq!(call(&chat, 1, "message.send", data).await.unwrap(), first);
}

/// Follows `next` to the end and gives the offsets of each page.
async fn pages(
    chat: &std::sync::Arc<chat_core::Chat>,
    method: &str,
    way: &str,
    start: Value,
) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut at = start;
    loop {
        let mut data = json!({"room": "open", "limit": 2});
        if !at.is_null() {
            data[way] = at;
        }
        let page = call(chat, 1, method, &data.to_string()).await.unwrap();
        let items = page["items"].as_array().unwrap();
        pages.push(items.iter().map(|item| item["offset"].as_u64().unwrap()).collect());
        at = page["next"].clone();
        if at.is_null() {
            return pages;
        }
    }
}

#[tokio::test]
async fn history_pages_both_ways_and_ends_with_null() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    for _ in 0..5 {
        call(&chat, 1, "message.send", r#"{"room":"open","text":"x"}"#).await.unwrap();
    }
    let back = pages(&chat, "message.list", "before", Value::Null).await;
    assert_eq!(back, [vec![5, 6], vec![3, 4], vec![2]]);
    let forth = pages(&chat, "message.list", "after", json!(0)).await;
    assert_eq!(forth, [vec![2, 3], vec![4, 5], vec![6]]);
    let exact = pages(&chat, "message.list", "after", json!(2)).await;
    assert_eq!(exact, [vec![3, 4], vec![5, 6]]);
    let log = pages(&chat, "event.list", "after", Value::Null).await;
    assert_eq!(log, [[1, 2], [3, 4], [5, 6]]);
}

#[tokio::test]
async fn an_offset_of_the_future_is_an_empty_page_that_tells_the_logs_end() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"open","name":"Open"}"#).await.unwrap();
    let page = call(&chat, 1, "event.list", r#"{"room":"open","after":1000}"#).await.unwrap();
    assert_eq!((&page["items"], &page["next"], &page["offset"]), (&json!([]), &Value::Null, &json!(1)));
    assert!(!page["epoch"].as_str().unwrap().is_empty());
    let page = call(&chat, 1, "message.list", r#"{"room":"open","after":1000}"#).await.unwrap();
    assert_eq!(page, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn lists_of_rooms_and_members_page_by_cursor() {
    let chat = chat();
    for id in ["a", "b", "c"] {
        let data = json!({"id": id, "name": id}).to_string();
        call(&chat, 1, "room.create", &data).await.unwrap();
        call(&chat, 2, "room.join", &json!({"room": id}).to_string()).await.unwrap();
    }
    call(&chat, 3, "room.create", r#"{"id":"d","name":"d","kind":"private"}"#).await.unwrap();
    let first = call(&chat, 1, "room.list", r#"{"limit":2}"#).await.unwrap();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["next"]), (2, &json!("b")));
    let second = call(&chat, 1, "room.list", r#"{"limit":2,"cursor":"b"}"#).await.unwrap();
    assert_eq!((&second["items"][0]["id"], &second["next"]), (&json!("c"), &Value::Null));
    let mine = call(&chat, 3, "room.list", r#"{"mine":true}"#).await.unwrap();
    assert_eq!((mine["items"].as_array().unwrap().len(), &mine["items"][0]["role"]), (1, &json!("owner")));
    let members = call(&chat, 1, "member.list", r#"{"room":"a","limit":1}"#).await.unwrap();
    assert_eq!((&members["items"][0]["user"]["id"], &members["next"]), (&json!("1"), &json!("1")));
    let members = call(&chat, 1, "member.list", r#"{"room":"a","limit":1,"cursor":"1"}"#).await.unwrap();
    assert_eq!((&members["items"][0]["user"]["id"], &members["next"]), (&json!("2"), &Value::Null));
}

#[tokio::test]
async fn the_largest_page_still_tells_of_more() {
    let chat = chat_with(Limits { page: 2, ..Limits::default() });
    for id in ["a", "b", "c"] {
        call(&chat, 1, "room.create", &json!({"id": id, "name": id}).to_string()).await.unwrap();
    }
    let page = call(&chat, 1, "room.list", "").await.unwrap();
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (2, &json!("b")));
    let page = call(&chat, 1, "room.list", r#"{"cursor":"b"}"#).await.unwrap();
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
}

#[tokio::test]
async fn every_method_of_the_table_is_known() {
    let chat = chat();
    for method in METHODS {
        if let Err(error) = call(&chat, 1, method, "{}").await {
            assert_ne!(error.kind, ErrorKind::UnknownMethod, "{method}");
        }
    }
}
