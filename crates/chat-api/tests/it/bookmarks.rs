//! Bookmarks over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn bookmarks_are_made_noted_listed_in_pages_and_ended() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    app.room(&ada, "general").await;
    for _ in 0..2 {
        app.post("/api/v1/rooms/general/messages").by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    }
    let path = |offset: &str| format!("/api/v1/bookmarks/general/{offset}");
    let put = async |offset: &str, body: &str| {
        let call = app.call("PUT", &path(offset)).by(&bob);
        if body.is_empty() { call.send().await } else { call.json(body).send().await }
    };
    let made = put("2", "").await.ok(201);
    assert_eq!((&made["message"]["text"], made.get("note")), (&json!("hi"), None));
    assert_eq!(put("2", r#"{"note":"later"}"#).await.ok(200)["note"], "later");
    put("3", "{}").await.ok(201);
    let list = async |query: &str| app.get(&format!("/api/v1/bookmarks{query}")).by(&bob).send().await;
    let first = list("?limit=1").await.ok(200);
    assert_eq!(first["items"][0]["message"]["offset"], 3);
    let rest = list(&format!("?cursor={}", first["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((&rest["items"][0]["note"], &rest["next"]), (&json!("later"), &json!(null)));
    let own = app.get("/api/v1/bookmarks").by(&ada).send().await.ok(200);
    assert_eq!(own, json!({"items": [], "next": null}));
    for _ in 0..2 {
        app.call("DELETE", &path("2")).by(&bob).send().await.no_content();
    }
    assert_eq!(list("").await.ok(200)["items"].as_array().unwrap().len(), 1);

    let long = json!({ "note": "x".repeat(501) }).to_string();
    put("2", &long).await.problem(422, "note_too_long");
    put("2", r#"{"note":"a\nb"}"#).await.problem(422, "note_forbidden_character");
    put("2", r#"{"note":1}"#).await.problem(400, "wrong_type");
    put("2", r#"{"other":1}"#).await.problem(400, "unknown_field");
    put("9", "").await.problem(404, "message_not_found");
    put("x", "").await.problem(400, "wrong_type");
    app.call("PUT", "/api/v1/bookmarks/none/1").by(&bob).send().await.problem(404, "room_not_found");
    list("?cursor=x").await.problem(422, "cursor_malformed");
    list("?limit=0").await.problem(422, "limit_malformed");
}
