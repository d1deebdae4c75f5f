//! A connection of the client protocol, as bare as a test needs it.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A connection that is in. Where it ends, every call gives none.
pub struct Socket {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    lines: VecDeque<Value>,
    id: u64,
    patience: Duration,
}

impl Socket {
    /// None when nobody listens at the URL, `http://…`, or it ends at once. One that is silent for longer than `patience`
    /// has ended too.
    pub async fn connect(url: &str, token: &str, patience: Duration) -> Option<Socket> {
        let url = format!("{}/connection/websocket", url.replace("http:", "ws:"));
        let socket = timeout(patience, connect_async(url)).await.ok()?.ok()?.0;
        let mut socket = Socket { socket, lines: VecDeque::new(), id: 0, patience };
        let reply = socket.call("connect", json!({ "token": token })).await?;
        if reply["error"]["temporary"] == true {
            return None;
        }
        assert!(reply["connect"].is_object(), "{reply}");
        Some(socket)
    }

    /// The next line that is no ping.
    pub async fn line(&mut self) -> Option<Value> {
        loop {
            while let Some(line) = self.lines.pop_front() {
                if line != json!({}) {
                    return Some(line);
                }
                self.socket.send(Frame::text("{}")).await.ok()?;
            }
            match timeout(self.patience, self.socket.next()).await.ok()? {
                Some(Ok(Frame::Text(text))) => {
                    self.lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                }
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// Sends a command and returns its id.
    pub async fn say(&mut self, name: &str, body: Value) -> Option<u64> {
        self.id += 1;
        let command = json!({ "id": self.id, name: body });
        self.socket.send(Frame::text(command.to_string())).await.ok()?;
        Some(self.id)
    }

    /// The reply to a command; what is pushed before it is dropped.
    pub async fn call(&mut self, name: &str, body: Value) -> Option<Value> {
        let id = self.say(name, body).await?;
        loop {
            let line = self.line().await?;
            if line["id"] == id {
                return Some(line);
            }
        }
    }
}
