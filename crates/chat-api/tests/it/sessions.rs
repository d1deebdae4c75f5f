//! Log-ins and tokens.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use chat_core::{Authenticator, Channel, CloseReason, Outbox, Push, WireFormat};
use serde_json::json;

use crate::support::{PASSWORD, TestApp, TestUser, advance};

struct Mute;

impl WireFormat for Mute {
    fn encode(&self, _: &Channel, _: &Push<'_>) -> Option<bytes::Bytes> {
        None
    }
}

/// A connection of a user's session.
async fn connect(app: &TestApp, user: &TestUser) -> Arc<Outbox> {
    let identity = app.users.authenticate(&user.token).await.unwrap();
    let outbox = Arc::new(Outbox::new(1000));
    app.chat.hub().connect(identity.profile, identity.session, Arc::new(Mute), outbox.clone(), 0).unwrap();
    outbox
}

#[actix_rt::test]
async fn one_logs_in_with_email_or_username() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for name in [r#""email":"ada@example.org""#, r#""email":"ADA@example.org""#, r#""username":"ada""#] {
        let body = format!(r#"{{{name},"password":"{PASSWORD}"}}"#);
        let reply = app.post("/api/v1/sessions").json(&body).send().await;
        assert_eq!(reply.header(header::CACHE_CONTROL), "no-store");
        let tokens = reply.ok(201);
        assert_eq!(tokens["user"], json!({"id": ada.id, "username": "ada", "display_name": "ada"}));
        assert_eq!(tokens["expires_in"], 900);
        assert_ne!(tokens["access_token"], tokens["refresh_token"]);
    }
}

