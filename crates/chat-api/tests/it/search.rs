//! Searches over HTTP.

use chat_core::Limits;
use serde_json::json;

use crate::support::{TestApp, settings};

const SEARCH: &str = "/api/v1/search";

#[actix_rt::test]
async fn what_is_found_is_shown_with_its_places_and_paged() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    let send = async |text: &str| {
        let body = json!({"text": text}).to_string();
        app.post("/api/v1/rooms/general/messages").by(&ada).json(&body).send().await.ok(201);
    };
    send("🦀 Is the kettle on?").await;
    send("kettle, kettle!").await;
    let get = async |query: &str| app.get(&format!("{SEARCH}?{query}")).by(&bob).send().await.ok(200);
    let found = get("q=kettle").await;
    assert_eq!(found["items"][0]["highlights"], json!([[0, 6], [8, 14]]));
    assert_eq!(found["items"][1]["highlights"], json!([[10, 16]]));
    let message = app.get("/api/v1/rooms/general/messages/2").by(&bob).send().await.ok(200);
    assert_eq!((&found["items"][1]["message"], &found["next"]), (&message, &json!(null)));
    let count = async |query: &str| get(query).await["items"].as_array().unwrap().len();
    assert_eq!(count("q=%22the%20kettle%22").await, 1);
    assert_eq!(count("q=-crab%20kett*&room=general&sender=1").await, 2);
    assert_eq!(count("q=kettle&sender=2").await, 0);
    assert_eq!(count("q=kettle&after=2000-01-01T00:00:00Z&before=2100-01-01T00:00:00%2B01:00").await, 2);
    assert_eq!(count("q=kettle&before=2000-01-01T00:00:00Z").await, 0);
    for order in ["rank", "recent"] {
        let first = get(&format!("q=kettle&limit=1&order={order}")).await;
        let next = first["next"].as_str().unwrap();
        let second = get(&format!("q=kettle&limit=1&order={order}&cursor={next}")).await;
        assert_eq!(second["items"][0]["message"]["offset"], 2);
        assert_eq!(second["next"], json!(null));
        let other = if order == "rank" { "recent" } else { "rank" };
        let mixed = app.get(&format!("{SEARCH}?q=kettle&order={other}&cursor={next}")).by(&bob).send().await;
        mixed.problem(422, "cursor_malformed");
    }
}

#[actix_rt::test]
async fn bad_searches_are_told_what_is_wrong() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let closed = r#"{"id":"closed","name":"Closed","kind":"private"}"#;
    app.post("/api/v1/rooms").by(&ada).json(closed).send().await.ok(201);
    let words = "w%20".repeat(10_000);
    let long = "x".repeat(201);
    for (query, status, code) in [
        ("", 400, "missing_field"),
        ("q=a&x=1", 400, "unknown_field"),
        ("q=a&q=b", 400, "duplicate_field"),
        ("q=", 422, "q_malformed"),
        ("q=%20%22%20-", 422, "q_malformed"),
        ("q=%F0%9F%91%8D", 422, "q_malformed"),
        ("q=-a", 422, "q_malformed"),
        (&format!("q={long}"), 422, "q_too_long"),
        (&format!("q={words}"), 422, "q_too_long"),
        (&format!("q={}", &words[..4 * 17]), 422, "q_too_long"),
        ("q=a&room=no%20room", 422, "room_malformed"),
        ("q=a&room=nowhere", 404, "room_not_found"),
        ("q=a&room=closed", 404, "room_not_found"),
        ("q=a&sender=ada", 422, "sender_malformed"),
        ("q=a&after=yesterday", 422, "after_malformed"),
        ("q=a&before=2026-11-23", 422, "before_malformed"),
        ("q=a&has=reactions", 422, "has_malformed"),
        ("q=a&order=best", 422, "order_malformed"),
        ("q=a&limit=0", 422, "limit_malformed"),
        ("q=a&limit=201", 422, "limit_malformed"),
        ("q=a&cursor=x", 422, "cursor_malformed"),
        ("q=a&cursor=f.1.2.3.4.a%20b", 422, "cursor_malformed"),
        ("q=a&cursor=f.-1.2.3.4.a", 422, "cursor_malformed"),
    ] {
        app.get(&format!("{SEARCH}?{query}")).by(&bob).send().await.problem(status, code);
    }
    let problem =
        app.get(&format!("{SEARCH}?q={}", &words[..68])).by(&bob).send().await.problem(422, "q_too_long");
    assert_eq!(problem["detail"], "q must be at most 16 words long");
    app.get(&format!("{SEARCH}?q=a")).send().await.problem(401, "unauthorized");
    for hostile in ["%00", "a%00b", "%22%20OR%20NEAR(%20*%20%5E%20:%20%7B%20%7D", "%27;--a", "%5Ca"] {
        let answer = app.get(&format!("{SEARCH}?q={hostile}")).by(&bob).send().await;
        assert!([200, 422].contains(&answer.status.as_u16()), "{hostile}: {}", answer.text());
    }

    let off = TestApp::with(settings(), Limits { search: false, ..Limits::default() }, |_| ()).await;
    let ada = off.user("ada").await;
    off.get(&format!("{SEARCH}?q=a")).by(&ada).send().await.problem(404, "search_disabled");
    off.get(&format!("{SEARCH}?q=")).by(&ada).send().await.problem(404, "search_disabled");
}
