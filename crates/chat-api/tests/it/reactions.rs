//! Reactions over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn reactions_stand_in_the_path_encoded_or_not() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    app.post("/api/v1/rooms/general/messages").by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    let path = |reaction: &str| format!("/api/v1/rooms/general/messages/2/reactions/{reaction}");
    let put = async |reaction: &str| app.call("PUT", &path(reaction)).by(&ada).send().await;
    let thumb = put("%F0%9F%91%8D").await.ok(201);
    assert_eq!(thumb, json!({"reaction": "👍", "count": 1, "mine": true}));
    put("%F0%9F%91%8D").await.ok(200);
    assert_eq!(put(":+1:").await.ok(201)["reaction"], ":+1:");
    assert_eq!(put(":%2B1:").await.ok(200)["reaction"], ":+1:");
    put("x").await.problem(422, "reaction_malformed");
    put("%F0%9F%91").await.problem(422, "reaction_malformed");
    put("%F0%9F%91%8D%F0%9F%91%8D").await.problem(422, "reaction_malformed");
    app.call("PUT", "/api/v1/rooms/general/messages/9/reactions/:x:")
        .by(&ada)
        .send()
        .await
        .problem(404, "message_not_found");
    let who = app.get(&path("%F0%9F%91%8D")).by(&ada).send().await.ok(200);
    assert_eq!((&who["items"][0]["user"]["username"], &who["next"]), (&json!("ada"), &json!(null)));
    app.call("DELETE", &path(":+1:")).by(&ada).send().await.no_content();
    app.call("DELETE", &path(":+1:")).by(&ada).send().await.no_content();
    let message = app.get("/api/v1/rooms/general/messages/2").by(&ada).send().await.ok(200);
    assert_eq!(message["reactions"], json!([{"reaction": "👍", "count": 1, "mine": true}]));
}
