//! Accounts: signing up, and one's own profile.

use chat_api::Settings;
use chat_core::{Limits, Rate};
use serde_json::json;

use crate::support::{PASSWORD, TestApp, settings};

#[actix_rt::test]
async fn an_account_is_made_once() {
    let app = TestApp::new().await;
    let body = r#"{"username":"ada","email":"ada@example.org","password":"correct horse"}"#;
    let made = app.post("/api/v1/users").json(body).send().await;
    assert!(!made.text().contains("password"), "{}", made.text());
    let made = made.ok(201);
    assert_eq!(
        (&made["username"], &made["display_name"], &made["email"]),
        (&json!("ada"), &json!("ada"), &json!("ada@example.org"))
    );
    assert!(made["id"].is_string());
    app.post("/api/v1/users").json(body).send().await.problem(409, "username_taken");
    let body = r#"{"username":"ADA","email":"other@example.org","password":"correct horse"}"#;
    app.post("/api/v1/users").json(body).send().await.problem(409, "username_taken");
    let body = r#"{"username":"bob","email":"ADA@example.org","password":"correct horse"}"#;
    app.post("/api/v1/users").json(body).send().await.problem(409, "email_taken");
}

#[actix_rt::test]
async fn values_of_an_account_that_break_a_rule_are_named() {
    let app = TestApp::new().await;
    let long_name = "x".repeat(33);
    let long_password = "x".repeat(73);
    for (username, email, password, code) in [
        ("", "a@b", PASSWORD, "username_empty"),
        (&*long_name, "a@b", PASSWORD, "username_too_long"),
        ("a\u{7}b", "a@b", PASSWORD, "username_forbidden_character"),
        ("a@b", "a@b", PASSWORD, "username_malformed"),
        ("ada", "nowhere", PASSWORD, "email_malformed"),
        ("ada", "", PASSWORD, "email_empty"),
        ("ada", "a@b", "short", "password_too_short"),
        ("ada", "a@b", &*long_password, "password_too_long"),
        ("", "", "", "invalid"),
    ] {
        let body = json!({"username": username, "email": email, "password": password}).to_string();
        app.post("/api/v1/users").json(&body).send().await.problem(422, code);
    }
    app.post("/api/v1/users").json(r#"{"username":"ada"}"#).send().await.problem(400, "missing_field");
    let admin = r#"{"username":"ada","email":"a@b","password":"correct horse","admin":true}"#;
    app.post("/api/v1/users").json(admin).send().await.problem(400, "unknown_field");
}

#[actix_rt::test]
async fn users_are_found_by_those_who_are_signed_in() {
    let app = TestApp::new().await;
    let (ada, adam) = (app.user("ada").await, app.user("Adam").await);
    app.user("bob").await;
    let found = app.get("/api/v1/users?q=AD").by(&ada).send().await.ok(200);
    let shown = |id: &str, name: &str| json!({ "id": id, "username": name, "display_name": name });
    assert_eq!(found, json!({ "items": [shown(&ada.id, "ada"), shown(&adam.id, "Adam")] }));
    app.get("/api/v1/users?q=a").send().await.problem(401, "unauthorized");
    app.get("/api/v1/users?q=").by(&ada).send().await.problem(422, "q_empty");
    let long = format!("/api/v1/users?q={}", "x".repeat(33));
    app.get(&long).by(&ada).send().await.problem(422, "q_too_long");
    app.get("/api/v1/users").by(&ada).send().await.problem(400, "missing_field");
}

#[actix_rt::test]
async fn a_user_sees_and_changes_their_own_profile() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let me = app.get("/api/v1/users/me").by(&ada).send().await.ok(200);
    assert_eq!((&me["id"], &me["email"]), (&json!(ada.id), &json!("ada@example.org")));
    let changed = app.call("PATCH", "/api/v1/users/me").by(&ada).json(r#"{"display_name":"Ada L."}"#);
    assert_eq!(changed.send().await.ok(200)["display_name"], "Ada L.");
    let same = app.call("PATCH", "/api/v1/users/me").by(&ada).json("{}").send().await.ok(200);
    assert_eq!(same["display_name"], "Ada L.");
    let bad = app.call("PATCH", "/api/v1/users/me").by(&ada).json(r#"{"display_name":"a\u0000"}"#);
    bad.send().await.problem(422, "display_name_forbidden_character");

    let seen = app.get(&format!("/api/v1/users/{}", ada.id)).by(&bob).send().await.ok(200);
    assert_eq!(seen, json!({"id": ada.id, "username": "ada", "display_name": "Ada L."}));
    app.get("/api/v1/users/999").by(&bob).send().await.problem(404, "user_not_found");
    app.get("/api/v1/users/x").by(&bob).send().await.problem(422, "user_malformed");
}

#[actix_rt::test]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::new().await;
    let here = app.user("ada").await;
    let there = app.log_in("ada").await;
    let change = |old: &str, new: &str| {
        let body = json!({"current_password": old, "new_password": new}).to_string();
        app.call("PUT", "/api/v1/users/me/password").by(&here).json(&body).send()
    };
    change("wrong horse", "a new password").await.problem(403, "wrong_password");
    change(PASSWORD, "short").await.problem(422, "new_password_too_short");
    app.get("/api/v1/users/me").by(&there).send().await.ok(200);
    change(PASSWORD, "a new password").await.no_content();
    app.get("/api/v1/users/me").by(&here).send().await.ok(200);
    app.get("/api/v1/users/me").by(&there).send().await.problem(401, "token_invalid");
    let old = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    app.post("/api/v1/sessions").json(&old).send().await.problem(401, "wrong_credentials");
}

#[actix_rt::test]
async fn signing_up_can_be_closed() {
    let closed = Settings { sign_up_open: false, ..settings() };
    let app = TestApp::with(closed, Limits::default(), |_| ()).await;
    let body = r#"{"username":"ada","email":"ada@example.org","password":"correct horse"}"#;
    app.post("/api/v1/users").json(body).send().await.problem(403, "sign_up_closed");
    assert_eq!(app.post("/signup").json(body).send().await.status, 403);
}

#[actix_rt::test]
async fn one_address_signs_up_and_guesses_only_so_often() {
    let rate = Some(Rate { per_minute: 1, burst: 2 });
    let limited = Settings { log_in: rate, sign_up: rate, ..settings() };
    let app = TestApp::with(limited, Limits::default(), |_| ()).await;
    let guess = r#"{"username":"ada","password":"a guess"}"#;
    app.post("/api/v1/sessions").json(guess).send().await.problem(401, "wrong_credentials");
    app.post("/login").json(r#"{"email":"ada","password":"a guess"}"#).send().await.error(401);
    let refused = app.post("/api/v1/sessions").json(guess).send().await;
    refused.problem(429, "too_many_requests");
    assert!(!refused.header(actix_web::http::header::RETRY_AFTER).is_empty());
    app.post("/login").json(r#"{"email":"ada","password":"a guess"}"#).send().await.error(429);
    let elsewhere = app.post("/api/v1/sessions").from("192.0.2.9:1").json(guess).send().await;
    elsewhere.problem(401, "wrong_credentials");

    let body = r#"{"username":"","email":"","password":""}"#;
    app.post("/api/v1/users").json(body).send().await.problem(422, "invalid");
    app.post("/signup").json(body).send().await.error(400);
    app.post("/api/v1/users").json(body).send().await.problem(429, "too_many_requests");
}

#[actix_rt::test]
async fn whoever_signs_up_first_is_the_administrator() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let me = app.get("/api/v1/users/me").by(&ada).send().await.ok(200);
    assert_eq!(me["admin"], true);
    assert!(app.get("/api/v1/users/me").by(&bob).send().await.ok(200).get("admin").is_none());

    let off = Settings { first_is_admin: false, ..settings() };
    let app = TestApp::with(off, Limits::default(), |_| ()).await;
    let ada = app.user("ada").await;
    assert!(app.get("/api/v1/users/me").by(&ada).send().await.ok(200).get("admin").is_none());

    let app = TestApp::new().await;
    let classic = r#"{"username":"old","email":"old@example.org","password":"correct horse"}"#;
    assert_eq!(app.post("/signup").json(classic).send().await.status, 200);
    let ada = app.user("ada").await;
    assert!(app.get("/api/v1/users/me").by(&ada).send().await.ok(200).get("admin").is_none());
}
