//! Files over HTTP: up by the tus protocol, attached, and down over signed links.

use std::time::Duration;

use actix_web::http::header;
use chat_api::Settings;
use serde_json::{Value, json};

use crate::support::{Call, Reply, TestApp, TestUser, advance, settings};

const UPLOADS: &str = "/api/v1/uploads";
const BYTES: &str = "application/offset+octet-stream";

/// A picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

fn tus<'a>(call: Call<'a>, by: &TestUser) -> Call<'a> {
    call.by(by).header("Tus-Resumable", "1.0.0")
}

/// A whole file in one request; its id.
async fn put(app: &TestApp, by: &TestUser, name: &str, bytes: &[u8]) -> Reply {
    let call = tus(app.post(UPLOADS), by).header("Upload-Length", &bytes.len().to_string());
    let call = call.header("Upload-Metadata", name).header("Content-Type", BYTES);
    call.body(bytes).send().await
}

fn id(reply: &Value) -> String {
    reply["id"].as_str().unwrap().to_owned()
}

async fn patch(app: &TestApp, by: &TestUser, path: &str, offset: u64, bytes: &[u8]) -> Reply {
    let call = tus(app.call("PATCH", path), by).header("Upload-Offset", &offset.to_string());
    call.header("Content-Type", BYTES).body(bytes).send().await
}

/// A room with a message that brings a file; the path of the attachment.
async fn sent(app: &TestApp, by: &TestUser, room: &str, upload: &str) -> (Value, String) {
    let body = json!({"text": "", "attachments": [upload]}).to_string();
    let path = format!("/api/v1/rooms/{room}/messages");
    let message = app.post(&path).by(by).json(&body).send().await.ok(201);
    let attachment = format!("{path}/{}/attachments/{upload}", message["offset"]);
    (message, attachment)
}

async fn link(app: &TestApp, by: &TestUser, attachment: &str) -> String {
    app.get(attachment).by(by).send().await.ok(200)["url"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn an_upload_goes_on_where_it_was_cut_off() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let begun = tus(app.post(UPLOADS), &ada).header("Upload-Length", "11");
    let begun = begun.header("Upload-Metadata", "filename w6QudHh0,filetype aW1hZ2UvcG5n").send().await;
    let shown = begun.ok(201);
    let path = begun.header(header::LOCATION).to_owned();
    assert_eq!(path, format!("{UPLOADS}/{}", id(&shown)));
    assert_eq!(
        (&shown["name"], &shown["complete"], &shown["offset"]),
        (&json!("ä.txt"), &json!(false), &json!(0))
    );
    assert!(begun.headers.get("Upload-Expires").unwrap().to_str().unwrap().ends_with("GMT"));

    let head = tus(app.call("HEAD", &path), &ada).send().await;
    assert_eq!(head.status, 200);
    for (name, value) in [
        ("Upload-Offset", "0"),
        ("Upload-Length", "11"),
        ("Cache-Control", "no-store"),
        ("Tus-Resumable", "1.0.0"),
    ] {
        assert_eq!(head.headers.get(name).unwrap(), value, "{name}");
    }
    let part = patch(&app, &ada, &path, 0, b"hello ").await;
    part.no_content();
    assert_eq!(part.headers.get("Upload-Offset").unwrap(), "6");
    let wrong = patch(&app, &ada, &path, 0, b"hello ").await;
    wrong.problem(409, "wrong_offset");
    assert_eq!(wrong.headers.get("Upload-Offset").unwrap(), "6");
    patch(&app, &ada, &path, 6, b"world").await.no_content();
    let done = app.get(&path).by(&ada).send().await.ok(200);
    assert_eq!((&done["complete"], &done["type"]), (&json!(true), &json!("text/plain")));
    assert!(done["expires_at"].is_string() && done.get("width").is_none());
    patch(&app, &ada, &path, 11, b"!").await.problem(413, "upload_too_large");

    let ben = app.user("ben").await;
    app.get(&path).by(&ben).send().await.problem(404, "upload_not_found");
    patch(&app, &ben, &path, 11, b"").await.problem(404, "upload_not_found");
    tus(app.call("DELETE", &path), &ben).send().await.problem(404, "upload_not_found");
    app.get(&path).send().await.problem(401, "unauthorized");
    tus(app.call("DELETE", &path), &ada).send().await.no_content();
    app.get(&path).by(&ada).send().await.problem(404, "upload_not_found");

    let options = app.call("OPTIONS", UPLOADS).send().await;
    options.no_content();
    assert_eq!(options.headers.get("Tus-Version").unwrap(), "1.0.0");
    assert_eq!(options.headers.get("Tus-Max-Size").unwrap(), "26214400");
    assert!(options.headers.get("Tus-Extension").unwrap().to_str().unwrap().contains("creation"));
}

#[actix_rt::test]
async fn what_is_no_request_of_the_protocol_is_told_so() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.post(UPLOADS).header("Upload-Length", "1").send().await.problem(401, "unauthorized");
    let create = |length: &str| app.post(UPLOADS).by(&ada).header("Upload-Length", length);
    for length in ["", "-1", "+1", "1.5", "x", "99999999999999999999999"] {
        create(length).send().await.problem(400, "malformed_header");
    }
    app.post(UPLOADS).by(&ada).send().await.problem(400, "malformed_header");
    create("26214401").send().await.problem(413, "upload_too_large");
    for metadata in ["filename a.png", "filename /w==", "x !"] {
        create("1").header("Upload-Metadata", metadata).send().await.problem(400, "malformed_header");
    }
    let version = create("1").header("Tus-Resumable", "0.2.2").send().await;
    version.problem(412, "tus_version");
    assert_eq!(version.headers.get("Tus-Version").unwrap(), "1.0.0");
    let path = format!("{UPLOADS}/{}", id(&create("5").send().await.ok(201)));
    let patch = || app.call("PATCH", &path).by(&ada);
    patch().header("Upload-Offset", "0").body("x").send().await.problem(415, "unsupported_media_type");
    patch().header("Content-Type", BYTES).body("x").send().await.problem(400, "malformed_header");
    for offset in ["-0", "x", ""] {
        let call = patch().header("Upload-Offset", offset).header("Content-Type", BYTES);
        call.body("x").send().await.problem(400, "malformed_header");
    }
    for id in ["x", "1", "00000000-0000-4000-8000-000000000000", "..%2F..%2Fetc"] {
        app.get(&format!("{UPLOADS}/{id}")).by(&ada).send().await.problem(404, "upload_not_found");
    }
    let cookie = format!("jwt={}", ada.token);
    let foreign = app.post(UPLOADS).header("Cookie", &cookie).header("Origin", "https://evil.example");
    foreign.header("Upload-Length", "1").send().await.problem(403, "cross_origin");
}

