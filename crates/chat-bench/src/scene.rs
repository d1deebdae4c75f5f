//! The stage of a run: the server, rooms, and connections in them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::BenchError;
use crate::member::{Member, Order, Return};
use crate::options::Common;
use crate::process::Usage;
use crate::sender::Audience;
use crate::server::Server;
use crate::tally::Tally;

/// How long is waited for deliveries after the last message.
const DRAIN: Duration = Duration::from_secs(20);

/// How often it is looked whether everything has come.
const LOOK: Duration = Duration::from_millis(5);

/// How many files are open besides connections.
const FILES_BESIDES: u64 = 200;

/// A server with connections that listen.
pub(crate) struct Scene {
    pub server: Server,
    pub audience: Audience,
    pub connections: u64,
    pub opening: Duration,
    /// What the server used before there were connections.
    pub empty: Option<Usage>,
    orders: watch::Sender<Order>,
    members: JoinSet<Result<Option<Return>, BenchError>>,
    quiet: bool,
}

impl Scene {
    /// So many connections, `members` of them in a room.
    pub async fn of(common: &Common, connections: u32, members: u32) -> Result<Scene, BenchError> {
        Scene::set(common, connections.div_ceil(members), members.min(connections)).await
    }

    /// `rooms` rooms with `members` connections in each.
    pub async fn set(common: &Common, rooms: u32, members: u32) -> Result<Scene, BenchError> {
        let connections = rooms.checked_mul(members).ok_or_else(|| {
            BenchError::Options(format!("{rooms} rooms of {members} are too many connections"))
        })?;
        let wanted = u64::from(connections) + FILES_BESIDES;
        let allowed = rlimit::increase_nofile_limit(wanted);
        let allowed =
            allowed.map_err(|error| BenchError::System { what: "the bound on open files", error })?;
        if allowed < wanted {
            return Err(BenchError::Options(format!(
                "{connections} connections need {wanted} open files, and only {allowed} are allowed (ulimit -n)"
            )));
        }
        let server = Server::of(common, connections).await?;
        let users = server.users(common.users).await?;
        let bar = bar_of(common.quiet, u64::from(rooms), "rooms");
        let ids: Vec<Arc<str>> = stream::iter(0..rooms)
            .map(|number| {
                let (server, users) = (&server, &users);
                async move { server.room(&format!("bench {number}"), users).await.map(Arc::from) }
            })
            .buffered(16)
            .inspect_ok(|_| bar.inc(1))
            .try_collect()
            .await?;
        bar.finish_and_clear();
        let empty = server.usage();

        let urls = server.socket_urls();
        let tokens: Vec<Arc<str>> = users.iter().map(|user| user.token.as_str().into()).collect();
        let tally = Arc::new(Tally::new(ids.len()));
        let bar = bar_of(common.quiet, u64::from(connections), "connections");
        let begun = Instant::now();
        let opened: Vec<(Member, Connection)> = stream::iter(0..connections as usize)
            .map(|number| {
                let room = number % ids.len();
                let (token, id) = (tokens[number % tokens.len()].clone(), ids[room].clone());
                let url = urls[number / ids.len() % urls.len()].clone();
                let mut member =
                    Member::new(number, url, token, (room, id), u64::from(members), tally.clone());
                async move { member.enter().await.map(|connection| (member, connection)) }
            })
            .buffer_unordered(common.opening as usize)
            .inspect_ok(|_| bar.inc(1))
            .try_collect()
            .await?;
        bar.finish_and_clear();
        let opening = begun.elapsed();
        let (orders, listening) = watch::channel(Order::Listen);
        let mut all = JoinSet::new();
        for (member, connection) in opened {
            all.spawn(member.listen(connection, listening.clone()));
        }
        let audience = Audience {
            url: server.send_url(),
            token: tokens[0].clone(),
            rooms: ids.into(),
            members: u64::from(members),
            tally,
        };
        Ok(Scene {
            server,
            audience,
            connections: u64::from(connections),
            opening,
            empty,
            orders,
            members: all,
            quiet: common.quiet,
        })
    }

    /// Lets time pass, with a bar.
    pub async fn wait(&self, seconds: u64) {
        let bar = bar_of(self.quiet, seconds, "seconds");
        for _ in 0..seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            bar.inc(1);
        }
        bar.finish_and_clear();
    }

    /// Waits for all deliveries of what was sent, for a while; returns how many there should be.
    pub async fn drain(&self) -> u64 {
        let tally = &self.audience.tally;
        let expected = tally.sent() * self.audience.members;
        let end = Instant::now() + DRAIN;
        while tally.deliveries() < expected && Instant::now() < end {
            tokio::time::sleep(LOOK).await;
        }
        expected
    }

    /// Has all connections break off and come back.
    pub fn cut(&self) {
        self.orders.send_replace(Order::ComeBack(Instant::now()));
    }

    /// Ends all connections; returns how they came back, those that had to.
    pub async fn leave(mut self) -> Result<Vec<Return>, BenchError> {
        self.orders.send_replace(Order::Leave);
        let mut returns = Vec::new();
        while let Some(member) = self.members.join_next().await {
            let left = member.unwrap_or_else(|error| Err(BenchError::Socket(error.to_string())));
            returns.extend(left?);
        }
        Ok(returns)
    }
}

fn bar_of(quiet: bool, length: u64, of: &'static str) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} {msg}");
    ProgressBar::new(length)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(of)
}
