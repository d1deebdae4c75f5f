//! The classic API.

use std::sync::Arc;

use actix_web::http::header;
use chat_api::{ClassicSettings, Settings};
use chat_core::{Authenticator, Channel, Limits, Outbox, Push, WireFormat};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, settings};

struct Mute;

impl WireFormat for Mute {
    fn encode(&self, _: &Channel, _: &Push<'_>) -> Option<bytes::Bytes> {
        None
    }
}

/// Signs up and logs in; gives the value of the cookie.
async fn cookie(app: &TestApp, name: &str) -> String {
    let body = json!({"username": name, "email": format!("{name}@example.org"), "password": PASSWORD});
    app.post("/signup").json(&body.to_string()).send().await.ok(200);
    let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
    let reply = app.post("/login").json(&body.to_string()).send().await;
    reply.ok(200);
    let cookie = reply.header(header::SET_COOKIE).to_owned();
    cookie.split(';').next().unwrap().to_owned()
}

async fn create(app: &TestApp, cookie: &str, id: &str) -> u16 {
    let body = json!({"id": id, "name": "General"}).to_string();
    app.post("/ws/createRoom").header("Cookie", cookie).json(&body).send().await.status.as_u16()
}

#[actix_rt::test]
async fn one_signs_up_logs_in_and_out_as_ever() {
    let app = TestApp::new().await;
    let body = r#"{"username":"ada","email":"ada@example.org","password":"correct horse"}"#;
    let made = app.post("/signup").json(body).send().await.ok(200);
    assert_eq!(made, json!({"id": "1", "username": "ada", "email": "ada@example.org"}));
    let reply =
        app.post("/login").json(r#"{"email":"ada@example.org","password":"correct horse"}"#).send().await;
    assert_eq!(reply.ok(200), json!({"id": "1", "username": "ada"}));
    let set = reply.header(header::SET_COOKIE);
    let parts: Vec<&str> = set.split("; ").collect();
    assert!(parts[0].starts_with("jwt=ey"), "{set}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
        assert!(parts.contains(&part), "{part} in {set}");
    }
    assert!(!parts.contains(&"Secure"));
    app.get("/api/v1/users/me").header("Cookie", parts[0]).send().await.ok(200);

    let out = app.get("/logout").header("Cookie", parts[0]).send().await;
    assert_eq!(out.ok(200), json!({"message": "logout successful"}));
    assert!(out.header(header::SET_COOKIE).starts_with("jwt=; "), "{}", out.header(header::SET_COOKIE));
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"));
    app.get("/api/v1/users/me").header("Cookie", parts[0]).send().await.problem(401, "token_invalid");
    assert_eq!(app.get("/logout").send().await.ok(200), json!({"message": "logout successful"}));
}

#[actix_rt::test]
async fn taken_names_are_conflicts_and_bad_bodies_are_400() {
    let app = TestApp::new().await;
    let body = r#"{"username":"ada","email":"ada@example.org","password":"correct horse"}"#;
    app.post("/signup").json(body).send().await.ok(200);
    assert_eq!(app.post("/signup").json(body).send().await.error(409), "this username is taken");
    for body in ["", "{", "[]", "{}", r#"{"username":"bob","email":1,"password":"correct horse"}"#] {
        app.post("/signup").json(body).send().await.error(400);
        app.post("/login").json(body).send().await.error(400);
    }
    app.post("/signup")
        .json(r#"{"username":"","email":"a@b","password":"correct horse"}"#)
        .send()
        .await
        .error(400);
    app.post("/signup")
        .json(r#"{"username":"bob","email":"a@b","password":"short"}"#)
        .send()
        .await
        .error(400);
    let large = format!(r#"{{"username":"{}"}}"#, "x".repeat(70_000));
    app.post("/signup").json(&large).send().await.error(413);
    let mut invalid = body.as_bytes().to_vec();
    invalid[14] = 0xFF;
    app.post("/signup").body(invalid).send().await.error(400);
    // The original asked for no content type, and passed over what it did not know.
    let more = r#"{"username":"bob","email":"bob@example.org","password":"correct horse","extra":{"a":[1]}}"#;
    app.post("/signup").body(more).send().await.ok(200);
}

#[actix_rt::test]
async fn an_unknown_address_and_a_wrong_password_are_one_401() {
    let app = TestApp::new().await;
    cookie(&app, "ada").await;
    let wrong =
        app.post("/login").json(r#"{"email":"ada@example.org","password":"wrong horse"}"#).send().await;
    let unknown =
        app.post("/login").json(r#"{"email":"eve@example.org","password":"wrong horse"}"#).send().await;
    assert_eq!(wrong.error(401), unknown.error(401));
    assert!(wrong.header(header::SET_COOKIE).is_empty());
}

#[actix_rt::test]
async fn rooms_are_made_with_the_cookie_and_never_replaced() {
    let app = TestApp::new().await;
    let (ada, bob) = (cookie(&app, "ada").await, cookie(&app, "bob").await);
    assert_eq!(app.get("/ws/getRooms").send().await.ok(200), json!([]));
    let id = "3b241101-e2bb-4255-8caf-4136c566a962";
    let body = json!({"id": id, "name": "General"});
    let made = app.post("/ws/createRoom").header("Cookie", &ada).json(&body.to_string()).send().await.ok(200);
    assert_eq!(made, body);
    assert_eq!(create(&app, &bob, id).await, 409);
    assert_eq!(create(&app, "jwt=nonsense", "other").await, 401);
    let nobody = app.post("/ws/createRoom").json(r#"{"id":"other","name":"Other"}"#).send().await;
    nobody.error(401);
    for bad in ["", "a b", "a/b", &"x".repeat(65)] {
        assert_eq!(create(&app, &ada, bad).await, 400, "{bad}");
    }
    let unnamed = app.post("/ws/createRoom").header("Cookie", &ada).json(r#"{"id":"other","name":""}"#);
    unnamed.send().await.error(400);
    assert_eq!(app.get("/ws/getRooms").send().await.ok(200), json!([body]));
    let room = app.get(&format!("/api/v1/rooms/{id}")).header("Cookie", &ada).send().await.ok(200);
    assert_eq!((&room["kind"], &room["owner"]), (&json!("public"), &json!("1")));
}

#[actix_rt::test]
async fn a_page_of_another_origin_makes_no_room() {
    let origins = vec!["http://localhost:3000".to_owned()];
    let app = TestApp::with(Settings { origins, ..settings() }, Limits::default(), |_| ()).await;
    let ada = cookie(&app, "ada").await;
    let create = |origin: &str| {
        let call = app.post("/ws/createRoom").header("Cookie", &ada).header("Origin", origin);
        call.json(r#"{"id":"general","name":"General"}"#).send()
    };
    create("http://evil.example").await.error(403);
    create("http://localhost:3000").await.ok(200);
}

#[actix_rt::test]
async fn private_rooms_are_not_in_the_list_and_the_list_has_a_bound() {
    let classic = Some(ClassicSettings { rooms: 3, ..ClassicSettings::default() });
    let limits = Limits { page: 2, ..Limits::default() };
    let app = TestApp::with(Settings { classic, ..settings() }, limits, |_| ()).await;
    let ada = app.user("ada").await;
    for (id, kind) in [("a", "public"), ("b", "private"), ("c", "public"), ("d", "public"), ("e", "public")] {
        let body = json!({"id": id, "name": id, "kind": kind}).to_string();
        app.post("/api/v1/rooms").by(&ada).json(&body).send().await.ok(201);
    }
    let rooms = app.get("/ws/getRooms").by(&ada).send().await.ok(200);
    let ids: Vec<&Value> = rooms.as_array().unwrap().iter().map(|room| &room["id"]).collect();
    assert_eq!(ids, ["a", "c", "d"]);
}

#[actix_rt::test]
async fn clients_are_who_is_connected_each_once() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    let closed = r#"{"id":"closed","name":"Closed","kind":"private"}"#;
    app.post("/api/v1/rooms").by(&ada).json(closed).send().await.ok(201);
    for (user, room) in [(&bob, "general"), (&ada, "general"), (&ada, "general"), (&ada, "closed")] {
        let identity = app.users.authenticate(&user.token).await.unwrap();
        let outbox = Arc::new(Outbox::new(1000));
        let connection =
            app.chat.hub().connect(identity.profile, identity.session, Arc::new(Mute), outbox, 0).unwrap();
        let room = room.parse().unwrap();
        app.chat.subscribe(&connection, &room, None, false, |_| Ok(bytes::Bytes::new())).await.unwrap();
    }
    let clients = app.get("/ws/getClients/general").send().await.ok(200);
    assert_eq!(clients, json!([{"id": ada.id, "username": "ada"}, {"id": bob.id, "username": "bob"}]));
    let alone = json!([{"id": ada.id, "username": "ada"}]);
    assert_eq!(app.get("/ws/getClients/closed").by(&ada).send().await.ok(200), alone);
    for path in
        ["/ws/getClients/closed", "/ws/getClients/nowhere", "/ws/getClients/a%20b", "/ws/getClients/%FF"]
    {
        assert_eq!(app.get(path).send().await.text(), "[]", "{path}");
    }
    assert_eq!(app.get("/ws/getClients/closed").by(&bob).send().await.ok(200), json!([]));
    let here = app.get("/api/v1/rooms/general/presence").by(&bob).send().await.ok(200);
    assert_eq!((&here["items"][0]["connections"], &here["items"][1]["connections"]), (&json!(2), &json!(1)));
}

#[actix_rt::test]
async fn where_clients_are_trusted_rooms_of_nobody_belong_to_the_server() {
    let classic = Some(ClassicSettings { trust: true, ..ClassicSettings::default() });
    let app = TestApp::with(Settings { classic, ..settings() }, Limits::default(), |_| ()).await;
    for body in [
        r#"{"username":"Classic","email":"eve@example.org","password":"correct horse"}"#,
        r#"{"username":"eve","email":"classic@LOCALHOST","password":"correct horse"}"#,
    ] {
        app.post("/signup").json(body).send().await.error(409);
        app.post("/api/v1/users").json(body).send().await.problem(409, "username_taken");
    }
    for id in ["one", "two"] {
        let body = json!({"id": id, "name": id}).to_string();
        app.post("/ws/createRoom").json(&body).send().await.ok(200);
    }
    let ada = app.user("ada").await;
    let one = app.get("/api/v1/rooms/one").by(&ada).send().await.ok(200);
    let two = app.get("/api/v1/rooms/two").by(&ada).send().await.ok(200);
    assert_eq!(one["owner"], two["owner"]);
    let owner = app.get(&format!("/api/v1/users/{}", one["owner"].as_str().unwrap())).by(&ada).send().await;
    assert_eq!(owner.ok(200)["username"], "classic");
    let own = app.post("/ws/createRoom").by(&ada).json(r#"{"id":"three","name":"three"}"#);
    own.send().await.ok(200);
    assert_eq!(app.get("/api/v1/rooms/three").by(&ada).send().await.ok(200)["owner"], ada.id);
}

#[actix_rt::test]
async fn the_classic_calls_can_be_left_out() {
    let app = TestApp::with(Settings { classic: None, ..settings() }, Limits::default(), |_| ()).await;
    assert_eq!(app.get("/ws/getRooms").send().await.status, 404);
    let document = app.get("/api/openapi.json").send().await.ok(200);
    assert!(document["paths"].get("/ws/getRooms").is_none());
}