#[actix_rt::test]
async fn a_message_brings_files_and_says_what_they_are() {
    let app = TestApp::with_history(settings()).await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    // "../../a\r\nX: y.gif"
    let upload = put(&app, &ada, "filename Li4vLi4vYQ0KWDogeS5naWY=", PIXEL).await.ok(201);
    assert_eq!(
        (&upload["type"], &upload["width"], &upload["name"]),
        (&json!("image/gif"), &json!(1), &json!("aX: y.gif"))
    );
    let (message, _) = sent(&app, &ada, "general", &id(&upload)).await;
    let shown = json!([{"id": id(&upload), "name": "aX: y.gif", "type": "image/gif", "size": PIXEL.len(), "width": 1, "height": 1}]);
    assert_eq!(message["attachments"], shown);
    let events = app.get("/api/v1/rooms/general/events?after=1").by(&ada).send().await.ok(200);
    assert_eq!(events["items"][0]["message"]["attachments"], shown);
    let pixel = put(&app, &ada, "filename YQ==", PIXEL).await.ok(201);
    let with = json!({ "text": "a pixel", "attachments": [id(&pixel)] }).to_string();
    for (body, found) in [(with.as_str(), 1), (r#"{"text":"no pixel"}"#, 1)] {
        app.post("/api/v1/rooms/general/messages").by(&ada).json(body).send().await.ok(201);
        let page = app.get("/api/v1/search?q=pixel&has=attachment").by(&ada).send().await.ok(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found);
        assert_eq!(page["items"][0]["message"]["text"], "a pixel");
    }

    let send = async |attachments: &str| {
        let body = format!(r#"{{"text":"x","attachments":{attachments}}}"#);
        app.post("/api/v1/rooms/general/messages").by(&ada).json(&body).send().await
    };
    let again = format!("[\"{}\"]", id(&upload));
    let problem = send(&again).await.problem(422, "attachments_unknown");
    assert_eq!(problem["errors"][0]["field"], "attachments");
    send("[\"x\"]").await.problem(422, "attachments_malformed");
    send("\"x\"").await.problem(400, "wrong_type");
    send("[1]").await.problem(400, "wrong_type");
    let twice = put(&app, &ada, "filename", b"a").await.ok(201);
    send(&format!("[\"{0}\",\"{0}\"]", id(&twice))).await.problem(422, "attachments_malformed");
    let many = vec!["00000000-0000-4000-8000-000000000000"; 11];
    send(&json!(many).to_string()).await.problem(422, "attachments_count");
    let begun = tus(app.post(UPLOADS), &ada).header("Upload-Length", "5").send().await.ok(201);
    send(&format!("[\"{}\"]", id(&begun))).await.problem(422, "attachments_unknown");
    let ben = app.user("ben").await;
    let foreign = put(&app, &ben, "filename", b"a").await.ok(201);
    send(&format!("[\"{}\"]", id(&foreign))).await.problem(422, "attachments_unknown");
    let path = format!("{UPLOADS}/{}", id(&upload));
    tus(app.call("DELETE", &path), &ada).send().await.problem(409, "upload_attached");
    assert!(app.get(&path).by(&ada).send().await.ok(200).get("expires_at").is_none());
}

#[actix_rt::test]
async fn bytes_are_given_with_headers_that_make_a_browser_run_nothing() {
    let app = TestApp::with_history(settings()).await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let html = b"<!DOCTYPE html><script>alert(1)</script>".as_slice();
    // `a "ä".png`
    for (bytes, kind, shown) in [
        (html, "application/octet-stream", "attachment"),
        (PIXEL, "image/gif", "inline"),
        (b"words", "text/plain; charset=utf-8", "attachment"),
    ] {
        let upload = put(&app, &ada, "filename YSAiw6QiLnBuZw==", bytes).await.ok(201);
        let (_, attachment) = sent(&app, &ada, "general", &id(&upload)).await;
        let url = link(&app, &ada, &attachment).await;
        let got = app.get(&url).send().await;
        assert_eq!((got.status.as_u16(), got.bytes.as_slice()), (200, bytes));
        let disposition = format!("{shown}; filename=\"a ___.png\"; filename*=UTF-8''a%20%22%C3%A4%22.png");
        for (name, value) in [
            ("content-type", kind),
            ("content-disposition", &disposition),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(got.headers.get(name).unwrap(), value, "{name}");
        }
        let cached = got.header(header::CACHE_CONTROL).to_owned();
        let seconds: u64 =
            cached.strip_prefix("private, max-age=").unwrap().split(',').next().unwrap().parse().unwrap();
        assert!(seconds <= 300, "{cached}");
        let tag = got.header(header::ETAG).to_owned();
        let known = app.get(&url).header("If-None-Match", &format!("\"x\", W/{tag}")).send().await;
        assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
        let head = app.call("HEAD", &url).send().await;
        assert_eq!((head.status.as_u16(), head.header(header::ETAG)), (200, tag.as_str()));
        let part = app.get(&url).header("Range", "bytes=1-3").send().await;
        assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, &bytes[1..4]));
        assert_eq!(part.header(header::CONTENT_RANGE), format!("bytes 1-3/{}", bytes.len()));
        let beyond = app.get(&url).header("Range", "bytes=1000-").send().await;
        beyond.problem(416, "range_not_satisfiable");
        assert_eq!(beyond.header(header::CONTENT_RANGE), format!("bytes */{}", bytes.len()));
    }
    let trusting = Settings { origins: vec!["https://chat.example".into()], ..settings() };
    let app = TestApp::with_history(trusting).await;
    let ada = app.user("ada").await;
    app.room(&ada, "general").await;
    let upload = put(&app, &ada, "filename", b"a").await.ok(201);
    let (_, attachment) = sent(&app, &ada, "general", &id(&upload)).await;
    let got = app.get(&link(&app, &ada, &attachment).await).send().await;
    assert_eq!(got.headers.get("cross-origin-resource-policy").unwrap(), "cross-origin");
}

