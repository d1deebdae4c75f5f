//! The operator's corner.

use serde_json::{Value, json};

use crate::support::{TestApp, TestUser};

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
