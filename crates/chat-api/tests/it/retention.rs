//! Logs that are kept for a term, over HTTP.

use std::time::Duration;

use chat_core::Timestamp;
use serde_json::{Value, json};

use crate::support::TestApp;

#[actix_rt::test]
async fn who_asks_for_what_is_gone_is_told_where_the_log_begins() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
    let change =
        async |user, body: &str| app.call("PATCH", "/api/v1/rooms/general").by(user).json(body).send().await;
    change(&bob, r#"{"retention_seconds":60}"#).await.problem(403, "forbidden");
    change(&ada, r#"{"retention_seconds":59}"#).await.problem(422, "retention_seconds_malformed");
    change(&ada, r#"{"retention_seconds":315360001}"#).await.problem(422, "retention_seconds_malformed");
    change(&ada, r#"{"retention_seconds":"60"}"#).await.problem(400, "wrong_type");
    let changed = change(&ada, r#"{"retention_seconds":60}"#).await.ok(200);
    assert_eq!((&changed["retention_seconds"], changed.get("first")), (&json!(60), None));
    let send = async |text: &str| {
        let body = json!({ "text": text }).to_string();
        app.post("/api/v1/rooms/general/messages").by(&bob).json(&body).send().await.ok(201)
    };
    let events =
        async |query: &str| app.get(&format!("/api/v1/rooms/general/events?{query}")).by(&ada).send().await;
    assert_eq!(events("").await.ok(200).get("first"), None);
    assert_eq!(send("old").await["offset"], 4);
    app.chat.trim(Timestamp::now().after(Duration::from_secs(61)), false).await.unwrap();
    assert_eq!(send("new").await["offset"], 5);
    let room = app.get("/api/v1/rooms/general").by(&ada).send().await.ok(200);
    assert_eq!((&room["first"], &room["offset"]), (&json!(5), &json!(5)));
    for query in ["after=1", "after=3"] {
        let gone = events(query).await;
        assert!(String::from_utf8_lossy(&gone.bytes).contains("begins with 5"));
        gone.problem(410, "events_gone");
    }
    for query in ["", "after=0", "after=4"] {
        let page = events(query).await.ok(200);
        assert_eq!(
            (&page["items"][0]["offset"], &page["first"], &page["next"]),
            (&json!(5), &json!(5), &Value::Null)
        );
    }
    let list = app.get("/api/v1/rooms/general/messages?before=5").by(&ada).send().await.ok(200);
    assert_eq!(list, json!({ "items": [], "next": null }));
    app.get("/api/v1/rooms/general/messages/4").by(&ada).send().await.problem(404, "message_not_found");
    let audit = app.get("/api/v1/rooms/general/audit").by(&ada).send().await.ok(200);
    assert_eq!(audit["items"][0]["room"]["retention_seconds"], 60, "acts stay");
}
