//! Connections that send.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::connection::{Connection, Received};
use crate::error::BenchError;
use crate::options::Traffic;
use crate::tally::Tally;

/// How many connections send at the most; they share the rooms.
const SENDERS: usize = 64;

/// How many messages may wait for one of them.
const WAITING: usize = 1024;

/// How long is waited for the last acknowledgements.
const DRAIN: Duration = Duration::from_secs(10);

/// What senders send to.
#[derive(Clone)]
pub(crate) struct Audience {
    pub url: Arc<str>,
    pub token: Arc<str>,
    /// The rooms' ids.
    pub rooms: Arc<[Arc<str>]>,
    /// How many members each has.
    pub members: u64,
    pub tally: Arc<Tally>,
}

/// Sends until it is told to stop, and waits for the acknowledgements.
pub(crate) async fn send(
    audience: Audience,
    traffic: &Traffic,
    stop: watch::Receiver<bool>,
) -> Result<(), BenchError> {
    let count = audience.rooms.len().min(SENDERS);
    let mut tasks = JoinSet::new();
    let mut queues = Vec::new();
    for _ in 0..count {
        let (queue, rooms) = mpsc::channel(WAITING);
        queues.push(queue);
        let connection = Connection::open(&audience.url, &audience.token).await?;
        tasks.spawn(publish(connection, audience.clone(), traffic.payload as usize, rooms));
    }
    match traffic.rate {
        Some(rate) => pace(&queues, audience.rooms.len(), rate, stop).await,
        None => fill(&queues, &audience, u64::from(traffic.window), stop).await,
    }
    drop(queues);
    while let Some(done) = tasks.join_next().await {
        done.unwrap_or_else(|error| Err(BenchError::Socket(error.to_string())))?;
    }
    Ok(())
}

/// A message to the next room every time it is due.
async fn pace(queues: &[mpsc::Sender<usize>], rooms: usize, rate: u32, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for room in (0..rooms).cycle() {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        if queues[room % queues.len()].send(room).await.is_err() {
            return;
        }
    }
}

/// In each room as many messages on the way as the window is wide.
async fn fill(queues: &[mpsc::Sender<usize>], audience: &Audience, window: u64, stop: watch::Receiver<bool>) {
    let mut rooms = JoinSet::new();
    for room in 0..audience.rooms.len() {
        let (queue, audience, mut stop) =
            (queues[room % queues.len()].clone(), audience.clone(), stop.clone());
        rooms.spawn(async move {
            let state = &audience.tally.rooms[room];
            for sent in 0_u64.. {
                while state.delivered() < (sent + 1).saturating_sub(window) * audience.members {
                    tokio::select! {
                        _ = stop.changed() => return,
                        () = state.whole.notified() => {}
                    }
                }
                if *stop.borrow() || queue.send(room).await.is_err() {
                    return;
                }
            }
        });
    }
    while rooms.join_next().await.is_some() {}
}

/// Sends what is in its queue, and takes the acknowledgements.
async fn publish(
    mut connection: Connection,
    audience: Audience,
    payload: usize,
    mut rooms: mpsc::Receiver<usize>,
) -> Result<(), BenchError> {
    let mut unanswered = HashMap::new();
    let mut last: Option<Instant> = None;
    loop {
        if last.is_some() && unanswered.is_empty() {
            return Ok(());
        }
        tokio::select! {
            room = rooms.recv(), if last.is_none() => match room {
                Some(room) => {
                    let stamp = audience.tally.stamp();
                    audience.tally.rooms[room].sent.fetch_add(1, Ordering::Relaxed);
                    let text = format!("{stamp} {:x<payload$}", "");
                    let id = connection.publish(&audience.rooms[room], &text[..payload.max(20)]).await?;
                    unanswered.insert(id, stamp);
                }
                None => last = Some(Instant::now() + DRAIN),
            },
            received = connection.next() => match received? {
                Received::Reply { id, error: None } => {
                    if let Some(stamp) = unanswered.remove(&id) {
                        audience.tally.acknowledged(stamp);
                    }
                }
                Received::Reply { error: Some(answer), .. } => {
                    return Err(BenchError::Refused { what: "a message was refused".to_owned(), answer });
                }
                Received::Ping => connection.pong().await?,
                Received::Subscribed { .. } | Received::Event(_) | Received::Other => {}
            },
            () = sleep_until(last.unwrap_or_else(Instant::now)), if last.is_some() => {
                return Err(BenchError::Socket(format!("{} messages were not acknowledged", unanswered.len())));
            }
        }
    }
}
