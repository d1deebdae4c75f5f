//! Messages that expire, over HTTP.

use serde_json::{Value, json};

use crate::support::TestApp;

#[actix_rt::test]
async fn messages_say_when_they_expire_and_wrong_terms_are_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let send = async |fields: &str| {
        let body = format!(r#"{{"text":"hi"{fields}}}"#);
        app.post("/api/v1/rooms/general/messages").by(&ada).json(&body).send().await
    };
    assert_eq!(send("").await.ok(201)["expires_at"], Value::Null);
    let sent = send(r#","expires_in":60"#).await.ok(201);
    assert!(sent["expires_at"].as_str().unwrap() > sent["created_at"].as_str().unwrap());
    let path = format!("/api/v1/rooms/general/messages/{}", sent["offset"]);
    assert_eq!(app.get(&path).by(&ada).send().await.ok(200), sent);
    send(r#","expires_in":4"#).await.problem(422, "expires_in_malformed");
    send(r#","expires_in":31536001"#).await.problem(422, "expires_in_malformed");
    send(r#","expires_in":"60""#).await.problem(400, "wrong_type");
    send(r#","expires_in":-1"#).await.problem(400, "wrong_type");
    assert_eq!(send(r#","expires_in":null"#).await.ok(201)["expires_at"], Value::Null);

    let change =
        async |body: &str| app.call("PATCH", "/api/v1/rooms/general").by(&ada).json(body).send().await;
    change(r#"{"expire_seconds":4}"#).await.problem(422, "expire_seconds_malformed");
    change(r#"{"expire_seconds":4294967296}"#).await.problem(422, "expire_seconds_malformed");
    assert_eq!(change(r#"{"expire_seconds":86400}"#).await.ok(200)["expire_seconds"], 86400);
    assert!(send("").await.ok(201)["expires_at"].is_string());
    let log = app.get("/api/v1/rooms/general/events?after=4").by(&ada).send().await.ok(200);
    assert_eq!(log["items"][0]["room"]["expire_seconds"], 86400);
    assert!(log["items"][1]["message"]["expires_at"].is_string());
    assert_eq!(change(r#"{"expire_seconds":0}"#).await.ok(200).get("expire_seconds"), None::<&Value>);
    assert_eq!(send("").await.ok(201).get("expires_at"), None::<&Value>, "{}", json!(sent));
}
