//! Messages that are sent later, over HTTP.

use std::time::Duration;

use chat_core::{Directory, Timestamp};
use chat_json::Time;
use serde_json::json;

use crate::support::TestApp;

fn after(hours: u64) -> Timestamp {
    Timestamp::now().after(Duration::from_secs(hours * 3600))
}

#[actix_rt::test]
async fn messages_are_scheduled_listed_changed_and_sent() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    app.room(&ada, "general").await;
    let send = async |body: serde_json::Value| {
        app.post("/api/v1/rooms/general/scheduled").by(&ada).json(&body.to_string()).send().await
    };
    let at = |hours| Time(after(hours)).to_string();
    let two =
        send(json!({"text": "two", "send_at": at(2), "data": {"a": 1}, "client_id": "c"})).await.ok(201);
    assert_eq!(
        (&two["text"], &two["data"], &two["room"]),
        (&json!("two"), &json!({"a": 1}), &json!("general"))
    );
    let again = send(json!({"text": "other", "send_at": at(2), "client_id": "c"})).await.ok(200);
    assert_eq!(again, two);
    let one = send(json!({"text": "one", "send_at": at(1)})).await.ok(201);
    let list = async |query: &str| app.get(&format!("/api/v1/scheduled{query}")).by(&ada).send().await;
    let first = list("?limit=1&room=general").await.ok(200);
    assert_eq!(first["items"], json!([one]));
    let rest = list(&format!("?cursor={}", first["next"].as_str().unwrap())).await.ok(200);
    assert_eq!(rest, json!({"items": [two], "next": null}));
    assert_eq!(list("?room=other").await.ok(200)["items"], json!([]));

    let path = |one: &serde_json::Value| format!("/api/v1/scheduled/{}", one["id"].as_str().unwrap());
    let patch = async |one: &serde_json::Value, body: &str| {
        app.call("PATCH", &path(one)).by(&ada).json(body).send().await
    };
    let changed = patch(&one, r#"{"text":"uno"}"#).await.ok(200);
    assert_eq!(app.get(&path(&one)).by(&ada).send().await.ok(200), changed);
    assert_eq!((&changed["text"], &changed["send_at"]), (&json!("uno"), &one["send_at"]));
    app.chat.send_due(after(3)).await.unwrap();
    assert_eq!(list("").await.ok(200)["items"], json!([]));
    let sent = app.get("/api/v1/rooms/general/messages").by(&ada).send().await.ok(200);
    let texts: Vec<_> = sent["items"].as_array().unwrap().iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, ["uno", "two"]);

    let gone = send(json!({"text": "gone", "send_at": at(1)})).await.ok(201);
    for method in ["GET", "DELETE"] {
        let answer = app.call(method, &path(&gone)).by(&bob).send().await;
        answer.problem(404, "scheduled_not_found");
    }
    app.call("DELETE", &path(&gone)).by(&ada).send().await.no_content();
    app.call("DELETE", &path(&gone)).by(&ada).send().await.problem(404, "scheduled_not_found");
    patch(&gone, "{}").await.problem(404, "scheduled_not_found");
}

#[actix_rt::test]
async fn what_is_refused_then_says_why() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let body = json!({"text": "hi", "send_at": Time(after(1)).to_string()}).to_string();
    app.post("/api/v1/rooms/general/scheduled").by(&ada).json(&body).send().await.ok(201);
    app.call("DELETE", "/api/v1/rooms/general").by(&ada).send().await.no_content();
    app.chat.send_due(after(2)).await.unwrap();
    let list = app.get("/api/v1/scheduled").by(&ada).send().await.ok(200);
    assert_eq!(list["items"][0]["failed"]["code"], "room_not_found");
    // Nor is one sent of somebody who may not log in any more.
    app.room(&ada, "other").await;
    app.post("/api/v1/rooms/other/scheduled").by(&ada).json(&body).send().await.ok(201);
    let user = ada.id.parse().unwrap();
    let profile = app.users.find(user).await.unwrap().unwrap();
    app.users.set_disabled(user, true).await.unwrap();
    app.chat.send_due(after(2)).await.unwrap();
    let waiting = app.chat.all_scheduled(&profile, None, None, 9).await.unwrap();
    let codes: Vec<_> = waiting.iter().filter_map(|one| Some(one.failed.as_ref()?.code.as_str())).collect();
    assert_eq!(codes, ["room_not_found", "user_not_found"]);
}

#[actix_rt::test]
async fn bad_requests_are_told_what_is_wrong() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let send = async |body: serde_json::Value| {
        app.post("/api/v1/rooms/general/scheduled").by(&ada).json(&body.to_string()).send().await
    };
    let past = Time(Timestamp::from_micros(0)).to_string();
    for wrong in [past, Time(after(24 * 366)).to_string(), "tomorrow".to_owned(), "2030-01-01".to_owned()] {
        send(json!({"text": "hi", "send_at": wrong})).await.problem(422, "send_at_malformed");
    }
    let at = Time(after(1)).to_string();
    send(json!({"text": "hi"})).await.problem(400, "missing_field");
    send(json!({"text": "hi", "send_at": 5})).await.problem(400, "wrong_type");
    send(json!({"text": " ", "send_at": at})).await.problem(422, "text_empty");
    send(json!({"text": "x".repeat(16385), "send_at": at})).await.problem(422, "text_too_long");
    send(json!({"text": "hi", "send_at": at, "reply_to": 9})).await.problem(422, "reply_to_unknown");
    app.get("/api/v1/scheduled/a%20b").by(&ada).send().await.problem(422, "id_malformed");
    app.get("/api/v1/scheduled?cursor=x").by(&ada).send().await.problem(422, "cursor_malformed");
    app.get("/api/v1/scheduled?limit=0").by(&ada).send().await.problem(422, "limit_malformed");
    let body = json!({"text": "hi", "send_at": at}).to_string();
    let none = app.post("/api/v1/rooms/none/scheduled").by(&ada).json(&body).send().await;
    none.problem(404, "room_not_found");
}
