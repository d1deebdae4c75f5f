//! Messages, edited and deleted, over HTTP.

use serde_json::json;

use crate::support::TestApp;

const MESSAGES: &str = "/api/v1/rooms/general/messages";

#[actix_rt::test]
async fn what_cannot_be_edited_says_why() {
    let app = TestApp::new().await;
    let (ada, bob, cid) = (app.user("ada").await, app.user("bob").await, app.user("cid").await);
    app.room(&ada, "general").await;
    app.call("PUT", &format!("/api/v1/rooms/general/members/{}", bob.id)).by(&bob).send().await.ok(201);
    app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    let edit = async |user, path: &str, body: &str| {
        app.call("PATCH", &format!("{MESSAGES}/{path}")).by(user).json(body).send().await
    };
    edit(&bob, "3", r#"{"text":"x"}"#).await.problem(403, "forbidden");
    edit(&cid, "3", r#"{"text":"x"}"#).await.problem(403, "not_a_member");
    edit(&ada, "4", r#"{"text":"x"}"#).await.problem(404, "message_not_found");
    edit(&ada, "x", r#"{"text":"x"}"#).await.problem(400, "wrong_type");
    edit(&ada, "3", r#"{"text":""}"#).await.problem(422, "text_empty");
    edit(&ada, "3", "{}").await.problem(400, "missing_field");
    edit(&ada, "3", r#"{"text":"x","reply_to":1}"#).await.problem(400, "unknown_field");
    let edited = edit(&ada, "3", r#"{"text":"ho","data":{"a":1}}"#).await.ok(200);
    assert_eq!((&edited["text"], &edited["data"]), (&json!("ho"), &json!({"a": 1})));

    let delete =
        async |user, path: &str| app.call("DELETE", &format!("{MESSAGES}/{path}")).by(user).send().await;
    delete(&bob, "3").await.problem(403, "forbidden");
    delete(&ada, "1").await.problem(404, "message_not_found");
    delete(&ada, "3").await.no_content();
    delete(&ada, "3").await.no_content();
    edit(&ada, "3", r#"{"text":"x"}"#).await.problem(409, "message_deleted");
    let answer = app.post(MESSAGES).by(&ada).json(r#"{"text":"x","reply_to":3}"#).send().await;
    answer.problem(422, "reply_to_unknown");
}

#[actix_rt::test]
async fn versions_come_in_pages() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.post(MESSAGES).by(&ada).json(r#"{"text":"1"}"#).send().await.ok(201);
    for text in ["2", "3", "4"] {
        let body = format!(r#"{{"text":"{text}"}}"#);
        app.call("PATCH", &format!("{MESSAGES}/2")).by(&ada).json(&body).send().await.ok(200);
    }
    let get =
        async |query: &str| app.get(&format!("{MESSAGES}/2/versions?{query}")).by(&ada).send().await.ok(200);
    let first = get("limit=2").await;
    assert_eq!((&first["items"][0]["text"], &first["items"][1]["text"]), (&json!("1"), &json!("2")));
    let rest = get(&format!("cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((&rest["items"][0]["text"], &rest["next"]), (&json!("3"), &json!(null)));
    let path = format!("{MESSAGES}/2/versions");
    app.get(&path).by(&bob).send().await.problem(403, "not_a_member");
    app.get(&format!("{MESSAGES}/9/versions")).by(&ada).send().await.problem(404, "message_not_found");
}
