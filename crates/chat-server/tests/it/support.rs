//! The server as a process, on a database of the engine that this run is about.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};

use chat_testdb::{Engine, TestDatabase};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_chat-server");

pub const PASSWORD: &str = "correct horse battery";

/// A working directory, and a database.
pub struct Place {
    pub directory: TempDir,
    /// None for the SQLite file in the data directory.
    database: Option<TestDatabase>,
}

impl Place {
    pub fn new() -> Place {
        Place::of(Engine::of_run())
    }

    pub fn of(engine: Engine) -> Place {
        let database = (engine == Engine::Postgres).then(|| TestDatabase::of(engine));
        Place { directory: tempfile::tempdir().unwrap(), database }
    }

    /// Without a database of its own.
    pub fn bare() -> Place {
        Place { directory: tempfile::tempdir().unwrap(), database: None }
    }

    /// With its database on a server of the test's own.
    pub fn on(server: &chat_testdb::Server) -> Place {
        Place { directory: tempfile::tempdir().unwrap(), database: Some(TestDatabase::on(server)) }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The server's binary with these arguments, with nothing of our own environment.
    pub fn program(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments);
        self.surround(command, environment)
    }

    /// The server started by a shell, after what the shell is to do first.
    pub fn under(&self, first: &str, environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{first} exec {BINARY}"));
        let mut command = self.surround(command, environment);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn surround(&self, mut command: Command, environment: &[(&str, &str)]) -> Command {
        command.current_dir(self.path()).env_clear();
        command.envs(self.database.as_ref().map(|database| ("CHAT_DATABASE_URL", database.url())));
        command.envs(environment.iter().copied());
        command
    }

    /// The server, to be started.
    pub fn server(&self, environment: &[(&str, &str)]) -> Command {
        let mut all = vec![
            ("CHAT_LISTEN", "127.0.0.1:0"),
            ("CHAT_LIMITS__RATES", "off"),
            ("CHAT_AUTH__BCRYPT_COST", "4"),
        ];
        all.extend(environment);
        self.under("", &all)
    }

    /// Runs a command of the program to its end, with something on its standard input.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
        let mut command = self.program(arguments, environment);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // A command that does not read has closed its end, which is no failure.
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        process.wait_with_output().unwrap()
    }
}

/// A running server; killed with the test.
pub struct Server {
    pub process: Child,
    /// Takes what it logs, so that it never waits for a reader.
    log: Option<JoinHandle<String>>,
    pub url: String,
    pub client: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server and waits until it says where it listens.
pub fn start(mut command: Command) -> Server {
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
    let log = thread::spawn(move || {
        let _ = log.read_to_string(&mut told);
        told
    });
    // The server has TLS for files in a bucket, and so has the reqwest of its tests.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Server { process, log: Some(log), url, client: Client::new() }
}

/// Starts a server that must not come up; its code and what it says.
pub fn refused(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Server {
    /// All that it logged, once it has ended.
    pub fn log(&mut self) -> String {
        self.log.take().unwrap().join().unwrap()
    }

    pub async fn call(
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

    pub async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, token, Some(body)).await
    }

    /// Signs a user up, if that has not been done, and in; returns the access token.
    pub async fn enter(&self, name: &str) -> String {
        let account =
            json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        self.post("/users", "", account).await;
        let (status, session) =
            self.post("/sessions", "", json!({ "username": name, "password": PASSWORD })).await;
        assert!(status.is_success(), "{session}");
        session["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn texts(&self, token: &str, room: &str) -> Vec<String> {
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

    pub fn signal(&mut self, name: &str) -> ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }
}
