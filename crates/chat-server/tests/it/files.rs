//! Files on the disk of a real server.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::*;

const BYTES: &str = "application/offset+octet-stream";

impl Server {
    /// Begins an upload; its path.
    async fn begin(&self, token: &str, size: usize) -> String {
        let request = self.client.post(format!("{}/api/v1/uploads", self.url)).bearer_auth(token);
        let request = request.header("Tus-Resumable", "1.0.0").header("Upload-Length", size.to_string());
        let answer = request.header("Upload-Metadata", "filename YS5iaW4=").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn bring(&self, token: &str, path: &str, offset: usize, bytes: &[u8]) -> StatusCode {
        let request = self.client.patch(format!("{}{path}", self.url)).bearer_auth(token);
        let request = request.header("Upload-Offset", offset.to_string()).header("Content-Type", BYTES);
        request.body(bytes.to_vec()).send().await.unwrap().status()
    }

    async fn offset(&self, token: &str, path: &str) -> usize {
        let answer = self.client.head(format!("{}{path}", self.url)).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn an_upload_outlives_the_server_that_is_killed_in_the_middle() {
    let place = Place::new();
    let settings = [("CHAT_FILES__PART_BYTES", "65536")];
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    let mut server = start(place.server(&settings));
    let token = server.enter("ann").await;
    server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    let path = server.begin(&token, bytes.len()).await;
    assert_eq!(server.bring(&token, &path, 0, &bytes[..200_000]).await, StatusCode::NO_CONTENT);
    server.signal("KILL");

    let mut server = start(place.server(&settings));
    let at = server.offset(&token, &path).await;
    assert_eq!(at, 200_000, "what was acknowledged is on the disk");
    assert_eq!(server.bring(&token, &path, 0, &bytes).await, StatusCode::CONFLICT);
    assert_eq!(server.bring(&token, &path, at, &bytes[at..]).await, StatusCode::NO_CONTENT);
    let id = path.rsplit('/').next().unwrap();
    let message = json!({ "text": "", "attachments": [id] });
    let (status, message) = server.post("/rooms/r/messages", &token, message).await;
    assert_eq!(status, StatusCode::CREATED, "{message}");
    assert_eq!(message["attachments"][0]["name"], "a.bin");
    server.signal("KILL");

    let server = start(place.server(&settings));
    let attachment = format!("/rooms/r/messages/{}/attachments/{id}", message["offset"]);
    let (_, link) = server.call(Method::GET, &attachment, &token, None).await;
    let url = format!("{}{}", server.url, link["url"].as_str().unwrap());
    let whole = server.client.get(&url).send().await.unwrap();
    assert_eq!(whole.headers()["content-length"], bytes.len().to_string());
    assert!(whole.bytes().await.unwrap() == bytes, "to the byte");
    let part = server.client.get(&url).header("Range", "bytes=65000-140000").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert!(part.bytes().await.unwrap() == bytes[65_000..=140_000], "over the borders of the parts");
    let head = server.client.head(&url).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], bytes.len().to_string());
}

#[tokio::test]
async fn pages_of_trusted_origins_may_upload_and_others_may_not() {
    let place = Place::new();
    let server = start(place.server(&[("CHAT_HTTP__ORIGINS", "https://chat.example.org")]));
    let ask = async |origin: &str| {
        let request = server.client.request(Method::OPTIONS, format!("{}/api/v1/uploads/x", server.url));
        let request = request.header("Origin", origin).header("Access-Control-Request-Method", "PATCH");
        let headers = "authorization,content-type,tus-resumable,upload-offset";
        request.header("Access-Control-Request-Headers", headers).send().await.unwrap()
    };
    let allowed = ask("https://chat.example.org").await;
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "https://chat.example.org");
    assert!(!ask("https://evil.example").await.headers().contains_key("access-control-allow-origin"));
    let request = server.client.request(Method::OPTIONS, format!("{}/api/v1/uploads", server.url));
    let answer = request.header("Origin", "https://chat.example.org").send().await.unwrap();
    assert_eq!(answer.headers()["tus-version"], "1.0.0");
    let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap().to_lowercase();
    assert!(exposed.contains("upload-offset") && exposed.contains("location"), "{exposed}");
}

#[tokio::test]
async fn a_server_without_files_says_so() {
    let place = Place::new();
    let server = start(place.server(&[("CHAT_FILES__ENABLED", "false")]));
    let token = server.enter("ann").await;
    let (status, problem) = server.post("/uploads", &token, json!({})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("files_disabled")));
    assert!(!place.path().join("data/uploads").exists());
}
