//! The orderly stop: no client loses anything, and the other nodes are not stormed.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_rt::signal::unix::{SignalKind, signal};
use actix_rt::time::sleep;
use actix_server::ServerHandle;
use chat_api::ApiState;
use chat_core::{CloseReason, Hub};
use chat_ws::Sockets;

/// How often it is looked whether all connections have gone.
const LOOK: Duration = Duration::from_millis(20);

/// How often a portion of the connections is closed.
const PORTION: Duration = Duration::from_millis(100);

/// What stops in which order.
pub struct Stop {
    /// The HTTP server.
    pub server: ServerHandle,
    /// Says whether this node is ready.
    pub api: ApiState,
    /// Knows the connections.
    pub hub: Arc<Hub>,
    /// All sockets, those too that the hub does not know yet.
    pub sockets: Sockets,
    /// For how long a balancer is told before anything stops.
    pub notice: Duration,
    /// How many connections are closed in a second; none for all at once.
    pub closes_per_second: Option<usize>,
    /// How long sockets and requests may take to end.
    pub timeout: Duration,
}

impl Stop {
    /// Waits for a signal, then stops: balancers are told, no new connections are taken, sockets are closed with 3001,
    /// requests under way answered. After the time-out what is left is dropped.
    pub async fn on_signal(self) {
        match stop_signal().await {
            Ok(name) => log::info!("{name}: stopping"),
            Err(error) => {
                return log::error!("signals cannot be heard, so only a kill stops this server: {error}");
            }
        }
        self.api.leave_pool();
        sleep(self.notice).await;
        self.server.pause().await;
        if let Some(per_second) = self.closes_per_second {
            self.close_in_portions(per_second).await;
        }
        let begun = Instant::now();
        self.sockets.close_all(CloseReason::Shutdown);
        while self.sockets.open_count() > 0 && begun.elapsed() < self.timeout {
            sleep(LOOK).await;
        }
        self.server.stop(true).await;
    }

    async fn close_in_portions(&self, per_second: usize) {
        let portion = usize::try_from(per_second as u128 * PORTION.as_millis() / 1000).unwrap_or(usize::MAX);
        let mut first = true;
        for connections in self.hub.all().chunks(portion.max(1)) {
            if !std::mem::take(&mut first) {
                sleep(PORTION).await;
            }
            connections.iter().for_each(|connection| connection.close(CloseReason::Shutdown));
        }
    }
}

async fn stop_signal() -> io::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
    }
}
