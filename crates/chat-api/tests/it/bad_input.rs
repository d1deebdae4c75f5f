//! Everything that is no request of ours.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web;
use chat_core::{Backplane, Event, Limits, MemoryStore, RoomId};
use serde_json::json;

use crate::support::{TestApp, settings};

const MESSAGES: &str = "/api/v1/rooms/general/messages";

#[actix_rt::test]
async fn a_body_that_is_no_json_object_is_malformed() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    for (body, code) in [
        ("{", "malformed_json"),
        ("{\"text\":\"a\"}x", "malformed_json"),
        ("text", "malformed_json"),
        ("[]", "wrong_type"),
        ("\"text\"", "wrong_type"),
        ("null", "wrong_type"),
        ("", "missing_field"),
        ("{}", "missing_field"),
        (r#"{"text":1}"#, "wrong_type"),
        (r#"{"text":"a","data":{}"#, "malformed_json"),
        (r#"{"text":"a","tetx":"b"}"#, "unknown_field"),
        (r#"{"text":"a","room":"other"}"#, "unknown_field"),
        (r#"{"text":"a","text":"b"}"#, "duplicate_field"),
        (r#"{"text":"\ud800"}"#, "malformed_json"),
    ] {
        app.post(MESSAGES).by(&ada).json(body).send().await.problem(400, code);
    }
    let problem =
        app.post(MESSAGES).by(&ada).json(r#"{"tetx":"b"}"#).send().await.problem(400, "unknown_field");
    assert_eq!(
        problem["errors"],
        json!([{"field": "tetx", "code": "unknown_field", "detail": "tetx is not a field of this call"}])
    );
}

#[actix_rt::test]
async fn values_that_break_a_rule_are_invalid_and_named() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let long_text = format!(r#"{{"text":"{}"}}"#, "x".repeat(16 * 1024 + 1));
    let long_data = format!(r#"{{"text":"a","data":"{}"}}"#, "x".repeat(8 * 1024));
    for (body, code) in [
        (r#"{"text":""}"#, "text_empty"),
        (r#"{"text":" \n\t "}"#, "text_empty"),
        (r#"{"text":"a\u0000b"}"#, "text_forbidden_character"),
        (&long_text, "text_too_long"),
        (&long_data, "data_too_long"),
        (r#"{"text":"a","client_id":""}"#, "client_id_malformed"),
        (r#"{"text":"a","client_id":"a\u0007"}"#, "client_id_malformed"),
        (r#"{"text":"a","reply_to":9007199254740992}"#, "reply_to_malformed"),
    ] {
        let problem = app.post(MESSAGES).by(&ada).json(body).send().await.problem(422, code);
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
    }
    let long_name = format!(r#"{{"name":"{}"}}"#, "x".repeat(101));
    for (body, code) in [
        (r#"{"name":""}"#, "name_empty"),
        (r#"{"name":"  "}"#, "name_empty"),
        (r#"{"name":"a\nb"}"#, "name_forbidden_character"),
        (r#"{"name":"a\u202eb"}"#, "name_forbidden_character"),
        (&long_name, "name_too_long"),
        (r#"{"name":"a","id":"a b"}"#, "id_malformed"),
        (r#"{"name":"a","id":""}"#, "id_malformed"),
        (r#"{"name":"a","kind":"direct"}"#, "kind_malformed"),
        (r#"{"name":"","topic":"\u0001"}"#, "invalid"),
    ] {
        app.post("/api/v1/rooms").by(&ada).json(body).send().await.problem(422, code);
    }
}

#[actix_rt::test]
async fn paths_and_queries_are_held_to_the_same_rules() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    for (path, status, code) in [
        ("/api/v1/rooms/a%20b", 422, "room_malformed"),
        ("/api/v1/rooms/%FF", 422, "room_malformed"),
        ("/api/v1/rooms/a%2Fb", 422, "room_malformed"),
        ("/api/v1/rooms/%C3%A4", 422, "room_malformed"),
        ("/api/v1/rooms/general/messages/x", 400, "wrong_type"),
        ("/api/v1/rooms/general/messages/-1", 400, "wrong_type"),
        ("/api/v1/rooms/general/messages/9007199254740992", 422, "offset_malformed"),
        ("/api/v1/rooms?limit=x", 400, "wrong_type"),
        ("/api/v1/rooms?limit=0", 422, "limit_malformed"),
        ("/api/v1/rooms?limit=201", 422, "limit_malformed"),
        ("/api/v1/rooms?limit=99999999999999999999", 400, "wrong_type"),
        ("/api/v1/rooms?mine=yes", 400, "wrong_type"),
        ("/api/v1/rooms?colour=red", 400, "unknown_field"),
        ("/api/v1/rooms?limit=1&limit=2", 400, "duplicate_field"),
        ("/api/v1/rooms/general?room=other", 400, "duplicate_field"),
        ("/api/v1/rooms?cursor=%FF", 422, "cursor_malformed"),
        ("/api/v1/rooms/general/members?cursor=me", 422, "cursor_malformed"),
        ("/api/v1/rooms/general/messages?before=1&after=1", 422, "before_malformed"),
        ("/api/v1/rooms/general/events?after=x", 400, "wrong_type"),
    ] {
        let reply = app.get(path).by(&ada).send().await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        reply.problem(status, code);
    }
    app.call("PUT", "/api/v1/rooms/general/members/me").by(&ada).send().await.problem(422, "user_malformed");
}

#[actix_rt::test]
async fn a_body_must_be_json_in_utf_8() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let body = r#"{"text":"hi"}"#;
    app.post(MESSAGES).by(&ada).body(body).send().await.problem(415, "unsupported_media_type");
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/jsonp",
        "json",
    ] {
        let call = app.post(MESSAGES).by(&ada).header("Content-Type", content_type).body(body);
        call.send().await.problem(415, "unsupported_media_type");
    }
    let packed = app.post(MESSAGES).by(&ada).header("Content-Encoding", "gzip").json(body);
    packed.send().await.problem(415, "unsupported_media_type");
    for content_type in ["application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""] {
        let call = app.post(MESSAGES).by(&ada).header("Content-Type", content_type).body(body);
        call.send().await.ok(201);
    }
    let mut invalid = br#"{"text":"hi"#.to_vec();
    invalid.extend_from_slice(&[0xFF, b'"', b'}']);
    let call = app.post(MESSAGES).by(&ada).header("Content-Type", "application/json").body(invalid);
    call.send().await.problem(400, "invalid_utf8");
}

#[actix_rt::test]
async fn a_body_beyond_the_limit_is_not_read() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(64 * 1024));
    app.post("/api/v1/rooms").by(&ada).json(&body).send().await.problem(413, "body_too_large");
    let announced = app.post("/api/v1/rooms").by(&ada).json("{}").header("Content-Length", "999999999");
    announced.send().await.problem(413, "body_too_large");
}

#[actix_rt::test]
async fn other_methods_are_told_which_ones_there_are() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    for (method, path, allow) in [
        ("PUT", "/api/v1/rooms", "GET, HEAD, POST"),
        ("POST", "/api/v1/rooms/general", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/api/v1/rooms/general/members/1", "PUT, PATCH, DELETE"),
        ("PUT", "/api/v1/rooms/general/messages/1", "GET, HEAD, PATCH, DELETE"),
        ("DELETE", "/api/v1/rooms/general/events", "GET, HEAD"),
        ("POST", "/health/live", "GET, HEAD"),
    ] {
        let refused = app.call(method, path).by(&ada).send().await;
        refused.problem(405, "method_not_allowed");
        assert_eq!(refused.header(header::ALLOW), allow, "{method} {path}");
    }
}

#[actix_rt::test]
async fn unknown_paths_below_api_are_problems_and_others_are_not_ours() {
    let app = TestApp::with(settings(), Limits::default(), |config| {
        config.route("/", web::get().to(|| async { "the page" }));
    })
    .await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/rooms",
        "/api/v1/rooms/",
        "/api/v1/rooms/a/b/c/d",
    ] {
        app.get(path).send().await.problem(404, "path_not_found");
    }
    assert_eq!(app.get("/").send().await.text(), "the page");
    assert_eq!(app.get("/nothing").send().await.bytes.len(), 0);
}

#[actix_rt::test]
async fn who_is_nobody_learns_nothing_else() {
    let app = TestApp::new().await;
    for (call, code) in [
        (app.get("/api/v1/rooms?limit=x"), "unauthorized"),
        (app.post(MESSAGES).json("{"), "unauthorized"),
        (app.get("/api/v1/rooms").header("Authorization", "Bearer "), "token_invalid"),
        (app.get("/api/v1/rooms").header("Authorization", "Bearer nonsense"), "token_invalid"),
        (app.get("/api/v1/rooms").header("Authorization", "Basic YTpi"), "token_invalid"),
        (app.get("/api/v1/rooms").header("Cookie", "jwt=nonsense"), "token_invalid"),
    ] {
        let refused = call.send().await;
        refused.problem(401, code);
        assert!(refused.header(header::WWW_AUTHENTICATE).starts_with("Bearer"));
    }
}

#[actix_rt::test]
async fn the_cookie_changes_things_only_from_a_trusted_origin() {
    let origins = vec!["https://chat.example".to_owned()];
    let app = TestApp::with(chat_api::Settings { origins, ..settings() }, Limits::default(), |_| ()).await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let cookie = format!("jwt={}", ada.token);
    app.get("/api/v1/rooms").header("Cookie", &cookie).send().await.ok(200);
    let send = |origin: Option<&str>| {
        let call = app
            .post(MESSAGES)
            .header("Cookie", &cookie)
            .header("Host", "chat.local:8080")
            .json(r#"{"text":"hi"}"#);
        match origin {
            Some(origin) => call.header("Origin", origin),
            None => call,
        }
    };
    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("http://chat.local"),
        Some("https://chat.example.evil.example"),
    ] {
        send(origin).send().await.problem(403, "cross_origin");
    }
    for origin in ["http://chat.local:8080", "https://CHAT.local:8080", "https://chat.example"] {
        send(Some(origin)).send().await.ok(201);
    }
    let bearer =
        app.post(MESSAGES).by(&ada).header("Origin", "https://evil.example").json(r#"{"text":"hi"}"#);
    bearer.send().await.ok(201);
}

#[actix_rt::test]
async fn a_handler_that_panics_answers_with_nothing_of_the_inside() {
    let store = MemoryStore::new(Limits::default(), Arc::new(Panics));
    let app = TestApp::with_store(Arc::new(store)).await;
    let ada = app.user("ada").await;
    let reply = app.post("/api/v1/rooms").by(&ada).json(r#"{"name":"R"}"#).send().await;
    reply.problem(500, "internal");
    assert!(!reply.text().contains("inside"));
    app.get("/api/v1/users/me").by(&ada).send().await.ok(200);
}

/// Has a bug where the store tells it what was kept.
struct Panics;

impl Backplane for Panics {
    fn publish(&self, _: &[Arc<Event>]) {
        panic!("inside")
    }

    fn behind(&self, _: &[RoomId]) {}
}
