//! Pins over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn messages_are_pinned_listed_in_pages_and_unpinned() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let bob = app.user("bob").await;
    app.room(&ada, "general").await;
    for _ in 0..3 {
        app.post("/api/v1/rooms/general/messages").by(&ada).json(r#"{"text":"hi"}"#).send().await.ok(201);
    }
    let pin = async |method: &str, offset: &str| {
        app.call(method, &format!("/api/v1/rooms/general/pins/{offset}")).by(&ada).send().await
    };
    for offset in ["3", "2", "2", "4"] {
        pin("PUT", offset).await.no_content();
    }
    let list =
        async |query: &str| app.get(&format!("/api/v1/rooms/general/pins{query}")).by(&bob).send().await;
    let first = list("?limit=2").await.ok(200);
    let offsets = |page: &serde_json::Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|pin| pin["message"]["offset"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(offsets(&first), [4, 2]);
    assert_eq!(first["items"][0]["pinned_by"]["username"], "ada");
    let rest = list(&format!("?cursor={}", first["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((offsets(&rest), &rest["next"]), (vec![3], &json!(null)));
    pin("DELETE", "4").await.no_content();
    pin("DELETE", "4").await.no_content();
    app.call("DELETE", "/api/v1/rooms/general/messages/2").by(&ada).send().await.no_content();
    assert_eq!(offsets(&list("").await.ok(200)), [3]);
    let events = app.get("/api/v1/rooms/general/events?after=4").by(&ada).send().await.ok(200);
    let said = |event: &serde_json::Value| (event["type"].clone(), event["target"].clone());
    let said: Vec<_> = events["items"].as_array().unwrap().iter().map(said).collect();
    let pinned = |target: u64| (json!("message.pinned"), json!(target));
    let unpinned = (json!("message.unpinned"), json!(4));
    let deleted = (json!("message.deleted"), json!(null));
    assert_eq!(said, [pinned(3), pinned(2), pinned(4), unpinned, deleted]);

    pin("PUT", "2").await.problem(409, "message_deleted");
    pin("PUT", "99").await.problem(404, "message_not_found");
    pin("PUT", "x").await.problem(400, "wrong_type");
    list("?limit=0").await.problem(422, "limit_malformed");
    list("?cursor=x").await.problem(400, "wrong_type");
    let stranger = app.call("PUT", "/api/v1/rooms/general/pins/3").by(&bob).send().await;
    stranger.problem(403, "not_a_member");
    app.get("/api/v1/rooms/none/pins").by(&ada).send().await.problem(404, "room_not_found");
}
