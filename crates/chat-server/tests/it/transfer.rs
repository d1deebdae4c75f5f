//! Moving everything from one database to another, and copies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use chat_testdb::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::*;

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Runs a command that must succeed.
fn done(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments, QUIET, "");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", told(&output));
    told(&output)
}

/// Runs a command that must not; what it says, one line.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments, QUIET, "");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", told(&output));
    let told = told(&output);
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

const QUIET: &[(&str, &str)] = &[("CHAT_LOG", "error")];

/// A time to come.
fn in_a_day() -> String {
    let at = chat_core::Timestamp::now().after(std::time::Duration::from_secs(24 * 3600));
    chat_json::Time(at).to_string()
}

/// A server in a place where all sorts of things have happened; ann's log-in.
async fn lively(place: &Place) -> (Server, Value) {
    let server = start(place.server(&[]));
    let ann = server.enter("ann").await;
    let bob = server.enter("Böb").await;
    server.enter("cid").await;
    let (_, log_in) = server.post("/sessions", "", json!({ "username": "ann", "password": PASSWORD })).await;
    for (id, kind) in [("r", "public"), ("P_2", "private"), ("gone", "public"), ("empty", "public")] {
        let room = json!({ "id": id, "name": "Räum \"1\"\n".trim(), "topic": "🦀", "kind": kind });
        let made = server.post("/rooms", &ann, room).await;
        assert_eq!(made.0, StatusCode::CREATED, "{made:?}");
    }
    let (_, user) = server.call(Method::GET, "/users/me", &bob, None).await;
    let give = format!("/admin/users/{}/admin", user["id"].as_str().unwrap());
    assert!(server.call(Method::PUT, &give, &ann, None).await.0.is_success());
    let path = format!("/rooms/r/members/{}", user["id"].as_str().unwrap());
    assert!(server.call(Method::PUT, &path, &bob, None).await.0.is_success());
    let role = Some(json!({ "role": "moderator" }));
    assert!(server.call(Method::PATCH, &path, &ann, role).await.0.is_success());
    server.call(Method::PATCH, "/rooms/r", &bob, Some(json!({ "name": "another" }))).await;
    for (token, text) in [(&ann, "plain"), (&bob, "\"quoted\"\\ and\nlines\t\u{2028}"), (&ann, "emoji 👩‍👩‍👧 ü")]
    {
        let message = json!({ "text": text, "data": { "b": [1, 2.50, null], "a": "é" }, "client_id": text.len().to_string() });
        assert_eq!(server.post("/rooms/r/messages", token, message).await.0, StatusCode::CREATED);
    }
    for (token, reaction) in [(&ann, ":x:"), (&bob, "👍"), (&ann, "👍"), (&bob, ":x:")] {
        let path = format!("/rooms/r/messages/5/reactions/{reaction}");
        assert!(server.call(Method::PUT, &path, token, None).await.0.is_success());
    }
    server.call(Method::DELETE, "/rooms/r/messages/5/reactions/:x:", &ann, None).await;
    assert!(server.call(Method::PUT, "/rooms/r/read/6", &bob, None).await.0.is_success());
    server.call(Method::PATCH, "/rooms/r/messages/7", &ann, Some(json!({ "text": "edited" }))).await;
    assert!(server.call(Method::DELETE, "/rooms/r/messages/6", &bob, None).await.0.is_success());
    server.post("/rooms/r/messages", &bob, json!({ "text": "an answer", "reply_to": 5 })).await;
    for message in [5, 7] {
        let path = format!("/rooms/r/pins/{message}");
        assert!(server.call(Method::PUT, &path, &bob, None).await.0.is_success());
    }
    server.post("/rooms/r/messages", &ann, json!({ "text": "not for ever", "expires_in": 86400 })).await;
    server.call(Method::PATCH, "/rooms/empty", &ann, Some(json!({ "expire_seconds": 60 }))).await;
    let note = Some(json!({ "note": "\"später\" 🦀" }));
    assert!(server.call(Method::PUT, "/bookmarks/r/7", &ann, note).await.0.is_success());
    assert!(server.call(Method::PUT, "/bookmarks/r/7", &bob, None).await.0.is_success());
    let later = json!({ "text": "later", "data": [1.50], "reply_to": 5, "send_at": in_a_day() });
    assert_eq!(server.post("/rooms/r/scheduled", &ann, later).await.0, StatusCode::CREATED);
    // More than one page of anything that is read in pages.
    for n in 0..1100 {
        server.post("/rooms/P_2/messages", &ann, json!({ "text": format!("{n}") })).await;
    }
    server.post("/rooms/gone/messages", &ann, json!({ "text": "gone" })).await;
    assert!(server.call(Method::DELETE, "/rooms/gone", &ann, None).await.0.is_success());
    for words in ["attached", "on its way"] {
        let request = server.client.post(format!("{}/api/v1/uploads", server.url)).bearer_auth(&ann);
        let request =
            request.header("Upload-Length", "8").header("Content-Type", "application/offset+octet-stream");
        let upload: Value = request.body(words[..8].to_owned()).send().await.unwrap().json().await.unwrap();
        if words == "attached" {
            let message = json!({ "text": "", "attachments": [upload["id"]] });
            assert_eq!(server.post("/rooms/empty/messages", &ann, message).await.0, StatusCode::CREATED);
        }
    }
    done(place, &["user", "disable", "cid"]);
    (server, log_in)
}

