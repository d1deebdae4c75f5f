//! Blocks over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn blocks_are_made_listed_and_ended() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.user("bob").await;
    let block = async |method: &str, user: &str| {
        app.call(method, &format!("/api/v1/blocks/{user}")).by(&ada).send().await
    };
    let made = block("PUT", "2").await.ok(201);
    assert_eq!(made["user"]["username"], "bob");
    assert_eq!(block("PUT", "2").await.ok(200), made);
    let list = async || app.get("/api/v1/blocks").by(&ada).send().await.ok(200);
    assert_eq!(list().await, json!({"items": [made], "next": null}));
    block("PUT", "1").await.problem(422, "user_malformed");
    block("PUT", "3").await.problem(422, "user_unknown");
    block("PUT", "x").await.problem(422, "user_malformed");
    block("DELETE", "2").await.no_content();
    block("DELETE", "2").await.no_content();
    assert_eq!(list().await["items"], json!([]));
    app.get("/api/v1/blocks?cursor=x").by(&ada).send().await.problem(422, "cursor_malformed");
}
