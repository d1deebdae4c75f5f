//! The operator's corner.

use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, settings};

/// Somebody who signed up first, and two others.
async fn three(app: &TestApp) -> (TestUser, TestUser, TestUser) {
    (app.user("ada").await, app.user("bob").await, app.user("cid").await)
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[actix_rt::test]
async fn nobody_but_administrators_gets_in() {
    let app = TestApp::new().await;
    let (ada, bob, _) = three(&app).await;
    let document = app.get("/api/openapi.json").send().await.ok(200);
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/admin/") {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{user}", "1").replace("{room}", "tea").replace("{offset}", "1");
            let call = || app.call(&method.to_uppercase(), &path);
            call().send().await.problem(401, "unauthorized");
            call().by(&bob).send().await.problem(403, "forbidden");
            asked += 1;
        }
    }
    assert!(asked >= 8, "{asked}");
    app.get("/api/v1/admin/users").by(&ada).send().await.ok(200);
}

#[actix_rt::test]
async fn all_accounts_are_listed_in_pages_and_found_by_their_beginnings() {
    let app = TestApp::new().await;
    let (ada, ..) = three(&app).await;
    let list = |query: &str| app.get(&format!("/api/v1/admin/users{query}")).by(&ada).send();
    let first = list("?limit=2").await.ok(200);
    assert_eq!(names(&first), ["ada", "bob"]);
    assert_eq!((&first["items"][0]["admin"], &first["items"][0]["sessions"]), (&json!(true), &json!(1)));
    assert!(first["items"][1].get("admin").is_none());
    assert_eq!(first["items"][1]["email"], "bob@example.org");
    let next = list(&format!("?limit=2&cursor={}", first["next"].as_str().unwrap())).await.ok(200);
    assert_eq!((names(&next), &next["next"]), (vec!["cid"], &Value::Null));
    assert_eq!(names(&list("?q=B").await.ok(200)), ["bob"]);
    assert_eq!(names(&list("?q=cid@EX").await.ok(200)), ["cid"]);
    assert_eq!(names(&list("?q=c&email=true").await.ok(200)), ["cid"]);
    let first = list("?limit=1&email=true").await.ok(200);
    assert_eq!(first["next"], "ada@example.org");
    let next = list("?limit=1&email=true&cursor=ada@example.org").await.ok(200);
    assert_eq!(names(&next), ["bob"]);
    assert_eq!(names(&list("?q=zoe").await.ok(200)), [""; 0]);
    list("?limit=0").await.problem(422, "limit_malformed");
    list(&format!("?q={}", "x".repeat(33))).await.problem(422, "q_too_long");
}

#[actix_rt::test]
async fn accounts_are_disabled_and_enabled_again() {
    let app = TestApp::new().await;
    let (ada, bob, _) = three(&app).await;
    let path = format!("/api/v1/admin/users/{}/disabled", bob.id);
    let disabled = app.call("PUT", &path).by(&ada).send().await.ok(200);
    assert!(disabled["disabled_at"].is_string());
    assert_eq!(disabled["sessions"], 0);
    app.get("/api/v1/users/me").by(&bob).send().await.problem(401, "token_invalid");
    let again = app.call("PUT", &path).by(&ada).send().await.ok(200);
    assert_eq!(again["disabled_at"], disabled["disabled_at"]);
    let enabled = app.call("DELETE", &path).by(&ada).send().await.ok(200);
    assert!(enabled.get("disabled_at").is_none());
    let bob = app.log_in("bob").await;
    let sessions = format!("/api/v1/admin/users/{}/sessions", bob.id);
    assert_eq!(app.call("DELETE", &sessions).by(&ada).send().await.ok(200)["sessions"], 0);
    app.get("/api/v1/users/me").by(&bob).send().await.problem(401, "token_invalid");
    let own = format!("/api/v1/admin/users/{}/disabled", ada.id);
    app.call("PUT", &own).by(&ada).send().await.problem(409, "own_account");
    app.call("PUT", "/api/v1/admin/users/99/disabled").by(&ada).send().await.problem(404, "user_not_found");

    let log = app.get("/api/v1/admin/log").by(&ada).send().await.ok(200);
    let acts: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["session.end_all", "user.enable", "user.disable"]);
    assert_eq!(
        (&log["items"][0]["user"]["id"], &log["items"][0]["by"]["id"]),
        (&json!(bob.id), &json!(ada.id))
    );
    let first = app.get("/api/v1/admin/log?limit=1").by(&ada).send().await.ok(200);
    let rest = format!("/api/v1/admin/log?cursor={}", first["next"].as_str().unwrap());
    assert_eq!(app.get(&rest).by(&ada).send().await.ok(200)["items"].as_array().unwrap().len(), 2);
    app.get("/api/v1/admin/log?cursor=x").by(&ada).send().await.problem(422, "cursor_malformed");
}

