//! A connection that is in a room and believes nothing: each event must be the next of the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::connection::{Connection, Event, Position, Received};
use crate::error::BenchError;
use crate::tally::Tally;

/// How long a connection that is refused waits before it tries again.
const PAUSE: Duration = Duration::from_millis(100);

/// What all members do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Listen.
    Listen,
    /// Break the connection off, come back, and go on listening.
    ComeBack(Instant),
    /// Go home.
    Leave,
}

/// What a member knows.
pub(crate) struct Member {
    pub number: usize,
    pub url: Arc<str>,
    pub token: Arc<str>,
    pub room: usize,
    pub room_id: Arc<str>,
    /// How many are in the room.
    pub members: u64,
    pub tally: Arc<Tally>,
    position: Position,
}

/// How a member came back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Return {
    /// How long after it was cut off.
    pub after: Duration,
    /// Whether the server told all that was missed.
    pub recovered: bool,
}

impl Member {
    pub fn new(
        number: usize,
        url: Arc<str>,
        token: Arc<str>,
        room: (usize, Arc<str>),
        members: u64,
        tally: Arc<Tally>,
    ) -> Member {
        let (room, room_id) = room;
        Member { number, url, token, room, room_id, members, tally, position: Position::default() }
    }

    /// Enters the room.
    pub async fn enter(&mut self) -> Result<Connection, BenchError> {
        let mut connection = Connection::open(&self.url, &self.token).await?;
        self.position = connection.subscribe(&self.room_id, None).await?.position;
        Ok(connection)
    }

    /// Listens until it is to leave; returns how it came back, if it had to.
    pub async fn listen(
        mut self,
        mut connection: Connection,
        mut orders: watch::Receiver<Order>,
    ) -> Result<Option<Return>, BenchError> {
        let mut returned = None;
        loop {
            tokio::select! {
                biased;
                changed = orders.changed() => {
                    let order = if changed.is_ok() { *orders.borrow_and_update() } else { Order::Leave };
                    match order {
                        Order::Listen => {}
                        Order::Leave => return Ok(returned),
                        Order::ComeBack(since) => {
                            drop(connection);
                            let (again, recovered) = self.come_back().await;
                            connection = again;
                            returned = Some(Return { after: since.elapsed(), recovered });
                        }
                    }
                }
                received = connection.next() => match received? {
                    Received::Event(event) => self.take(&event),
                    Received::Ping => connection.pong().await?,
                    Received::Reply { .. } | Received::Subscribed { .. } | Received::Other => {}
                },
            }
        }
    }

    /// Tries until it is in again.
    async fn come_back(&mut self) -> (Connection, bool) {
        loop {
            match self.recover().await {
                Ok(back) => return back,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn recover(&mut self) -> Result<(Connection, bool), BenchError> {
        let mut connection = Connection::open(&self.url, &self.token).await?;
        let subscribed = connection.subscribe(&self.room_id, Some(&self.position)).await?;
        if subscribed.recovered {
            subscribed.events.iter().for_each(|event| self.take(event));
        } else {
            let missed = subscribed.position.offset.saturating_sub(self.position.offset);
            self.tally.missing.fetch_add(missed, Ordering::Relaxed);
            self.position = subscribed.position;
        }
        Ok((connection, subscribed.recovered))
    }

    fn take(&mut self, event: &Event) {
        let next = self.position.offset + 1;
        if event.offset < next {
            self.tally.doubled.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if event.offset > next {
            self.tally.disordered.fetch_add(1, Ordering::Relaxed);
            self.tally.missing.fetch_add(event.offset - next, Ordering::Relaxed);
        }
        self.position.offset = event.offset;
        self.tally.delivered(self.number, self.room, self.members, event.stamp);
    }
}
