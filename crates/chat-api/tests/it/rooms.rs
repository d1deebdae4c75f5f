//! Rooms and their members.

use serde_json::json;

use crate::support::TestApp;

#[actix_rt::test]
async fn a_room_is_made_found_changed_and_deleted() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let made =
        app.post("/api/v1/rooms").by(&ada).json(r#"{"name":"General","topic":"all"}"#).send().await.ok(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (&made["kind"], &made["role"], &made["owner"]),
        (&json!("public"), &json!("owner"), &json!(ada.id))
    );

    let path = format!("/api/v1/rooms/{id}");
    assert_eq!(app.get(&path).by(&ada).send().await.ok(200), made);
    let changed =
        app.call("PATCH", &path).by(&ada).json(r#"{"name":"News","kind":"private"}"#).send().await.ok(200);
    assert_eq!(
        (&changed["name"], &changed["topic"], &changed["kind"]),
        (&json!("News"), &json!("all"), &json!("private"))
    );

    let bob = app.user("bob").await;
    app.get(&path).by(&bob).send().await.problem(404, "room_not_found");
    assert_eq!(app.get("/api/v1/rooms").by(&bob).send().await.ok(200), json!({"items": [], "next": null}));
    let mine = app.get("/api/v1/rooms?mine=true").by(&ada).send().await.ok(200);
    assert_eq!(mine["items"][0]["id"], id);

    let gone = app.call("DELETE", &path).by(&ada).send().await;
    assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0));
    app.get(&path).by(&ada).send().await.problem(404, "room_not_found");
}

#[actix_rt::test]
async fn an_existing_id_is_a_conflict_and_the_room_stays_as_it_is() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    let again = app.post("/api/v1/rooms").by(&bob).json(r#"{"id":"general","name":"Mine now"}"#);
    again.send().await.problem(409, "room_exists");
    assert_eq!(app.get("/api/v1/rooms/general").by(&bob).send().await.ok(200)["owner"], ada.id);
}

#[actix_rt::test]
async fn members_join_are_invited_promoted_and_leave() {
    let app = TestApp::new().await;
    let (ada, bob, eve) = (app.user("ada").await, app.user("bob").await, app.user("eve").await);
    app.room(&ada, "general").await;
    let of = |id: &str| format!("/api/v1/rooms/general/members/{id}");

    assert_eq!(app.call("PUT", &of(&bob.id)).by(&bob).send().await.ok(201)["role"], "member");
    assert_eq!(app.call("PUT", &of(&bob.id)).by(&bob).send().await.ok(200)["role"], "member");
    let eve_in = app.call("PUT", &of(&eve.id)).by(&bob).json(r#"{"role":"reader"}"#).send().await.ok(201);
    assert_eq!((&eve_in["role"], &eve_in["user"]["id"]), (&json!("reader"), &json!(eve.id)));
    app.call("PUT", &of("99999")).by(&ada).send().await.problem(422, "user_unknown");

    app.call("PATCH", &of(&eve.id))
        .by(&bob)
        .json(r#"{"role":"member"}"#)
        .send()
        .await
        .problem(403, "forbidden");
    let role = app.call("PATCH", &of(&eve.id)).by(&ada).json(r#"{"role":"moderator"}"#).send().await.ok(200);
    assert_eq!(role["role"], "moderator");

    let page = app.get("/api/v1/rooms/general/members?limit=2").by(&ada).send().await.ok(200);
    assert_eq!((&page["items"][0]["user"]["id"], &page["next"]), (&json!(ada.id), &json!(bob.id)));
    let next = format!("/api/v1/rooms/general/members?limit=2&cursor={}", bob.id);
    let page = app.get(&next).by(&ada).send().await.ok(200);
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_null()), (1, true));

    app.call("DELETE", &of(&bob.id)).by(&bob).send().await.no_content();
    app.call("DELETE", &of(&eve.id)).by(&ada).send().await.no_content();
    app.call("DELETE", &of(&eve.id)).by(&ada).send().await.problem(404, "member_not_found");
    app.call("DELETE", &of(&ada.id)).by(&ada).send().await.problem(409, "owner_required");
}

#[actix_rt::test]
async fn presence_of_a_room_without_connections_is_empty() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let here = app.get("/api/v1/rooms/general/presence").by(&ada).send().await.ok(200);
    assert_eq!(here, json!({"items": [], "next": null}));
    app.get("/api/v1/rooms/nowhere/presence").by(&ada).send().await.problem(404, "room_not_found");
}

#[actix_rt::test]
async fn what_can_be_got_can_be_asked_for_its_head() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    assert_eq!(app.call("HEAD", "/api/v1/rooms").by(&ada).send().await.status, 200);
}

#[actix_rt::test]
async fn a_direct_room_is_the_same_for_all_of_its_people() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.user("cid").await;
    let open = async |user, body: &str| app.post("/api/v1/direct").by(user).json(body).send().await;
    let room = open(&ada, r#"{"users":["2"]}"#).await.ok(201);
    assert_eq!(
        (&room["kind"], &room["role"], &room["name"]),
        (&json!("direct"), &json!("member"), &json!(""))
    );
    assert_eq!(open(&bob, r#"{"users":["1","2"]}"#).await.ok(200), room);
    for (body, status, code) in [
        (r#"{"users":[]}"#, 422, "users_count"),
        (r#"{"users":["1"]}"#, 422, "users_count"),
        (r#"{"users":["9"]}"#, 422, "users_unknown"),
        (r#"{"users":["x"]}"#, 422, "users_malformed"),
        (r#"{"users":"2"}"#, 400, "wrong_type"),
        (r#"{"users":[2]}"#, 400, "wrong_type"),
        (r#"{"users":[["2"]]}"#, 400, "wrong_type"),
        (r#"{"users":null}"#, 400, "wrong_type"),
        ("{}", 400, "missing_field"),
    ] {
        open(&ada, body).await.problem(status, code);
    }
    let path = format!("/api/v1/rooms/{}", room["id"].as_str().unwrap());
    app.call("DELETE", &path).by(&ada).send().await.problem(403, "direct_room");
    let body = r#"{"kind":"public"}"#;
    app.call("PATCH", &path).by(&ada).json(body).send().await.problem(403, "direct_room");
    let body = r#"{"name":"x","kind":"direct"}"#;
    app.post("/api/v1/rooms").by(&ada).json(body).send().await.problem(422, "kind_malformed");
    let body = format!(r#"{{"name":"x","id":{}}}"#, room["id"]);
    app.post("/api/v1/rooms").by(&ada).json(&body).send().await.problem(422, "id_malformed");
}
