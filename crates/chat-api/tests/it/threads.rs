//! Threads over HTTP.

use serde_json::json;

use crate::support::TestApp;

const MESSAGES: &str = "/api/v1/rooms/general/messages";

#[actix_rt::test]
async fn threads_are_paged_and_only_where_there_are_messages() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    for _ in 0..3 {
        app.post(MESSAGES).by(&ada).json(r#"{"text":"ho","reply_to":2}"#).send().await.ok(201);
    }
    let get = async |query: &str| {
        let page = app.get(&format!("{MESSAGES}/3/thread/messages?{query}")).by(&bob).send().await.ok(200);
        let items = page["items"].as_array().unwrap().iter();
        (items.map(|item| item["offset"].as_u64().unwrap()).collect::<Vec<_>>(), page["next"].clone())
    };
    assert_eq!(get("limit=2").await, (vec![4, 5], json!("4")));
    assert_eq!(get("limit=2&before=4").await, (vec![3], json!(null)));
    assert_eq!(get("limit=2&after=0").await, (vec![3, 4], json!("4")));
    let both = app.get(&format!("{MESSAGES}/3/thread/messages?before=1&after=1")).by(&ada).send().await;
    both.problem(422, "before_malformed");

    let alone = app.post(MESSAGES).by(&ada).json(r#"{"text":"alone"}"#).send().await.ok(201);
    assert_eq!((&alone["offset"], &alone["thread"]), (&json!(6), &json!(null)));
    let thread = app.get(&format!("{MESSAGES}/6/thread")).by(&ada).send().await.ok(200);
    assert_eq!((&thread["participants"], &thread["following"]), (&json!([]), &json!(false)));
    let follow = async |user, method: &str, offset: u64| {
        app.call(method, &format!("{MESSAGES}/{offset}/thread/follow")).by(user).send().await
    };
    follow(&ada, "PUT", 6).await.no_content();
    follow(&ada, "DELETE", 6).await.no_content();
    follow(&bob, "PUT", 6).await.problem(403, "not_a_member");
    follow(&ada, "PUT", 1).await.problem(404, "message_not_found");
    app.get(&format!("{MESSAGES}/1/thread")).by(&ada).send().await.problem(404, "message_not_found");
}

#[actix_rt::test]
async fn followed_threads_are_paged_by_their_activity() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    for root in [2, 3, 4] {
        app.post(MESSAGES).by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
        app.call("PUT", &format!("{MESSAGES}/{root}/thread/follow")).by(&ada).send().await.no_content();
    }
    app.post(MESSAGES).by(&ada).json(r#"{"text":"ho","reply_to":3}"#).send().await.ok(201);
    let list = async |query: String| app.get(&format!("/api/v1/threads?{query}")).by(&ada).send().await;
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(format!("limit=1{cursor}")).await.ok(200);
        listed.extend(page["items"].as_array().unwrap().iter().map(|one| one["message"]["offset"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(listed, [3, 4, 2]);
    for wrong in ["x", "1.x.general", "1.2", "1.2.%C3%A4"] {
        list(format!("cursor={wrong}")).await.problem(422, "cursor_malformed");
    }
}
