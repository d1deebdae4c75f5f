//! A server in the test, and a client that speaks the protocol by hand.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::map_config;
use actix_web::dev::AppConfig;
use actix_web::{App, HttpServer};
use async_trait::async_trait;
use chat_core::*;
use chat_ws::{SocketSettings, Sockets, configure, takeover};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A token is a user's number; what follows it makes it special: `7:phone` is of the session `phone`, `7@2`
/// ends in two seconds.
struct Tokens;

#[async_trait]
impl Authenticator for Tokens {
    async fn authenticate(&self, token: &str) -> Result<Identity, AuthError> {
        match token {
            "expired" => return Err(AuthError::Expired),
            "away" => return Err(AuthError::Unavailable),
            _ => {}
        }
        let (token, life) = token.split_once('@').unwrap_or((token, ""));
        let (user, session) = token.split_once(':').unwrap_or((token, ""));
        let user = user.parse().map_err(|_| AuthError::Invalid)?;
        let life = life.parse::<u64>().ok().map(Duration::from_secs);
        Ok(Identity {
            profile: profile(user),
            session: (!session.is_empty()).then(|| SessionId::from(session)),
            expires_at: life.map(|life| Timestamp::now().after(life)),
        })
    }
}

pub fn profile(id: UserId) -> Profile {
    Profile { id, username: format!("u{id}"), display_name: format!("U{id}") }
}

pub fn user(number: i64) -> Profile {
    profile(UserId::new(number).unwrap())
}

pub fn room_id(name: &str) -> RoomId {
    name.parse().unwrap()
}

pub struct Server {
    pub chat: Arc<Chat>,
    pub sockets: Sockets,
    pub address: SocketAddr,
}

/// How connections are served.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// By an application on a server of actix-web.
    Mounted,
    /// Taken over from actix-http.
    Taken,
}

/// A server with nothing in its way but what the test sets.
pub fn server(way: Way) -> Server {
    server_with(way, Limits::default(), SocketSettings::default())
}

pub fn server_with(way: Way, limits: Limits, settings: SocketSettings) -> Server {
    server_of(way, Chat::in_memory(Limits { messages: None, ..limits }), settings)
}

pub fn server_of(way: Way, chat: Chat, settings: SocketSettings) -> Server {
    let chat = Arc::new(chat);
    let sockets = Sockets::new(chat.clone(), Arc::new(Tokens), settings);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let all = sockets.clone();
    let app = move || App::new().configure(configure(all.clone()));
    let server = match way {
        Way::Mounted => HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run(),
        Way::Taken => {
            let service = move || {
                let plain = map_config(app(), |()| AppConfig::default());
                HttpService::build().upgrade(takeover(app())).h1(plain).tcp()
            };
            let server = actix_server::Server::build().workers(1).disable_signals();
            server.listen("chat", listener, service).unwrap().run()
        }
    };
    actix_web::rt::spawn(server);
    Server { chat, sockets, address }
}

impl Server {
    /// A room that user 1 owns.
    pub async fn room(&self, name: &str, kind: RoomKind) -> RoomId {
        let new = NewRoom { name: name.to_owned(), topic: String::new(), kind };
        self.chat.create_room(&user(1), Some(room_id(name)), new).await.unwrap().id
    }

    pub async fn send(&self, room: &RoomId, text: &str) -> Arc<Message> {
        let message = NewMessage { text: text.to_owned(), ..NewMessage::default() };
        self.chat.send(&user(1), room, message).await.unwrap().0
    }

    pub fn request(&self, path: &str) -> Request<()> {
        format!("ws://{}{path}", self.address).into_client_request().unwrap()
    }

    /// A connection that has said nothing yet.
    pub async fn open(&self) -> Client {
        self.open_at("/connection/websocket").await
    }

    pub async fn open_at(&self, path: &str) -> Client {
        Client::new(connect_async(self.request(path)).await.unwrap().0)
    }

    /// The status with which a handshake is refused.
    pub async fn refused(&self, request: Request<()>) -> u16 {
        match connect_async(request).await {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other:?}"),
        }
    }

    /// A connection that is in, with its connect reply.
    pub async fn connect(&self, token: &str) -> (Client, Value) {
        let mut client = self.open().await;
        client.say(&json!({ "id": 1, "connect": { "token": token } })).await;
        let reply = client.reply(1).await;
        assert!(reply["connect"].is_object(), "{reply}");
        (client, reply["connect"].clone())
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What one receives.
#[derive(Debug, PartialEq)]
pub enum Received {
    Line(Value),
    Closed(u16, String),
}

/// One connection; its lines come one at a time, pings answered where they are asked for.
pub struct Client {
    pub socket: Socket,
    lines: std::collections::VecDeque<Value>,
    next_id: u32,
    pub answers_pings: bool,
}

impl Client {
    fn new(socket: Socket) -> Client {
        Client { socket, lines: Default::default(), next_id: 2, answers_pings: true }
    }

    pub async fn say(&mut self, command: &Value) {
        self.say_text(&command.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.socket.send(Frame::text(text)).await.unwrap();
    }

    /// The next line, or the close.
    pub async fn receive(&mut self) -> Received {
        loop {
            if let Some(line) = self.lines.pop_front() {
                if line == json!({}) && self.answers_pings {
                    self.say_text("{}").await;
                    continue;
                }
                return Received::Line(line);
            }
            match self.socket.next().await {
                Some(Ok(Frame::Text(text))) => {
                    self.lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
                }
                Some(Ok(Frame::Close(Some(close)))) => {
                    return Received::Closed(close.code.into(), close.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("neither a line nor a close: {other:?}"),
            }
        }
    }

    pub async fn line(&mut self) -> Value {
        match self.receive().await {
            Received::Line(line) => line,
            Received::Closed(code, reason) => panic!("closed: {code} {reason}"),
        }
    }

    /// The code of the close, past whatever comes before it. Its reason is never empty: SDKs that read an
    /// empty one come back where they should not.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Received::Closed(code, reason) = self.receive().await {
                assert!(!reason.is_empty(), "{code} without a reason");
                return code;
            }
        }
    }

    /// The reply to a command, past the pushes before it.
    pub async fn reply(&mut self, id: u32) -> Value {
        loop {
            let line = self.line().await;
            if line["id"] == id {
                return line;
            }
            assert!(line["push"].is_object(), "{line}");
        }
    }

    /// Sends a command and waits for its reply.
    pub async fn call(&mut self, name: &str, body: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.say(&json!({ "id": id, name: body })).await;
        self.reply(id).await
    }

    /// The code of the error that a command is answered with.
    pub async fn error(&mut self, name: &str, body: Value) -> u64 {
        let reply = self.call(name, body).await;
        reply["error"]["code"].as_u64().unwrap_or_else(|| panic!("{reply}"))
    }

    pub async fn subscribe(&mut self, room: &RoomId) -> Value {
        let reply = self.call("subscribe", json!({ "channel": format!("room:{room}") })).await;
        assert!(reply["subscribe"].is_object(), "{reply}");
        reply["subscribe"].clone()
    }

    /// The next publication.
    pub async fn publication(&mut self) -> Value {
        loop {
            let line = self.line().await;
            if line["push"]["pub"].is_object() {
                return line["push"]["pub"].clone();
            }
        }
    }
}
