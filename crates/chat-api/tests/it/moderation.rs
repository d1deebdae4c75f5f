//! Moderation over HTTP.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn members_are_muted_and_rooms_slowed_down() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
    let mute = async |user, of: &str, body: &str| {
        app.call("PUT", &format!("/api/v1/rooms/general/members/{of}/mute")).by(user).json(body).send().await
    };
    assert!(mute(&ada, "2", r#"{"seconds":60}"#).await.ok(200)["muted_until"].is_string());
    mute(&bob, "1", r#"{"seconds":60}"#).await.problem(403, "forbidden");
    mute(&ada, "9", r#"{"seconds":60}"#).await.problem(404, "member_not_found");
    mute(&ada, "2", r#"{"seconds":0}"#).await.problem(422, "seconds_malformed");
    mute(&ada, "2", r#"{"seconds":-1}"#).await.problem(400, "wrong_type");
    mute(&ada, "2", "{}").await.problem(400, "missing_field");
    let send = async |text: &str| {
        let body = json!({ "text": text }).to_string();
        app.post("/api/v1/rooms/general/messages").by(&bob).json(&body).send().await
    };
    send("hi").await.problem(403, "muted");
    app.call("DELETE", "/api/v1/rooms/general/members/2/mute").by(&ada).send().await.no_content();
    send("hi").await.ok(201);

    let change =
        async |body: &str| app.call("PATCH", "/api/v1/rooms/general").by(&ada).json(body).send().await;
    assert_eq!(change(r#"{"slow_seconds":60}"#).await.ok(200)["slow_seconds"], 60);
    send("ho").await.problem(429, "too_many_requests");
    change(r#"{"slow_seconds":86401}"#).await.problem(422, "slow_seconds_malformed");
    assert_eq!(change(r#"{"slow_seconds":0,"read_only":true}"#).await.ok(200)["read_only"], true);
    send("ho").await.problem(403, "read_only");

    let audit = async |user, query: &str| {
        app.get(&format!("/api/v1/rooms/general/audit?{query}")).by(user).send().await
    };
    let first = audit(&ada, "limit=3").await.ok(200);
    let kinds: Vec<_> = first["items"].as_array().unwrap().iter().map(|act| act["type"].clone()).collect();
    assert_eq!(kinds, ["room.changed", "room.changed", "member.changed"]);
    let rest = audit(&ada, &format!("cursor={}", first["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));
    audit(&bob, "").await.problem(403, "forbidden");
    audit(&ada, "cursor=x").await.problem(400, "wrong_type");
}

#[actix_rt::test]
async fn users_are_banned_and_let_come_again() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
    let ban = async |user, of: &str, body: &str| {
        app.call("PUT", &format!("/api/v1/rooms/general/bans/{of}")).by(user).json(body).send().await
    };
    ban(&bob, "1", "{}").await.problem(403, "forbidden");
    ban(&ada, "1", "{}").await.problem(403, "forbidden");
    ban(&ada, "9", "{}").await.problem(422, "user_unknown");
    ban(&ada, "2", r#"{"seconds":0}"#).await.problem(422, "seconds_malformed");
    let long = json!({ "reason": "x".repeat(501) }).to_string();
    ban(&ada, "2", &long).await.problem(422, "reason_too_long");
    let banned = ban(&ada, "2", r#"{"reason":"spam"}"#).await.ok(200);
    assert_eq!((&banned["user"]["username"], &banned["reason"]), (&json!("bob"), &json!("spam")));
    assert_eq!(banned.get("until"), None);

    app.get("/api/v1/rooms/general").by(&bob).send().await.problem(403, "banned");
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.problem(403, "banned");
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&ada).send().await.problem(403, "banned");
    let listed = app.get("/api/v1/rooms/general/bans").by(&ada).send().await.ok(200);
    assert_eq!(listed, json!({ "items": [banned], "next": null }));

    let unban = async || app.call("DELETE", "/api/v1/rooms/general/bans/2").by(&ada).send().await;
    unban().await.no_content();
    unban().await.problem(404, "ban_not_found");
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
}
