//! The connection to NATS.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;
use tokio::sync::Notify;

use crate::{ClusterError, ClusterSettings};

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How often the server is asked whether it is there; a third unanswered time, it is not.
const PING: Duration = Duration::from_secs(5);

/// The longest pause before the next attempt.
const PAUSE: Duration = Duration::from_secs(2);

/// How many messages of one subject may wait to be read. More are lost, which we are told.
const UNREAD: usize = 8192;

/// What happens to the connection.
#[derive(Default)]
pub(crate) struct Changes {
    /// It is there, or there again.
    pub connected: Notify,
    /// Something was lost on its way to us.
    pub lost: Notify,
}

/// Connects. A server that cannot be reached now is tried again for ever, since the chat works without it.
pub(crate) async fn connect(
    settings: &ClusterSettings,
    changes: &Arc<Changes>,
) -> Result<Client, ClusterError> {
    let wrong = |detail: String| ClusterError::Settings { detail };
    let parse = |server: &String| server.parse::<ServerAddr>().map_err(|error| wrong(error.to_string()));
    let servers = settings.servers.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let first = options(settings, &servers, changes).await?.connect(servers.clone()).await;
    let error = match first {
        Ok(client) => return Ok(client),
        Err(error) => error,
    };
    match error.kind() {
        _ if is_untrusted(&error) => Err(ClusterError::Refused { detail: error.to_string() }),
        ConnectErrorKind::Io
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Dns
        | ConnectErrorKind::MaxReconnects => {
            log::warn!("NATS cannot be reached, so events come late from other nodes until it can: {error}");
            let options = options(settings, &servers, changes).await?.retry_on_initial_connect();
            options.connect(servers).await.map_err(|error| wrong(error.to_string()))
        }
        ConnectErrorKind::ServerParse => Err(wrong(error.to_string())),
        ConnectErrorKind::Authentication
        | ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Tls => Err(ClusterError::Refused { detail: error.to_string() }),
    }
}

/// Whether a server is there that does not prove who it is. That comes as an error of the connection, with rustls's within.
fn is_untrusted(error: &ConnectError) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        cause = error.source();
    }
    false
}

async fn options(
    settings: &ClusterSettings,
    servers: &[ServerAddr],
    changes: &Arc<Changes>,
) -> Result<ConnectOptions, ClusterError> {
    let changes = changes.clone();
    let mut options = ConnectOptions::new()
        .name("chat")
        .no_echo()
        .connection_timeout(CONNECT)
        .request_timeout(Some(CONNECT))
        .ping_interval(PING)
        .subscription_capacity(UNREAD)
        .reconnect_delay_callback(|attempts| {
            PAUSE.min(Duration::from_millis(50) * u32::try_from(attempts).unwrap_or(u32::MAX).min(1000))
        })
        .event_callback(move |event| {
            let changes = changes.clone();
            async move { on_event(&event, &changes) }
        });
    // As in all NATS clients, a name without a password is a token. The servers of a cluster take the same ones.
    if let Some((name, password)) =
        servers.iter().find_map(|server| Some((server.username()?, server.password())))
    {
        options = match password {
            Some(password) => options.user_and_password(plain(name), plain(password)),
            None => options.token(plain(name)),
        };
    }
    if let Some(file) = &settings.ca_file {
        options = options.add_root_certificates(file.clone());
    }
    if let Some(file) = &settings.credentials_file {
        let read = options.credentials_file(file).await;
        let wrong = |error| ClusterError::Settings { detail: format!("{}: {error}", file.display()) };
        options = read.map_err(wrong)?;
    }
    Ok(options)
}

/// A part of an address, in which special characters are written as `%` and two digits (RFC 3986, section 2.1).
fn plain(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn on_event(event: &Event, changes: &Changes) {
    match event {
        Event::Connected => {
            log::info!("NATS: connected");
            changes.connected.notify_one();
        }
        Event::Disconnected => {
            log::warn!("NATS: the connection is lost; events come late from other nodes meanwhile")
        }
        Event::SlowConsumer(_) => changes.lost.notify_one(),
        Event::ServerError(error) => log::warn!("{error}"),
        // Each attempt that fails, after the loss was told.
        Event::ClientError(error) => log::debug!("NATS: {error}"),
        Event::LameDuckMode => log::info!("NATS: the server is about to stop"),
        Event::Draining | Event::Closed => log::debug!("NATS: {event}"),
    }
}