#[actix_rt::test]
async fn administrators_make_one_another_and_one_is_always_left() {
    let app = TestApp::new().await;
    let (ada, bob, _) = three(&app).await;
    let path = |user: &TestUser| format!("/api/v1/admin/users/{}/admin", user.id);
    app.call("DELETE", &path(&ada)).by(&ada).send().await.problem(409, "own_account");
    assert_eq!(app.call("PUT", &path(&bob)).by(&ada).send().await.ok(200)["admin"], true);
    app.get("/api/v1/admin/users").by(&bob).send().await.ok(200);
    assert!(app.call("DELETE", &path(&ada)).by(&bob).send().await.ok(200).get("admin").is_none());
    app.get("/api/v1/admin/users").by(&ada).send().await.problem(403, "forbidden");
}

#[actix_rt::test]
async fn figures_count_each_message_once() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "tea").await;
    for _ in 0..2 {
        let send = app.post("/api/v1/rooms/tea/messages").by(&ada);
        assert!(send.json(r#"{"text":"hi","client_id":"1"}"#).send().await.status.is_success());
    }
    let stats = app.get("/api/v1/admin/stats").by(&ada).send().await.ok(200);
    let counts = ["connections", "users", "subscriptions", "rooms", "messages", "deliveries"];
    assert_eq!(counts.map(|name| stats[name].as_u64().unwrap()), [0, 0, 0, 0, 1, 0]);
    assert!(stats["at"].is_string() && stats["version"].is_string() && stats["uptime_seconds"].is_u64());
    assert!(stats.get("commits").is_none(), "nobody has told this API of its process");
}

/// What is told of all rooms, on both stores.
async fn rooms_and_reports(app: &TestApp) {
    let (ada, bob, cid) = three(app).await;
    for (id, kind) in [("tea", "public"), ("team", "private"), ("other", "public")] {
        let body = json!({ "id": id, "name": id, "kind": kind }).to_string();
        assert_eq!(app.post("/api/v1/rooms").by(&bob).json(&body).send().await.status, 201);
    }
    let opened = json!({ "users": [bob.id] }).to_string();
    let direct = app.post("/api/v1/direct").by(&cid).json(&opened).send().await.ok(201)["id"].clone();
    let direct = direct.as_str().unwrap();
    let send = |room: &str, user: &TestUser, body: Value| {
        app.post(&format!("/api/v1/rooms/{room}/messages")).by(user).json(&body.to_string()).send()
    };
    let report = |room: &str, offset: u64, user: &TestUser| {
        let path = format!("/api/v1/rooms/{room}/messages/{offset}/reports");
        app.post(&path).by(user).json(r#"{"reason":"rude"}"#).send()
    };
    send("team", &bob, json!({ "text": "one" })).await.ok(201);
    report("team", 2, &bob).await.ok(201);
    send(direct, &bob, json!({ "text": "secret" })).await.ok(201);
    send(direct, &bob, json!({ "text": "insult", "reply_to": 3 })).await.ok(201);
    report(direct, 4, &cid).await.ok(201);
    report("tea", 1, &bob).await.problem(404, "message_not_found");
    report(direct, 4, &ada).await.problem(404, "room_not_found");

    let list = |path: String| app.get(&path).by(&ada).send();
    let first = list("/api/v1/admin/reports?limit=1".into()).await.ok(200);
    assert_eq!(
        (&first["items"][0]["room"]["id"], &first["items"][0]["message"]["text"]),
        (&json!("team"), &json!("one"))
    );
    let next = format!("/api/v1/admin/reports?cursor={}&format=html", first["next"].as_str().unwrap());
    let rest = list(next).await.ok(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let of_direct = &rest["items"][0];
    assert_eq!(
        (&of_direct["room"]["kind"], &of_direct["message"]["text"]),
        (&json!("direct"), &json!("insult"))
    );
    assert!(of_direct["message"]["html"].is_string());
    assert!(!rest.to_string().contains("secret"), "{rest}");
    assert_eq!(rest["next"], Value::Null);
    list("/api/v1/admin/reports?cursor=x".into()).await.problem(422, "cursor_malformed");
    let settle = |room: &str, offset: u64| {
        let path = format!("/api/v1/admin/rooms/{room}/reports/{offset}");
        app.call("PUT", &path).by(&ada).json(r#"{"verdict":"upheld","note":"seen"}"#).send()
    };
    assert_eq!(settle(direct, 4).await.ok(200)["settled"], 1);
    settle(direct, 4).await.problem(404, "report_not_found");
    assert_eq!(settle("team", 2).await.ok(200)["settled"], 1);
    assert_eq!(list("/api/v1/admin/reports".into()).await.ok(200)["items"], json!([]));
    let settled = app.get("/api/v1/rooms/team/reports?settled=true").by(&bob).send().await.ok(200);
    assert_eq!(settled["items"][0]["report"]["settled"]["by"]["username"], "ada");
    app.get(&format!("/api/v1/rooms/{direct}/reports")).by(&cid).send().await.problem(403, "direct_room");

    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("/api/v1/admin/rooms".into()).await.ok(200);
    assert_eq!(ids(&all), [direct, "other", "tea", "team"]);
    assert!(all["items"][0].get("people").is_none());
    assert_eq!((&all["items"][3]["owner"], &all["items"][3]["member_count"]), (&json!(bob.id), &json!(1)));
    let page = list("/api/v1/admin/rooms?q=tea&limit=1".into()).await.ok(200);
    assert_eq!((ids(&page), &page["next"]), (vec!["tea".to_owned()], &json!("tea")));
    assert_eq!(ids(&list("/api/v1/admin/rooms?q=tea&cursor=tea".into()).await.ok(200)), ["team"]);

    let change = app.call("PATCH", "/api/v1/rooms/team").by(&bob).json(r#"{"topic":"work"}"#);
    change.send().await.ok(200);
    let audit = list("/api/v1/admin/rooms/team/audit".into()).await.ok(200);
    assert_eq!(audit["items"][0]["type"], "room.changed");
    list(format!("/api/v1/admin/rooms/{direct}/audit")).await.problem(403, "direct_room");
    list("/api/v1/admin/rooms/none/audit".into()).await.problem(404, "room_not_found");

    let delete = |room: &str| app.call("DELETE", &format!("/api/v1/admin/rooms/{room}")).by(&ada).send();
    delete(direct).await.problem(403, "direct_room");
    delete("team").await.no_content();
    delete("team").await.problem(404, "room_not_found");
    app.get("/api/v1/rooms/team").by(&bob).send().await.problem(404, "room_not_found");
    assert_eq!(ids(&list("/api/v1/admin/rooms?q=te".into()).await.ok(200)), ["tea"]);
    let log = list("/api/v1/admin/log".into()).await.ok(200);
    let acts: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["room.delete", "report.settle", "report.settle"]);
    assert_eq!((&log["items"][0]["room"], &log["items"][0]["detail"]), (&json!("team"), &json!("team")));
    assert_eq!((&log["items"][2]["target"], &log["items"][2]["detail"]), (&json!(4), &json!("upheld")));
}

#[actix_rt::test]
async fn rooms_and_reports_of_all_are_seen_to() {
    rooms_and_reports(&TestApp::new().await).await;
    rooms_and_reports(&TestApp::with_history(settings()).await).await;
}