#[actix_rt::test]
async fn an_unknown_name_and_a_wrong_password_are_told_the_same() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let wrong =
        app.post("/api/v1/sessions").json(r#"{"username":"ada","password":"wrong horse"}"#).send().await;
    let unknown =
        app.post("/api/v1/sessions").json(r#"{"username":"eve","password":"wrong horse"}"#).send().await;
    wrong.problem(401, "wrong_credentials");
    assert_eq!(wrong.text(), unknown.text());
    for (body, status, code) in [
        (r#"{"password":"x"}"#, 400, "missing_field"),
        (r#"{"email":"a@b"}"#, 400, "missing_field"),
        (r#"{"email":"a@b","username":"a","password":"x"}"#, 422, "username_malformed"),
        (r#"{"email":1,"password":"x"}"#, 400, "wrong_type"),
    ] {
        app.post("/api/v1/sessions").json(body).send().await.problem(status, code);
    }
}

#[actix_rt::test]
async fn a_disabled_account_is_told_so_only_with_its_password() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.users.set_disabled(ada.id.parse().unwrap(), true).await.unwrap();
    let right = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    app.post("/api/v1/sessions").json(&right).send().await.problem(403, "account_disabled");
    let wrong = r#"{"username":"ada","password":"wrong horse"}"#;
    app.post("/api/v1/sessions").json(wrong).send().await.problem(401, "wrong_credentials");
    app.get("/api/v1/rooms").by(&ada).send().await.problem(401, "token_invalid");
}

#[actix_rt::test]
async fn tokens_that_have_ended_or_were_never_ours_are_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let claims = ada.token.split('.').nth(1).unwrap();
    let signature = ada.token.rsplit('.').next().unwrap();
    // {"alg":"none","typ":"JWT"} and {"alg":"HS256","typ":"JWT"}
    let (none, hs256) = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
    let stranger = TestApp::with_key(b"another key, of another server, 32 bytes").await.user("ada").await;
    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{hs256}.{claims}."),
        // {"sub":"1","sid":1,"iat":0,"exp":99999999999}
        format!("{hs256}.eyJzdWIiOiIxIiwic2lkIjoxLCJpYXQiOjAsImV4cCI6OTk5OTk5OTk5OTl9.{signature}"),
        stranger.token,
        "a.b.c".to_owned(),
        "x".repeat(8000),
    ] {
        let bearer = app.get("/api/v1/rooms").header("Authorization", &format!("Bearer {forged}"));
        bearer.send().await.problem(401, "token_invalid");
        let cookie = app.get("/api/v1/rooms").header("Cookie", &format!("jwt={forged}"));
        cookie.send().await.problem(401, "token_invalid");
    }
    app.get("/api/v1/rooms").by(&ada).send().await.ok(200);
    advance(Duration::from_secs(15 * 60));
    let expired = app.get("/api/v1/rooms").by(&ada).send().await;
    expired.problem(401, "token_expired");
    assert_eq!(expired.header(header::WWW_AUTHENTICATE), "Bearer error=\"invalid_token\"");
}

#[actix_rt::test]
async fn a_refresh_token_is_good_once_and_its_later_use_ends_the_session() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let connection = connect(&app, &ada).await;
    let refresh = |token: &str| {
        app.post("/api/v1/sessions/refresh").json(&json!({"refresh_token": token}).to_string()).send()
    };
    // The answer is lost, and asked for again.
    refresh(&ada.refresh_token).await.ok(200);
    let tokens = refresh(&ada.refresh_token).await.ok(200);
    assert_ne!(tokens["refresh_token"], json!(ada.refresh_token));
    let renewed = tokens["access_token"].as_str().unwrap();
    let by_renewed =
        || app.get("/api/v1/users/me").header("Authorization", &format!("Bearer {renewed}")).send();
    by_renewed().await.ok(200);
    assert_eq!(connection.closed(), None);

    let last = refresh(tokens["refresh_token"].as_str().unwrap()).await.ok(200);
    refresh(&ada.refresh_token).await.problem(401, "refresh_token_invalid");
    assert_eq!(connection.closed(), Some(CloseReason::SessionEnded));
    by_renewed().await.problem(401, "token_invalid");
    refresh(last["refresh_token"].as_str().unwrap()).await.problem(401, "refresh_token_invalid");
    refresh("nonsense").await.problem(401, "refresh_token_invalid");
}

#[actix_rt::test]
async fn sessions_are_listed_and_ended_with_their_connections() {
    let app = TestApp::new().await;
    let here = app.user("ada").await;
    let there = app.log_in("ada").await;
    let (connection_here, connection_there) = (connect(&app, &here).await, connect(&app, &there).await);
    let list = app.get("/api/v1/sessions").by(&here).send().await.ok(200);
    let sessions = list["items"].as_array().unwrap();
    assert_eq!((sessions.len(), &list["next"]), (2, &json!(null)));
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    assert!(other["created_at"].as_str().unwrap().ends_with('Z'));

    let path = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    let eve = app.user("eve").await;
    app.call("DELETE", &path).by(&eve).send().await.problem(404, "session_not_found");
    app.call("DELETE", &path).by(&here).send().await.no_content();
    assert_eq!(
        (connection_there.closed(), connection_here.closed()),
        (Some(CloseReason::SessionEnded), None)
    );
    app.get("/api/v1/users/me").by(&there).send().await.problem(401, "token_invalid");
    app.call("DELETE", &path).by(&here).send().await.problem(404, "session_not_found");
    app.call("DELETE", "/api/v1/sessions/none").by(&here).send().await.problem(404, "session_not_found");

    app.call("DELETE", "/api/v1/sessions/current").by(&here).send().await.no_content();
    assert_eq!(connection_here.closed(), Some(CloseReason::SessionEnded));
    app.get("/api/v1/users/me").by(&here).send().await.problem(401, "token_invalid");
}

#[actix_rt::test]
async fn readiness_follows_the_accounts() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    assert_eq!(app.get("/health/ready").send().await.ok(200), json!({"status": "ok"}));
    app.db.close();
    let away = app.get("/health/ready").send().await;
    away.problem(503, "unavailable");
    assert!(!away.header(header::RETRY_AFTER).is_empty());
    app.get("/api/v1/rooms").by(&ada).send().await.problem(503, "unavailable");
    app.post("/api/v1/sessions")
        .json(r#"{"username":"ada","password":"x"}"#)
        .send()
        .await
        .problem(503, "unavailable");
    assert_eq!(app.get("/health/live").send().await.ok(200), json!({"status": "ok"}));
}
