//! Messages and the log.

use chat_core::{Limits, Rate};
use serde_json::json;

use crate::support::{TestApp, settings};

const MESSAGES: &str = "/api/v1/rooms/general/messages";

#[actix_rt::test]
async fn a_message_is_sent_shown_and_listed() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let body = r#"{"text":"hi","client_id":"c1","data":{ "a" : 1.50 }}"#;
    let sent = app.post(MESSAGES).by(&ada).json(body).send().await;
    assert!(sent.text().contains(r#""data":{"a":1.50}"#), "{}", sent.text());
    let message = sent.ok(201);
    assert_eq!((&message["offset"], &message["sender"]["id"]), (&json!(2), &json!(ada.id)));
    assert_eq!(app.post(MESSAGES).by(&ada).json(body).send().await.ok(200), message);
    assert_eq!(app.get("/api/v1/rooms/general/messages/2").by(&ada).send().await.ok(200), message);
    let page = app.get(MESSAGES).by(&ada).send().await.ok(200);
    assert_eq!(page, json!({"items": [message], "next": null}));
}

#[actix_rt::test]
async fn only_members_send() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.post(MESSAGES).by(&bob).json(r#"{"text":"hi"}"#).send().await.problem(403, "not_a_member");
    app.post("/api/v1/rooms/nowhere/messages")
        .by(&bob)
        .json(r#"{"text":"hi"}"#)
        .send()
        .await
        .problem(404, "room_not_found");
}

#[actix_rt::test]
async fn history_is_paged_by_offsets() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    for _ in 0..3 {
        app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    }
    let get = async |query: &str| {
        let page = app.get(&format!("{MESSAGES}?{query}")).by(&ada).send().await.ok(200);
        let offsets: Vec<u64> =
            page["items"].as_array().unwrap().iter().map(|item| item["offset"].as_u64().unwrap()).collect();
        (offsets, page["next"].clone())
    };
    assert_eq!(get("limit=2").await, (vec![3, 4], json!("3")));
    assert_eq!(get("limit=2&before=3").await, (vec![2], json!(null)));
    assert_eq!(get("limit=2&after=0").await, (vec![2, 3], json!("3")));
    assert_eq!(get("limit=2&after=3").await, (vec![4], json!(null)));
}

#[actix_rt::test]
async fn offsets_of_the_future_lead_nowhere_and_break_nothing() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let empty = json!({"items": [], "next": null});
    assert_eq!(app.get(&format!("{MESSAGES}?after=999")).by(&ada).send().await.ok(200), empty);
    app.get(&format!("{MESSAGES}/999")).by(&ada).send().await.problem(404, "message_not_found");
    app.get(&format!("{MESSAGES}/1")).by(&ada).send().await.problem(404, "message_not_found");
    app.post(MESSAGES)
        .by(&ada)
        .json(r#"{"text":"hi","reply_to":999}"#)
        .send()
        .await
        .problem(422, "reply_to_unknown");
    let log = app.get("/api/v1/rooms/general/events?after=999").by(&ada).send().await.ok(200);
    assert_eq!((&log["items"], &log["next"], &log["offset"]), (&json!([]), &json!(null), &json!(1)));
}

#[actix_rt::test]
async fn the_log_is_read_to_its_end_and_names_itself() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    let first = app.get("/api/v1/rooms/general/events?limit=1").by(&ada).send().await.ok(200);
    assert_eq!((&first["items"][0]["type"], &first["next"]), (&json!("member.joined"), &json!("1")));
    let last = app.get("/api/v1/rooms/general/events?limit=1&after=1").by(&ada).send().await.ok(200);
    assert_eq!((&last["items"][0]["type"], &last["next"]), (&json!("message.created"), &json!(null)));
    assert_eq!((&last["offset"], &last["epoch"]), (&json!(2), &first["epoch"]));
}

#[actix_rt::test]
async fn too_many_messages_are_told_when_to_go_on() {
    let limits = Limits { messages: Some(Rate { per_minute: 1, burst: 1 }), ..Limits::default() };
    let app = TestApp::with(settings(), limits, |_| ()).await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    let refused = app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await;
    refused.problem(429, "too_many_requests");
    let wait: u64 = refused.header(actix_web::http::header::RETRY_AFTER).parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}
