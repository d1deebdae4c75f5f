//! The server as a process: it starts, it stops, and it survives what happens to it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_chat-server");

/// A running server; killed with the test.
struct Server {
    process: Child,
    log: BufReader<std::process::ChildStderr>,
    url: String,
    client: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(directory: &TempDir, environment: &[(&str, &str)]) -> Command {
    under("", directory, environment)
}

/// The server started by a shell, after what the shell is to do first.
fn under(first: &str, directory: &TempDir, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{first} exec {BINARY}")).current_dir(directory.path()).env_clear();
    command.envs([
        ("CHAT_LISTEN", "127.0.0.1:0"),
        ("CHAT_LIMITS__RATES", "off"),
        ("CHAT_AUTH__BCRYPT_COST", "4"),
    ]);
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Starts a server and waits until it says where it listens.
fn start(mut command: Command) -> Server {
    let mut process = command.spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let mut told = String::new();
    let url = loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended:\n{told}");
        if let Some((_, rest)) = line.split_once("listening on ") {
            break rest.split(',').next().unwrap().to_owned();
        }
        told.push_str(&line);
    };
    Server { process, log, url, client: Client::new() }
}

/// Starts a server that must not come up; its code and what it says.
fn refused(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Server {
    async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}/api/v1{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, token, Some(body)).await
    }

    /// Signs a user up, if that has not been done, and in; returns the access token.
    async fn enter(&self, name: &str) -> String {
        let account =
            json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        self.post("/users", "", account).await;
        let (status, session) =
            self.post("/sessions", "", json!({ "username": name, "password": PASSWORD })).await;
        assert!(status.is_success(), "{session}");
        session["access_token"].as_str().unwrap().to_owned()
    }

    async fn texts(&self, token: &str, room: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let mut after = "0".to_owned();
        loop {
            let path = format!("/rooms/{room}/messages?limit=200&after={after}");
            let (status, page) = self.call(Method::GET, &path, token, None).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            let items = page["items"].as_array().unwrap().iter();
            texts.extend(items.map(|message| message["text"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => return texts,
            }
        }
    }

    fn signal(&mut self, name: &str) -> ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }
}

const PASSWORD: &str = "correct horse battery";

#[test]
fn a_port_in_use_is_named_and_nothing_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, told) = refused(command(&directory, &[("CHAT_LISTEN", &address)]));
    assert_eq!(code, Some(1));
    assert!(told.contains(&format!("cannot listen on {address}")) && told.contains("CHAT_LISTEN"), "{told}");
    assert!(!directory.path().join("data").exists());
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let (code, told) = refused(command(&directory, &[("CHAT_DATA_DIR", "file/data")]));
    assert_eq!(code, Some(1));
    assert!(told.contains("the data directory file/data"), "{told}");
}

#[test]
fn a_damaged_database_stops_the_start_with_one_line() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    fs::write(
        directory.path().join("data/chat.db"),
        "no database, but more than a hundred bytes of text ".repeat(9),
    )
    .unwrap();
    let (code, told) = refused(command(&directory, &[]));
    assert_eq!(code, Some(1));
    assert_eq!(told.lines().filter(|line| line.contains("damaged or no database")).count(), 1, "{told}");
}

#[tokio::test]
async fn a_stop_by_signal_answers_flushes_and_exits_with_0() {
    for name in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let mut server = start(command(&directory, &[]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        assert_eq!(
            server.post("/rooms/r/messages", &token, json!({ "text": "x" })).await.0,
            StatusCode::CREATED
        );
        assert_eq!(server.signal(name).code(), Some(0), "{name}");
        let wal = directory.path().join("data/chat.db-wal");
        assert!(!wal.exists() || fs::metadata(wal).unwrap().len() == 0, "all is in the one file");
    }
}

#[tokio::test]
async fn a_killed_server_has_everything_that_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut server = start(command(&directory, &[]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        for n in 0..20 {
            let text = format!("{round}.{n}");
            let sent =
                server.post("/rooms/r/messages", &token, json!({ "text": text, "client_id": text })).await;
            assert_eq!(sent.0, StatusCode::CREATED);
            acknowledged.push(text);
        }
        server.signal("KILL");
        let server = start(command(&directory, &[]));
        let token = server.enter("ann").await;
        assert_eq!(server.texts(&token, "r").await, acknowledged);
    }
}

#[tokio::test]
async fn a_full_disk_is_answered_with_503_and_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    {
        // No file may grow beyond 512 KiB: the write-ahead log soon wants to.
        let server = start(under("trap '' XFSZ; ulimit -f 1024;", &directory, &[]));
        let token = server.enter("ann").await;
        server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
        let refused = loop {
            let text = format!("{} {}", acknowledged.len(), "x".repeat(8000));
            let (status, answer) = server.post("/rooms/r/messages", &token, json!({ "text": text })).await;
            if status != StatusCode::CREATED {
                break (status, answer);
            }
            acknowledged.push(text);
            assert!(acknowledged.len() < 1000, "the disk never was full");
        };
        assert_eq!(refused.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.1["code"], "unavailable");
        assert_eq!(server.texts(&token, "r").await, acknowledged, "what is there can be read");
    }
    assert!(acknowledged.len() > 5);
    let server = start(command(&directory, &[]));
    let token = server.enter("ann").await;
    assert_eq!(server.texts(&token, "r").await, acknowledged);
    assert_eq!(
        server.post("/rooms/r/messages", &token, json!({ "text": "again" })).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn pages_of_configured_origins_may_call_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let server = start(command(
        &directory,
        &[("CHAT_HTTP__ORIGINS", "https://chat.example.org,http://localhost:3000")],
    ));
    let ask = async |origin: &str| {
        let url = format!("{}/api/v1/rooms", server.url);
        let request = server.client.request(Method::OPTIONS, url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let answer = request.header("access-control-request-headers", "content-type").send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin");
        (answer.status(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    for origin in ["https://chat.example.org", "http://localhost:3000"] {
        assert_eq!(ask(origin).await, (StatusCode::OK, Some(origin.to_owned())));
    }
    assert_eq!(ask("https://evil.example.org").await, (StatusCode::BAD_REQUEST, None));
}

#[tokio::test]
async fn the_log_never_holds_a_password_a_token_or_a_text() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = start(command(&directory, &[("CHAT_LOG", "trace")]));
    let token = server.enter("ann").await;
    let text = "for your eyes only";
    server.post("/rooms", &token, json!({ "id": "r", "name": "R" })).await;
    server.post("/rooms/r/messages", &token, json!({ "text": text })).await;
    server.post("/sessions", "", json!({ "username": "ann", "password": "a wrong password" })).await;
    server.call(Method::GET, "/rooms", &format!("{token}x"), None).await;
    server.signal("TERM");
    let mut log = String::new();
    server.log.read_to_string(&mut log).unwrap();
    assert!(log.contains("TRACE"), "{log}");
    for secret in [PASSWORD, "a wrong password", text, &token] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
