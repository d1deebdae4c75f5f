//! People who write, and repeat in order what was not acknowledged.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::check::Written;
use super::{PAUSE, Scene};
use crate::socket::Socket;

fn message(name: &str) -> Value {
    json!({ "text": name, "client_id": name })
}

/// One message after the other over the HTTP API.
pub async fn over_http(scene: Scene, room: usize) -> Written {
    let mut turn = room;
    let mut written = Written { room, ..Written::default() };
    while !scene.stop.load(Ordering::Relaxed) {
        let name = format!("http{room}-{}", written.acknowledged.len());
        loop {
            let url = format!("{}/api/v1/rooms/{}/messages", scene.url(turn), scene.room(room));
            let request = scene.client.post(url).bearer_auth(&scene.tokens[0]).json(&message(&name));
            if let Ok(answer) = request.send().await
                && let status @ (StatusCode::CREATED | StatusCode::OK) = answer.status()
                && let Ok(kept) = answer.json::<Value>().await
            {
                if status == StatusCode::OK {
                    scene.repeated.fetch_add(1, Ordering::Relaxed);
                }
                written.acknowledged.push((name, kept["offset"].as_u64()));
                scene.acknowledged.fetch_add(1, Ordering::Relaxed);
                break;
            }
            turn += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
    written
}

/// Several at once over a socket; on the next one after a kill, first what is open.
pub async fn over_socket(scene: Scene, room: usize) -> Written {
    let mut written = Written { room, ..Written::default() };
    let mut open = Vec::new();
    for turn in room + 1.. {
        if session(&scene, scene.url(turn), &mut open, &mut written).await.is_some() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    written
}

/// Writes on one connection until it ends (none), or all is written and acknowledged.
async fn session(scene: &Scene, url: &str, open: &mut Vec<String>, written: &mut Written) -> Option<()> {
    let room = written.room;
    let mut socket = Socket::connect(url, &scene.tokens[1], scene.patience).await?;
    let mut sent = HashMap::new();
    for name in open.iter() {
        scene.repeated.fetch_add(1, Ordering::Relaxed);
        sent.insert(say(&mut socket, scene, room, name).await?, name.clone());
    }
    loop {
        while open.len() < scene.window && !scene.stop.load(Ordering::Relaxed) {
            let name = format!("socket{room}-{}", written.acknowledged.len());
            written.acknowledged.push((name.clone(), None));
            open.push(name.clone());
            sent.insert(say(&mut socket, scene, room, &name).await?, name);
        }
        if open.is_empty() {
            return Some(());
        }
        let line = socket.line().await?;
        let Some(name) = line["id"].as_u64().and_then(|id| sent.remove(&id)) else { continue };
        if line["error"]["temporary"] == true {
            return None;
        }
        assert!(line["publish"].is_object(), "{line}");
        open.retain(|other| *other != name);
        scene.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}

async fn say(socket: &mut Socket, scene: &Scene, room: usize, name: &str) -> Option<u64> {
    socket
        .say("publish", json!({ "channel": format!("room:{}", scene.room(room)), "data": message(name) }))
        .await
}
