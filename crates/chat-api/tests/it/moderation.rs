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

#[actix_rt::test]
async fn messages_are_reported_and_reports_settled() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
    for text in ["one", "two"] {
        let body = json!({ "text": text }).to_string();
        app.post("/api/v1/rooms/general/messages").by(&ada).json(&body).send().await.ok(201);
    }
    let report = async |message: u64, body: &str| {
        let path = format!("/api/v1/rooms/general/messages/{message}/reports");
        app.post(&path).by(&bob).json(body).send().await
    };
    let list = async |user, query: &str| {
        app.get(&format!("/api/v1/rooms/general/reports?{query}")).by(user).send().await
    };
    let first = report(3, r#"{"reason":"rude"}"#).await.ok(201);
    assert_eq!(
        (&first["target"], &first["text"], &first["reporter"]["id"]),
        (&json!(3), &json!("one"), &json!("2"))
    );
    assert_eq!(report(3, "{}").await.ok(200), first);
    report(4, "{}").await.ok(201);
    report(9, "{}").await.problem(404, "message_not_found");
    report(3, &json!({ "reason": "x".repeat(501) }).to_string()).await.problem(422, "reason_too_long");
    list(&bob, "").await.problem(403, "forbidden");
    let page = list(&ada, "limit=1").await.ok(200);
    assert_eq!((&page["items"][0]["report"], &page["items"][0]["message"]["text"]), (&first, &json!("one")));
    let rest = list(&ada, &format!("cursor={}", page["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((&rest["items"][0]["report"]["target"], &rest["next"]), (&json!(4), &json!(null)));
    for cursor in ["x", "1.2", "1.2.3.4", "1.0.-1", "a.b.c"] {
        list(&ada, &format!("cursor={cursor}")).await.problem(422, "cursor_malformed");
    }

    let settle = async |user, body: &str| {
        app.call("PUT", "/api/v1/rooms/general/reports/3").by(user).json(body).send().await
    };
    settle(&bob, r#"{"verdict":"upheld"}"#).await.problem(403, "forbidden");
    settle(&ada, r#"{"verdict":"maybe"}"#).await.problem(422, "verdict_malformed");
    let settled = settle(&ada, r#"{"verdict":"dismissed","note":"a joke"}"#).await.ok(200);
    assert_eq!(settled, json!({ "settled": 1 }));
    settle(&ada, r#"{"verdict":"upheld"}"#).await.problem(404, "report_not_found");
    let done = list(&ada, "settled=true").await.ok(200)["items"][0]["report"]["settled"].clone();
    assert_eq!(
        (&done["verdict"], &done["note"], &done["by"]["id"]),
        (&json!("dismissed"), &json!("a joke"), &json!("1"))
    );
}

#[actix_rt::test]
async fn words_are_filtered() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", "/api/v1/rooms/general/members/2").by(&bob).send().await.ok(201);
    let path = "/api/v1/rooms/general/filter";
    let set = async |user, body: &str| app.call("PUT", path).by(user).json(body).send().await;
    set(&bob, r#"{"action":"mask","words":["spam"]}"#).await.problem(403, "forbidden");
    set(&ada, r#"{"action":"burn","words":["spam"]}"#).await.problem(422, "action_malformed");
    set(&ada, r#"{"action":"mask","words":[]}"#).await.problem(422, "words_count");
    set(&ada, r#"{"action":"mask","words":["two words"]}"#).await.problem(422, "words_malformed");
    let kept = set(&ada, r#"{"action":"refuse","words":["Spam*","egg"]}"#).await.ok(200);
    assert_eq!(kept, json!({ "action": "refuse", "words": ["egg", "spam*"] }));
    app.get(path).by(&bob).send().await.problem(403, "forbidden");
    assert_eq!(app.get(path).by(&ada).send().await.ok(200), kept);
    assert_eq!(app.get("/api/v1/rooms/general").by(&bob).send().await.ok(200)["filter"], "refuse");
    let send = async || {
        let body = r#"{"text":"Spammers!"}"#;
        app.post("/api/v1/rooms/general/messages").by(&bob).json(body).send().await
    };
    send().await.problem(422, "text_refused");
    set(&ada, r#"{"action":"mask","words":["spam*"]}"#).await.ok(200);
    assert_eq!(send().await.ok(201)["text"], "********!");
    app.call("DELETE", path).by(&ada).send().await.no_content();
    assert_eq!(app.get(path).by(&ada).send().await.ok(200), json!({ "words": [] }));
    assert_eq!(send().await.ok(201)["text"], "Spammers!");
}
