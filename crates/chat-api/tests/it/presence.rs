//! Who is there, over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn users_say_something_of_themselves_and_hide() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let set =
        async |body: &str| app.call("PATCH", "/api/v1/users/me/presence").by(&ada).json(body).send().await;
    let get = async |user, of: &str| app.get(&format!("/api/v1/users/{of}/presence")).by(user).send().await;
    let user = json!({"id": "1", "username": "ada", "display_name": "ada"});
    assert_eq!(get(&bob, "1").await.ok(200), json!({"user": user, "availability": "offline"}));
    let said = json!({"user": user, "availability": "offline", "status": "out for tea"});
    assert_eq!(set(r#"{"status":"out for tea"}"#).await.ok(200), said);
    assert_eq!(get(&bob, "1").await.ok(200), said);
    let hidden = json!({"user": user, "availability": "offline", "status": "out for tea", "hidden": true});
    assert_eq!(set(r#"{"hidden":true}"#).await.ok(200), hidden);
    assert_eq!(get(&ada, "1").await.ok(200), hidden);
    assert_eq!(get(&bob, "1").await.ok(200), json!({"user": user, "availability": "offline"}));
    set(&json!({ "status": "x".repeat(101) }).to_string()).await.problem(422, "status_too_long");
    set(r#"{"hidden":1}"#).await.problem(400, "wrong_type");
    get(&bob, "9").await.problem(404, "user_not_found");
    get(&bob, "x").await.problem(422, "user_malformed");
    app.call("PUT", "/api/v1/rooms/none/typing").by(&ada).send().await.problem(404, "room_not_found");
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/typing").by(&ada).send().await.no_content();
    app.call("DELETE", "/api/v1/rooms/general/typing").by(&bob).send().await.problem(403, "not_a_member");
}
