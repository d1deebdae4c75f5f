//! Someone with a client of the classic API, which cannot recover: what they see on one connection must be one part of the
//! log, without a gap.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::people::Scene;
use crate::people::check::Entry;

const PAUSE: Duration = Duration::from_millis(50);

/// What people say of themselves by coming and going.
const NEWS: [&str; 2] = ["A new user has joined the room", "user left the chat"];

pub struct Classic {
    task: JoinHandle<Vec<Vec<String>>>,
    end: Arc<Notify>,
}

impl Classic {
    pub fn begin(scene: &Scene) -> Classic {
        let end = Arc::new(Notify::new());
        let task = tokio::spawn(follow(scene.clone(), end.clone()));
        Classic { task, end }
    }

    /// What was seen on each connection.
    pub async fn end(self) -> Vec<Vec<String>> {
        self.end.notify_one();
        self.task.await.unwrap()
    }
}

async fn follow(scene: Scene, end: Arc<Notify>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut turn = 0;
    loop {
        let mut seen = Vec::new();
        tokio::select! {
            () = connection(&scene, turn, &mut seen) => {}
            () = end.notified() => {
                all.push(seen);
                return all;
            }
        }
        all.push(seen);
        turn += 1;
        sleep(PAUSE).await;
    }
}

/// Reads on one connection until it ends, or is silent while people write.
async fn connection(scene: &Scene, turn: usize, seen: &mut Vec<String>) {
    let url = scene.urls[turn % scene.urls.len()].replace("http:", "ws:");
    let mut request = format!("{url}/ws/joinRoom/{}", scene.room(0)).into_client_request().unwrap();
    request.headers_mut().insert("Authorization", format!("Bearer {}", scene.tokens[0]).parse().unwrap());
    let Ok(Ok((mut socket, _))) = timeout(scene.patience, connect_async(request)).await else { return };
    loop {
        match timeout(scene.patience, socket.next()).await {
            Ok(Some(Ok(Frame::Text(text)))) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                let content = message["content"].as_str().unwrap();
                if !NEWS.contains(&content) {
                    seen.push(content.to_owned());
                }
            }
            Ok(Some(Ok(_))) => {}
            Err(_) if scene.stop.load(Ordering::Relaxed) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// The first connection that did not see one part of the log.
pub fn check(connections: &[Vec<String>], log: &[Entry]) -> Result<(), String> {
    for seen in connections {
        let Some(first) = seen.first() else { continue };
        let begin = log.iter().position(|entry| entry.name == *first).unwrap_or(log.len());
        let part = log[begin..].iter().map(|entry| &entry.name);
        if let Some((saw, kept)) = seen
            .iter()
            .zip(part.map(Some).chain(std::iter::repeat(None)))
            .find(|(saw, kept)| Some(*saw) != *kept)
        {
            return Err(format!("a classic client saw {saw:?} where the log has {kept:?}"));
        }
    }
    Ok(())
}
