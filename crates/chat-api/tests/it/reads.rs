//! How far people have read, over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn marks_and_the_inbox_go_together() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for room in ["one", "two", "three"] {
        app.room(&ada, room).await;
    }
    app.call("PUT", &format!("/api/v1/rooms/two/members/{}", bob.id)).by(&bob).send().await.ok(201);
    for text in ["1", "2"] {
        let body = format!(r#"{{"text":"{text}"}}"#);
        app.post("/api/v1/rooms/two/messages").by(&bob).json(&body).send().await.ok(201);
    }
    let inbox = async |query: &str| app.get(&format!("/api/v1/inbox{query}")).by(&ada).send().await;
    let first = inbox("?limit=1").await.ok(200);
    let item = &first["items"][0];
    assert_eq!((&item["room"]["id"], &item["unread"], &item["read"]), (&json!("two"), &json!(2), &json!(1)));
    assert_eq!((&item["last_message"]["text"], &item["room"]["role"]), (&json!("2"), &json!("owner")));
    let next = first["next"].as_str().unwrap();
    let rest = inbox(&format!("?cursor={next}")).await.ok(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (2, &json!(null)));
    inbox("?cursor=x").await.problem(422, "cursor_malformed");
    inbox("?cursor=1.%C3%A4").await.problem(422, "cursor_malformed");
    inbox("?limit=0").await.problem(422, "limit_malformed");

    let put =
        async |user, path: &str| app.call("PUT", &format!("/api/v1/rooms/two/{path}")).by(user).send().await;
    assert_eq!(
        put(&ada, "read/4").await.ok(200),
        json!({"room": "two", "offset": 4, "unread": 0, "mentions": 0})
    );
    assert_eq!(
        put(&ada, "unread/4").await.ok(200),
        json!({"room": "two", "offset": 3, "unread": 1, "mentions": 0})
    );
    put(&ada, "read/5").await.problem(422, "offset_unknown");
    put(&ada, "read/0").await.problem(422, "offset_unknown");
    put(&ada, "read/x").await.problem(400, "wrong_type");
    let cid = app.user("cid").await;
    put(&cid, "read/1").await.problem(403, "not_a_member");
    let readers = async |user, offset: u64| {
        app.get(&format!("/api/v1/rooms/two/messages/{offset}/readers")).by(user).send().await
    };
    assert_eq!(readers(&bob, 3).await.ok(200)["items"][0]["username"], "ada");
    assert_eq!(readers(&bob, 4).await.ok(200)["items"], json!([]));
    readers(&bob, 1).await.problem(404, "message_not_found");
    readers(&cid, 3).await.problem(403, "not_a_member");
}
