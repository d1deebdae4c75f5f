//! People who are always there, on whatever node, so that it is known who must be present.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::people::Scene;
use crate::socket::Socket;
use crate::support::Server;

/// Where they are.
const LOBBY: &str = "lobby";

/// How many there are, two at each node to begin with.
const COUNT: usize = 6;

/// How long one waits before they try the next node, and it is looked again who is present.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Residents {
    names: Vec<String>,
    tasks: Vec<JoinHandle<()>>,
}

impl Residents {
    pub async fn settle(server: &Server, scene: &Scene) -> Residents {
        server.post("/rooms", &scene.tokens[0], json!({ "id": LOBBY, "name": "Lobby" })).await;
        let mut residents = Residents { names: Vec::new(), tasks: Vec::new() };
        for number in 0..COUNT {
            let name = format!("resident{number}");
            let token = server.enter(&name).await;
            residents.tasks.push(tokio::spawn(reside(scene.clone(), token, number)));
            residents.names.push(name);
        }
        residents
    }

    /// Waits until every node says that all are present, each once; an error after so long.
    pub async fn all_present(&self, scene: &Scene, within: Duration) -> Result<(), String> {
        let deadline = Instant::now() + within;
        let all: Vec<_> = self.names.iter().map(|name| (name.clone(), 1)).collect();
        for url in scene.urls.iter() {
            loop {
                let present = present(scene, url).await;
                if present.as_deref() == Some(&all) {
                    break;
                }
                if Instant::now() >= deadline {
                    return Err(format!("after {within:?} {url} says that there are {present:?}"));
                }
                sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}

impl Drop for Residents {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Is present, at one node after the other as they fail.
async fn reside(scene: Scene, token: String, first: usize) {
    for turn in first.. {
        let url = &scene.urls[turn % scene.urls.len()];
        if let Some(mut socket) = Socket::connect(url, &token, scene.patience).await
            && let Some(reply) = socket.call("subscribe", json!({ "channel": format!("room:{LOBBY}") })).await
            && reply["subscribe"].is_object()
        {
            while socket.line().await.is_some() {}
        }
        sleep(PAUSE).await;
    }
}

/// The users in the lobby, as a node says, and how many connections each has there.
async fn present(scene: &Scene, url: &str) -> Option<Vec<(String, u64)>> {
    let asked =
        scene.client.get(format!("{url}/api/v1/rooms/{LOBBY}/presence")).bearer_auth(&scene.tokens[0]);
    let answer = asked.send().await.ok()?;
    if answer.status() != StatusCode::OK {
        return None;
    }
    let page: Value = answer.json().await.ok()?;
    let one =
        |item: &Value| Some((item["user"]["username"].as_str()?.to_owned(), item["connections"].as_u64()?));
    page["items"].as_array()?.iter().map(one).collect()
}