fn export(place: &Place, path: &Path) -> Vec<u8> {
    done(place, &["export", path.to_str().unwrap()]);
    fs::read(path).unwrap()
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A file of the name in a directory that lives as long as the place.
fn file(place: &Place, name: &str) -> PathBuf {
    place.path().join(name)
}

#[tokio::test]
async fn there_and_back_again_is_the_same_to_the_byte() {
    let here = Place::of(Engine::Sqlite);
    let (mut server, log_in) = lively(&here).await;
    let first = export(&here, &file(&here, "1.jsonl"));
    let text = String::from_utf8(first.clone()).unwrap();
    assert!(text.lines().next().unwrap().contains("\"type\":\"header\""));
    assert!(text.lines().last().unwrap().contains("\"type\":\"end\""));
    for kind in [
        "user",
        "session",
        "refresh_token",
        "act",
        "sequence",
        "room",
        "member",
        "event",
        "reaction",
        "follow",
        "version",
        "pin",
        "bookmark",
        "scheduled",
        "upload",
    ] {
        assert!(text.contains(&format!("{{\"type\":\"{kind}\"")), "{kind}");
    }
    server.signal("TERM");

    let there = Place::of(Engine::Postgres);
    let said = done(&there, &["import", file(&here, "1.jsonl").to_str().unwrap()]);
    assert!(said.contains("imported") && said.contains("4 room") && said.contains("verified"), "{said}");
    let second = export(&there, &file(&there, "2.jsonl"));
    assert!(first == second, "SQLite and PostgreSQL say the same");
    let back = Place::of(Engine::Sqlite);
    done(&back, &["import", file(&there, "2.jsonl").to_str().unwrap()]);
    assert!(export(&back, &file(&back, "3.jsonl")) == first, "and SQLite again");

    // The key that signs tokens moves along with the data directory.
    fs::create_dir_all(there.path().join("data")).unwrap();
    fs::copy(here.path().join("data/token.key"), there.path().join("data/token.key")).unwrap();
    // And the bytes of files, too.
    copy(&here.path().join("data/uploads"), &there.path().join("data/uploads"));
    let server = start(there.server(&[]));
    let renewed =
        server.post("/sessions/refresh", "", json!({ "refresh_token": log_in["refresh_token"] })).await;
    assert_eq!(renewed.0, StatusCode::OK, "{renewed:?}");
    let ann = renewed.1["access_token"].as_str().unwrap().to_owned();
    let repeated = server.post("/rooms/r/messages", &ann, json!({ "text": "plain", "client_id": "5" })).await;
    assert_eq!((repeated.0, &repeated.1["offset"]), (StatusCode::OK, &json!(5)), "{repeated:?}");
    let next = server.post("/rooms/r/messages", &ann, json!({ "text": "next" })).await;
    assert_eq!(next.1["offset"], 19, "{next:?}");
    let taken = server.post("/rooms", &ann, json!({ "id": "gone", "name": "G" })).await;
    assert_eq!(taken.0, StatusCode::CONFLICT, "a deleted room's id is never given again");
    assert_eq!(server.texts(&ann, "P_2").await.len(), 1100);
    let account = json!({ "username": "dan", "email": "dan@example.com", "password": PASSWORD });
    let (_, dan) = server.post("/users", "", account).await;
    assert_eq!(dan["id"], "4", "no number is given twice");
    let (status, _) = server.post("/sessions", "", json!({ "username": "cid", "password": PASSWORD })).await;
    assert!(status.is_client_error(), "who was disabled still is");
    let (_, page) = server.call(Method::GET, "/rooms/empty/messages", &ann, None).await;
    let message = &page["items"][0];
    let attachment = message["attachments"][0]["id"].as_str().unwrap();
    let path = format!("/rooms/empty/messages/{}/attachments/{attachment}", message["offset"]);
    let (_, link) = server.call(Method::GET, &path, &ann, None).await;
    let url = format!("{}{}", server.url, link["url"].as_str().unwrap());
    assert_eq!(server.client.get(url).send().await.unwrap().text().await.unwrap(), "attached");
}

#[tokio::test]
async fn a_log_that_begins_later_moves_too() {
    let here = Place::of(Engine::Sqlite);
    let mut server = start(here.server(&[]));
    let ann = server.enter("ann").await;
    server.post("/rooms", &ann, json!({ "id": "r", "name": "R" })).await;
    server.call(Method::PATCH, "/rooms/r", &ann, Some(json!({ "name": "another" }))).await;
    // More than one portion.
    for n in 0..1100 {
        server.post("/rooms/r/messages", &ann, json!({ "text": format!("{n}") })).await;
    }
    server.signal("TERM");
    let server = start(here.server(&[("CHAT_MESSAGES__RETENTION_SECONDS", "1")]));
    let first = async || {
        let (_, room) = server.call(Method::GET, "/rooms/r", &ann, None).await;
        room["first"].as_u64().unwrap_or(1)
    };
    while first().await < 1000 {
        tokio::task::yield_now().await;
    }
    server.post("/rooms/r/messages", &ann, json!({ "text": "new" })).await;
    let begins = first().await;
    drop(server);
    let one = export(&here, &file(&here, "1.jsonl"));
    let there = Place::of(Engine::Postgres);
    done(&there, &["import", file(&here, "1.jsonl").to_str().unwrap()]);
    assert!(one == export(&there, &file(&there, "2.jsonl")), "SQLite and PostgreSQL say the same");
    fs::create_dir_all(there.path().join("data")).unwrap();
    fs::copy(here.path().join("data/token.key"), there.path().join("data/token.key")).unwrap();
    let server = start(there.server(&[]));
    let (_, room) = server.call(Method::GET, "/rooms/r", &ann, None).await;
    assert_eq!((&room["first"], &room["offset"]), (&json!(begins), &json!(1103)));
    let (status, _) = server.call(Method::GET, "/rooms/r/events?after=1", &ann, None).await;
    assert_eq!(status, StatusCode::GONE);
    let (_, audit) = server.call(Method::GET, "/rooms/r/audit", &ann, None).await;
    assert_eq!(audit["items"][0]["offset"], 2, "what moderators did stays");
    // A log with a gap, or that begins elsewhere than it says, is refused.
    let text = String::from_utf8(one).unwrap();
    for (from, to) in [
        (format!("\"first\":{begins}"), format!("\"first\":{}", begins - 1)),
        ("\"act\":true".into(), "\"act\":false".into()),
    ] {
        let wrong = file(&here, "wrong.jsonl");
        fs::write(&wrong, text.replacen(&from, &to, 1)).unwrap();
        refused(&Place::of(Engine::Sqlite), &["import", wrong.to_str().unwrap()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_beside_a_writing_server_is_of_one_moment() {
    let place = Place::new();
    let (server, _) = lively(&place).await;
    let ann = server.enter("ann").await;
    let url = format!("{}/api/v1/rooms/r/messages", server.url);
    let client = server.client.clone();
    let writer = tokio::spawn(async move {
        for n in 0.. {
            let sent = client.post(&url).bearer_auth(&ann).json(&json!({ "text": format!("more {n}") }));
            if sent.send().await.is_err() {
                return;
            }
        }
    });
    for n in 0..3 {
        let path = file(&place, &format!("{n}.jsonl"));
        export(&place, &path);
        // Importing checks every count, offset and the checksum.
        let other = Place::of(Engine::Sqlite);
        done(&other, &["import", path.to_str().unwrap()]);
    }
    drop(server);
    writer.await.unwrap();
}

#[tokio::test]
async fn what_is_not_a_whole_export_is_refused_and_nothing_is_kept() {
    let place = Place::of(Engine::Sqlite);
    let (server, _) = lively(&place).await;
    drop(server);
    let text = String::from_utf8(export(&place, &file(&place, "whole.jsonl"))).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let other = Place::new();
    let import = |lines: &[&str]| {
        let path = file(&other, "changed.jsonl");
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        refused(&other, &["import", path.to_str().unwrap()])
    };
    let with = |index: usize, line: &str| {
        let mut changed: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        changed[index] = line.to_owned();
        import(&changed.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let last = lines.len() - 1;
    let event = lines.iter().rposition(|line| line.contains("\"type\":\"event\"")).unwrap();
    for (refused, says) in [
        (import(&lines[..last]), "it was cut short"),
        (import(&lines[..3]), "it was cut short"),
        (import(&lines[1..]), "line 1: the header is missing"),
        (import(&[&lines[..event], &lines[event + 1..]].concat()), "ends with"),
        (import(&[&lines[..event - 1], &lines[event..]].concat()), "follows"),
        (with(event, &lines[event].replace("\"text\":\"", "\"text\":\"x")), "sha256 is another"),
        (with(event, "{"), &*format!("line {}: EOF", event + 1)),
        (with(event, r#"{"type":"letter"}"#), "there is no type \"letter\""),
        (with(event, &lines[event].replace("\"actor\"", "\"author\"")), "unknown field `author`"),
        (with(0, &lines[0].replace("\"format\":1", "\"format\":2")), "line 1: format is 2"),
        (with(0, &lines[0].replace("\"schema\":\"", "\"schema\":\"9")), "line 1: schema is 9"),
        (with(1, lines[2]), "line 3: "),
        (import(&[lines.as_slice(), &lines[1..2]].concat()), "it follows the end"),
    ] {
        assert!(refused.contains(says), "{says:?} is not in {refused}");
    }
    // It is as empty as before, and still takes the right one.
    done(&other, &["import", file(&place, "whole.jsonl").to_str().unwrap()]);
    let again = refused(&other, &["import", file(&place, "whole.jsonl").to_str().unwrap()]);
    assert!(again.contains("is not empty") && !again.contains("secret"), "{again}");
}

#[tokio::test]
async fn files_that_exist_stay_and_those_that_cannot_be_are_named() {
    let place = Place::new();
    if Engine::of_run() == Engine::Sqlite {
        assert!(refused(&place, &["export", "x"]).contains("data/chat.db: No such file"));
        assert!(!place.path().join("data").exists(), "nothing was made");
    } else {
        assert!(refused(&place, &["export", "x"]).contains("the database lacks "));
    }
    done(&place, &["migrate"]);
    fs::write(file(&place, "there"), "mine").unwrap();
    assert!(refused(&place, &["export", "there"]).contains("there exists"));
    assert_eq!(fs::read(file(&place, "there")).unwrap(), b"mine");
    assert!(refused(&place, &["export", "no/such/file"]).contains("no/such/file: No such file"));
    assert!(refused(&place, &["import", "missing"]).contains("missing: No such file"));
    done(&place, &["export", "new"]);
    assert!(!file(&place, "new.part").exists());
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file(&place, "new")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds hashes of passwords");
    // Through a pipe, out and in.
    let out = place.run(&["export"], QUIET, "").stdout;
    assert_eq!(out, fs::read(file(&place, "new")).unwrap());
    let other = Place::new();
    let piped = other.run(&["import", "-"], QUIET, &String::from_utf8(out).unwrap());
    assert_eq!(piped.status.code(), Some(0), "{}", told(&piped));
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_a_database() {
    let place = Place::of(Engine::Sqlite);
    let (server, _) = lively(&place).await;
    let said = done(&place, &["backup", "copy.db"]);
    assert!(said.contains("copy.db") && said.contains("token.key"), "{said}");
    assert!(refused(&place, &["backup", "copy.db"]).contains("copy.db exists"));
    drop(server);
    let other = Place::of(Engine::Sqlite);
    fs::create_dir(other.path().join("data")).unwrap();
    fs::copy(file(&place, "copy.db"), other.path().join("data/chat.db")).unwrap();
    let server = start(other.server(&[]));
    let ann = server.enter("ann").await;
    assert_eq!(server.texts(&ann, "P_2").await.len(), 1100);

    let elsewhere = refused(&Place::of(Engine::Postgres), &["backup", "copy.db"]);
    assert!(elsewhere.contains("pg_dump"), "{elsewhere}");
    let nothing = refused(&Place::of(Engine::Sqlite), &["backup", "copy.db"]);
    assert!(nothing.contains("data/chat.db: No such file"), "{nothing}");
}
