//! Previews of links over HTTP, where nobody looks.

use crate::support::TestApp;

#[actix_rt::test]
async fn previews_that_are_off_are_not_there() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let path = "/api/v1/rooms/general/messages/2/previews";
    let sent = app.post("/api/v1/rooms/general/messages").by(&ada).json(r#"{"text":"https://a.example"}"#);
    sent.send().await.ok(201);
    app.get(path).by(&ada).send().await.problem(404, "previews_disabled");
    app.get(path).send().await.problem(401, "unauthorized");
    app.post(path).by(&ada).send().await.problem(405, "method_not_allowed");
    app.get(&path.replace('2', "x")).by(&ada).send().await.problem(400, "wrong_type");
    app.get(&format!("{path}?url=https://a.example")).by(&ada).send().await.problem(400, "unknown_field");
}
