//! One connection of the client protocol.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::error::BenchError;

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Small, since there are many.
const READ_BYTES: usize = 4096;

pub(crate) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Received>,
    next_id: u32,
}

/// What the server says.
pub(crate) enum Received {
    /// The reply to a command: good, or its error.
    Reply { id: u32, error: Option<String> },
    /// A subscription began.
    Subscribed { id: u32, subscribed: Subscribed },
    /// An event of a room.
    Event(Event),
    /// To be answered.
    Ping,
    /// Something else: joins, leaves, signals.
    Other,
}

/// What a subscription begins with.
#[derive(Debug, Default)]
pub(crate) struct Subscribed {
    pub position: Position,
    /// Whether all that was missed stands in `events`.
    pub recovered: bool,
    pub events: Vec<Event>,
}

/// A place in a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Position {
    pub offset: u64,
    pub epoch: String,
}

/// An event, as far as it matters here.
#[derive(Debug)]
pub(crate) struct Event {
    pub offset: u64,
    /// The number that its text begins with.
    pub stamp: Option<u64>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    id: u32,
    error: Option<Refusal>,
    #[serde(borrow)]
    push: Option<Push<'a>>,
    #[serde(borrow)]
    subscribe: Option<Subscription<'a>>,
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
    message: String,
}

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow, rename = "pub")]
    publication: Option<Publication<'a>>,
}

#[derive(Deserialize)]
struct Publication<'a> {
    #[serde(default)]
    offset: u64,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Subscription<'a> {
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    epoch: String,
    #[serde(default)]
    recovered: bool,
    #[serde(borrow, default)]
    publications: Vec<Publication<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: &'a str,
}

impl From<Publication<'_>> for Event {
    fn from(publication: Publication<'_>) -> Event {
        let text =
            serde_json::from_str::<Data<'_>>(publication.data.get()).ok().and_then(|data| data.message);
        let stamp = text.and_then(|text| text.text.split(' ').next()?.parse().ok());
        Event { offset: publication.offset, stamp }
    }
}

impl Connection {
    /// Opens a connection and says who it is.
    pub async fn open(url: &str, token: &str) -> Result<Connection, BenchError> {
        let config = WebSocketConfig::default().read_buffer_size(READ_BYTES).write_buffer_size(0);
        let (socket, _) = connect_async_with_config(url, Some(config), true).await?;
        let mut connection = Connection { socket, waiting: VecDeque::new(), next_id: 1 };
        let id = connection.id();
        connection.say(json!({ "id": id, "connect": { "token": token } }).to_string()).await?;
        connection.reply(id).await?;
        Ok(connection)
    }

    /// Subscribes to a room, from where the client stands if it has been there.
    pub async fn subscribe(
        &mut self,
        room: &str,
        since: Option<&Position>,
    ) -> Result<Subscribed, BenchError> {
        let id = self.id();
        let channel = format!("room:{room}");
        let request = match since {
            None => json!({ "channel": channel }),
            Some(Position { offset, epoch }) => {
                json!({ "channel": channel, "recover": true, "offset": offset, "epoch": epoch })
            }
        };
        self.say(json!({ "id": id, "subscribe": request }).to_string()).await?;
        self.reply(id).await
    }

    /// Sends a message; the reply comes as [`Received::Reply`] with the id that is returned.
    pub async fn publish(&mut self, room: &str, text: &str) -> Result<u32, BenchError> {
        let id = self.id();
        let publish = json!({ "channel": format!("room:{room}"), "data": { "text": text } });
        self.say(json!({ "id": id, "publish": publish }).to_string()).await?;
        Ok(id)
    }

    /// Answers a ping.
    pub async fn pong(&mut self) -> Result<(), BenchError> {
        self.say("{}".to_owned()).await
    }

    /// The next thing that the server says. Cancel safe.
    pub async fn next(&mut self) -> Result<Received, BenchError> {
        loop {
            if let Some(received) = self.waiting.pop_front() {
                return Ok(received);
            }
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    for line in text.lines() {
                        self.waiting.push_back(received(line)?);
                    }
                }
                Some(Ok(Message::Close(Some(close)))) => {
                    let (code, reason) = (close.code.into(), close.reason.to_string());
                    return Err(BenchError::Closed { code, reason });
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(BenchError::Socket("a connection ended without a close".to_owned())),
            }
        }
    }

    async fn say(&mut self, text: String) -> Result<(), BenchError> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    fn id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Waits for the reply; what comes before it stays.
    async fn reply(&mut self, wanted: u32) -> Result<Subscribed, BenchError> {
        let mut before = VecDeque::new();
        let reply = async {
            loop {
                match self.next().await? {
                    Received::Reply { id, error } if id == wanted => {
                        return error.map_or_else(
                            || Ok(Subscribed::default()),
                            |answer| {
                                Err(BenchError::Refused { what: "a command was refused".to_owned(), answer })
                            },
                        );
                    }
                    Received::Subscribed { id, subscribed } if id == wanted => return Ok(subscribed),
                    Received::Ping => self.pong().await?,
                    other @ (Received::Reply { .. }
                    | Received::Subscribed { .. }
                    | Received::Event(_)
                    | Received::Other) => before.push_back(other),
                }
            }
        };
        let late = |_| BenchError::Socket(format!("no reply within {} s", PATIENCE.as_secs()));
        let reply = timeout(PATIENCE, reply).await.map_err(late)?;
        before.append(&mut self.waiting);
        self.waiting = before;
        reply
    }
}

fn received(line: &str) -> Result<Received, BenchError> {
    if line == "{}" {
        return Ok(Received::Ping);
    }
    let unread = |error| BenchError::Socket(format!("what the server says cannot be read: {error}: {line}"));
    let line: Line<'_> = serde_json::from_str(line).map_err(unread)?;
    Ok(match line {
        Line { push: Some(Push { publication: Some(publication) }), .. } if publication.offset > 0 => {
            Received::Event(publication.into())
        }
        Line { push: Some(_), .. } => Received::Other,
        Line { id, subscribe: Some(subscription), error: None, .. } => {
            let Subscription { offset, epoch, recovered, publications } = subscription;
            let events = publications.into_iter().map(Event::from).collect();
            Received::Subscribed {
                id,
                subscribed: Subscribed { position: Position { offset, epoch }, recovered, events },
            }
        }
        Line { id, error, .. } => {
            Received::Reply { id, error: error.map(|error| format!("{} {}", error.code, error.message)) }
        }
    })
}
