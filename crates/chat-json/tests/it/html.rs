//! Messages with their text as HTML.

use serde_json::{Value, json};

use crate::support::{call, chat};

#[tokio::test]
async fn a_call_says_whether_it_wants_html() {
    let chat = chat();
    call(&chat, 1, "room.create", r#"{"id":"general","name":"General"}"#).await.unwrap();
    call(&chat, 2, "room.join", r#"{"room":"general"}"#).await.unwrap();
    let sent = r#"{"room":"general","text":"@user2 @room *hi*"}"#;
    call(&chat, 1, "message.send", sent).await.unwrap();
    let get = async |format: &str| {
        let request = format!(r#"{{"room":"general","offset":3,"format":{format}}}"#);
        call(&chat, 2, "message.get", &request).await
    };
    assert_eq!(
        get(r#""html""#).await.unwrap()["html"],
        "<p dir=\"auto\"><span class=\"mention\" data-user=\"2\">@user2</span> <span class=\"mention\">@room</span> <em>hi</em></p>"
    );
    for plain in [r#""text""#, "null"] {
        assert_eq!(get(plain).await.unwrap()["html"], Value::Null);
    }
    assert_eq!(get(r#""rtf""#).await.unwrap_err().code, "format_malformed");
    assert_eq!(get("1").await.unwrap_err().code, "wrong_type");
    let request = r#"{"room":"general","format":"html"}"#;
    let page = call(&chat, 2, "history.get", request).await.unwrap();
    assert!(page["items"][0]["html"].is_string());
    let page = call(&chat, 1, "audit.list", request).await.unwrap();
    assert_eq!(page["items"], json!([]));
    let edit = r#"{"room":"general","offset":3,"text":"`a`"}"#;
    call(&chat, 1, "member.set", r#"{"room":"general","user":"2","role":"moderator"}"#).await.unwrap();
    call(&chat, 2, "message.edit", edit).await.unwrap();
    let page = call(&chat, 1, "audit.list", request).await.unwrap();
    assert_eq!(page["items"][0]["message"]["html"], "<p dir=\"auto\"><code>a</code></p>");
    call(&chat, 1, "bookmark.add", r#"{"room":"general","offset":3}"#).await.unwrap();
    call(&chat, 2, "report.add", r#"{"room":"general","offset":3}"#).await.unwrap();
    for (method, request) in [
        ("bookmark.list", r#"{"format":"html"}"#),
        ("report.list", request),
        ("message.search", r#"{"q":"a","format":"html"}"#),
    ] {
        let page = call(&chat, 1, method, request).await.unwrap();
        assert_eq!(page["items"][0]["message"]["html"], "<p dir=\"auto\"><code>a</code></p>", "{method}");
    }
}
