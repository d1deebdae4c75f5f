//! Messages with their text as HTML.

use serde_json::{Value, json};

use crate::support::TestApp;

const MESSAGES: &str = "/api/v1/rooms/general/messages";

#[actix_rt::test]
async fn each_call_that_answers_messages_offers_them_as_html() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.room(&ada, "general").await;
    app.call("PUT", &format!("/api/v1/rooms/general/members/{}", bob.id)).by(&bob).send().await.ok(201);
    let sent = r#"{"text":"**hi** @ada, @room <b>"}"#;
    let sent = app.post(MESSAGES).by(&bob).json(sent).send().await.ok(201);
    assert_eq!(sent["html"], Value::Null);
    app.post(MESSAGES).by(&ada).json(r#"{"text":"ho","reply_to":3}"#).send().await.ok(201);
    let edit = r#"{"text":"*a*"}"#;
    app.call("PATCH", &format!("{MESSAGES}/4")).by(&ada).json(edit).send().await.ok(200);
    app.call("PUT", "/api/v1/rooms/general/pins/3").by(&ada).send().await.no_content();
    // Only whoever may call all does.
    let first = r#"<p dir="auto"><strong>hi</strong> <span class="mention" data-user="1">@ada</span>, @room &lt;b&gt;</p>"#;
    let reply = r#"<p dir="auto"><em>a</em></p>"#;
    for (path, places) in [
        (MESSAGES.to_owned(), vec![("/items/0", first), ("/items/1", reply)]),
        (format!("{MESSAGES}/3"), vec![("", first)]),
        (format!("{MESSAGES}/4/thread"), vec![("/message", first)]),
        (format!("{MESSAGES}/4/thread/messages"), vec![("/items/0", reply)]),
        ("/api/v1/threads".to_owned(), vec![("/items/0/message", first)]),
        ("/api/v1/rooms/general/pins".to_owned(), vec![("/items/0/message", first)]),
        ("/api/v1/inbox".to_owned(), vec![("/items/0/last_message", reply)]),
        (
            "/api/v1/rooms/general/events".to_owned(),
            vec![("/items/2/message", first), ("/items/3/message", reply), ("/items/4/message", reply)],
        ),
    ] {
        let get = async |query: &str| app.get(&format!("{path}?format={query}")).by(&bob).send().await;
        let plain = app.get(&path).by(&bob).send().await.ok(200);
        assert_eq!(get("text").await.ok(200), plain);
        let mut html = get("html").await.ok(200);
        for (place, expected) in places {
            let message = html.pointer_mut(place).unwrap().as_object_mut().unwrap();
            assert_eq!(message.remove("html").unwrap(), expected, "{path} {place}");
        }
        assert_eq!(html, plain, "{path}");
        for wrong in ["HTML", "", "markdown"] {
            let problem = get(wrong).await.problem(422, "format_malformed");
            let detail = "format must be text or html";
            assert_eq!(
                problem["errors"],
                json!([{"field": "format", "code": "malformed", "detail": detail}])
            );
        }
    }
    app.get("/api/v1/rooms/general/audit?format=html").by(&ada).send().await.ok(200);
    app.get("/api/v1/rooms/general/audit?format=x").by(&ada).send().await.problem(422, "format_malformed");
    // It is no field of a call that answers none, or that changes something.
    app.get("/api/v1/rooms?format=html").by(&ada).send().await.problem(400, "unknown_field");
    let body = r#"{"text":"a","format":"html"}"#;
    app.post(MESSAGES).by(&ada).json(body).send().await.problem(400, "unknown_field");
}

#[actix_rt::test]
async fn of_what_is_not_shown_there_is_no_html_either() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let direct =
        app.post("/api/v1/direct").by(&ada).json(&format!(r#"{{"users":["{}"]}}"#, bob.id)).send().await;
    let messages = format!("/api/v1/rooms/{}/messages", direct.ok(201)["id"].as_str().unwrap());
    app.call("PUT", &format!("/api/v1/blocks/{}", bob.id)).by(&ada).send().await.ok(201);
    let send = async |text| {
        let sent = app.post(&messages).by(&bob).json(&format!(r#"{{"text":"{text}"}}"#)).send().await.ok(201);
        sent["offset"].as_u64().unwrap()
    };
    let (withheld, deleted) = (send("*a*").await, send("*b*").await);
    app.call("DELETE", &format!("{messages}/{deleted}")).by(&bob).send().await.no_content();
    let get = async |user, offset: u64| {
        app.get(&format!("{messages}/{offset}?format=html")).by(user).send().await.ok(200)["html"].clone()
    };
    assert_eq!(get(&bob, withheld).await, r#"<p dir="auto"><em>a</em></p>"#);
    assert_eq!(get(&ada, withheld).await, "");
    assert_eq!(get(&bob, deleted).await, "");
}