#[actix_rt::test]
async fn links_are_for_those_who_may_read_and_end() {
    let app = TestApp::with_history(settings()).await;
    let (ada, ben) = (app.user("ada").await, app.user("ben").await);
    let room = r#"{"id":"private","name":"P","kind":"private"}"#;
    app.post("/api/v1/rooms").by(&ada).json(room).send().await.ok(201);
    let upload = put(&app, &ada, "filename", b"secret").await.ok(201);
    let (message, attachment) = sent(&app, &ada, "private", &id(&upload)).await;
    app.get(&attachment).by(&ben).send().await.problem(404, "room_not_found");
    let member = format!("/api/v1/rooms/private/members/{}", ben.id);
    app.call("PUT", &member).by(&ada).send().await.ok(201);
    let url = link(&app, &ben, &attachment).await;
    assert_eq!(app.get(&url).send().await.status, 200);
    app.call("DELETE", &member).by(&ada).send().await.no_content();
    app.get(&attachment).by(&ben).send().await.problem(404, "room_not_found");
    for variant in ["thumbnail", "x"] {
        let code = if variant == "x" { "variant_malformed" } else { "variant_unknown" };
        app.get(&format!("{attachment}?variant={variant}")).by(&ada).send().await.problem(422, code);
    }
    let base = attachment.rsplit_once('/').unwrap().0;
    app.get(&format!("{base}/x")).by(&ada).send().await.problem(422, "attachment_malformed");
    let other = format!("{base}/00000000-0000-4000-8000-000000000000");
    app.get(&other).by(&ada).send().await.problem(404, "attachment_not_found");

    for forged in [
        format!("{url}0"),
        url.replace("original", "thumbnail"),
        "/files/x".into(),
        "/files/..%2f..%2fx".into(),
    ] {
        app.get(&forged).send().await.problem(403, "link_invalid");
    }
    advance(Duration::from_secs(301));
    app.get(&url).send().await.problem(410, "link_expired");
    let ada = app.log_in("ada").await;
    let url = link(&app, &ada, &attachment).await;
    assert_eq!(app.get(&url).send().await.status, 200);
    let path = format!("/api/v1/rooms/private/messages/{}", message["offset"]);
    app.call("DELETE", &path).by(&ada).send().await.no_content();
    app.get(&attachment).by(&ada).send().await.problem(404, "attachment_not_found");
    app.get(&url).send().await.problem(404, "file_not_found");
    assert!(app.get(&path).by(&ada).send().await.ok(200).get("attachments").is_none());
}
