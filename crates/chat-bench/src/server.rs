//! The server that is measured: one that runs already, or one of our own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::error::BenchError;
use crate::options::Common;
use crate::process::{Process, Usage};

const PASSWORD: &str = "chat-bench, by itself";

/// How long a server of our own may take to serve.
const START: Duration = Duration::from_secs(10);

/// How often it is asked whether it serves.
const LOOK: Duration = Duration::from_millis(20);

/// The server that is measured.
pub(crate) struct Server {
    /// Of its nodes; at least one.
    urls: Vec<String>,
    send_to: String,
    http: reqwest::Client,
    processes: Vec<Process>,
    /// It ends, and its data goes, with this.
    own: Option<(Child, TempDir)>,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub id: String,
    pub token: String,
}

impl Server {
    /// The server that the options name, or one that is started for as long as this lives.
    pub async fn of(common: &Common, connections: u32) -> Result<Server, BenchError> {
        // Built beside the server, reqwest has TLS, and takes what the process says for its cryptography.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        let plain = |url: &String| url.trim_end_matches('/').to_owned();
        let mut urls: Vec<String> = common.url.iter().map(plain).collect();
        let mut pids = common.pid.clone();
        let mut own = None;
        if urls.is_empty() {
            let (url, child, data) = start(connections).await?;
            urls.push(url);
            pids.extend(child.id().filter(|_| common.pid.is_empty()));
            own = Some((child, data));
        }
        let send_to = common.send_to.as_ref().map_or_else(|| urls[0].clone(), plain);
        let server = Server { urls, send_to, http, processes: pids.into_iter().map(Process).collect(), own };
        server.wait().await?;
        Ok(server)
    }

    /// What it has used until now; none where its process is not known.
    pub fn usage(&self) -> Option<Usage> {
        self.processes.iter().map(|process| process.usage()).reduce(|all, one| Some(all? + one?))?
    }

    /// Where the sockets of its nodes are.
    pub fn socket_urls(&self) -> Vec<Arc<str>> {
        self.urls.iter().map(|url| socket_url(url).into()).collect()
    }

    /// Where messages are sent to.
    pub fn send_url(&self) -> Arc<str> {
        socket_url(&self.send_to).into()
    }

    /// Accounts of our own, or those of an earlier run.
    pub async fn users(&self, count: u32) -> Result<Vec<User>, BenchError> {
        let mut users = Vec::new();
        for number in 0..count {
            let name = format!("bench{number}");
            let account =
                json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
            // Refused where it is there already; the log-in tells.
            self.post("/users", "", &account).await?;
            let (status, session) =
                self.post("/sessions", "", &json!({ "username": name, "password": PASSWORD })).await?;
            let (Some(token), Some(id)) = (session["access_token"].as_str(), session["user"]["id"].as_str())
            else {
                return Err(refused(format!("logging {name} in was answered with {status}"), &session));
            };
            users.push(User { id: id.to_owned(), token: token.to_owned() });
        }
        Ok(users)
    }

    /// A public room with all of these as its members; returns its id.
    pub async fn room(&self, name: &str, users: &[User]) -> Result<String, BenchError> {
        let Some(owner) = users.first() else {
            return Err(BenchError::Options("a room needs a user".to_owned()));
        };
        let (status, room) = self.post("/rooms", &owner.token, &json!({ "name": name })).await?;
        let Some(id) = room["id"].as_str() else {
            return Err(refused(format!("making a room was answered with {status}"), &room));
        };
        for user in &users[1..] {
            let url = format!("{}/api/v1/rooms/{id}/members/{}", self.send_to, user.id);
            let answer = self.http.put(url).bearer_auth(&user.token).send().await?;
            let status = answer.status();
            if !status.is_success() {
                let told = answer.text().await?;
                return Err(refused(format!("joining a room was answered with {status}"), &told.into()));
            }
        }
        Ok(id.to_owned())
    }

    async fn post(
        &self,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<(reqwest::StatusCode, Value), BenchError> {
        let request = self.http.post(format!("{}/api/v1{path}", self.send_to)).bearer_auth(token).json(body);
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Waits until it serves: one of our own has to start first.
    async fn wait(&self) -> Result<(), BenchError> {
        let patience = if self.own.is_some() { START } else { Duration::ZERO };
        let begun = Instant::now();
        for url in self.urls.iter().chain([&self.send_to]) {
            while self.http.get(format!("{url}/health/ready")).send().await.is_err() {
                if begun.elapsed() > patience {
                    return Err(BenchError::Nobody { url: url.clone() });
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }
}

fn socket_url(url: &str) -> String {
    format!("{}/connection/websocket", url.replacen("http", "ws", 1))
}

fn refused(what: String, answer: &Value) -> BenchError {
    let answer = answer["detail"].as_str().map_or_else(|| answer.to_string(), str::to_owned);
    BenchError::Refused { what, answer }
}

/// Starts the server that was built beside this program.
async fn start(connections: u32) -> Result<(String, Child, TempDir), BenchError> {
    let system = |what| move |error| BenchError::System { what, error };
    let program =
        std::env::current_exe().map_err(system("this program's path"))?.with_file_name("chat-server");
    if !program.is_file() {
        return Err(BenchError::NoServer { path: program.display().to_string() });
    }
    let data = tempfile::tempdir().map_err(system("a temporary directory"))?;
    let free = TcpListener::bind("127.0.0.1:0").await.and_then(|listener| listener.local_addr());
    let address = free.map_err(system("a free port"))?.to_string();
    let most = connections.saturating_add(1000).to_string();
    let child = Command::new(program)
        .current_dir(data.path())
        .env("CHAT_LISTEN", &address)
        .env("CHAT_LOG", "error")
        .env("CHAT_LIMITS__RATES", "off")
        .env("CHAT_LIMITS__CONNECTIONS", &most)
        .env("CHAT_LIMITS__CONNECTIONS_PER_USER", &most)
        .env("CHAT_LIMITS__ROOMS_PER_USER", "1000000")
        .env("CHAT_AUTH__ACCESS_MINUTES", "1440")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(system("the server does not start"))?;
    Ok((format!("http://{address}"), child, data))
}
