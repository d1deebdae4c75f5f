//! The server itself: everything wired together, from the first connection to the orderly stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_cors::Cors;
use actix_http::HttpService;
use actix_rt::net::TcpStream;
use actix_service::map_config;
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use chat_api::ApiState;
use chat_cluster::NatsBackplane;
use chat_core::{Backplane, Chat, Comparison, FanOut, Hub, LocalBackplane, compare_sessions};
use chat_db::Db;
use chat_files::Files;
use chat_history::History;
use chat_hooks::HttpScreen;
use chat_previews::Previews;
use chat_users::Users;
use chat_web::Page;
use chat_ws::Sockets;
use socket2::SockRef;

use crate::error::ServerError;
use crate::figures::figures;
use crate::open;
use crate::settings::Settings;
use crate::stop::Stop;

/// How often sessions that have ended are forgotten, and what deleted rooms have left behind is looked for.
const TIDY: Duration = Duration::from_secs(3600);

/// How often the bytes of deleted and abandoned files are removed.
const COLLECT: Duration = Duration::from_secs(60);

/// How many files are open besides connections, at the most: the database's, the log, the listener's.
const FILES_BESIDES: u64 = 100;

/// How long a client may take to read an answer behind which its connection is closed.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves until a signal stops it. Blocks.
///
/// # Errors
/// What keeps it from starting; nothing, once it serves.
pub fn run(settings: &Settings) -> Result<(), ServerError> {
    let begun = Instant::now();
    let address = settings.listen;
    // The address first: two servers of one data directory must not both get to its database.
    let listen = |error| ServerError::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let page = open::page(settings)?;
    allow_files(settings.limits.connections);
    let db = open::database(settings)?;
    let key = open::token_key(settings)?;
    let users = open::users(settings, db.clone(), &key)?;
    let files = open::files(settings, db.clone(), &key)?;
    let key = key.fingerprint();
    let has_page = page.is_some();
    let ready = || {
        let (url, took) = (settings.database_url(), begun.elapsed());
        log::info!("listening on http://{address}, data in {url}, started in {} ms", took.as_millis());
        if has_page {
            log::info!("to chat, open {} in a browser", browsed(address));
        }
    };
    let opened = (users, files, page);
    let served = actix_rt::System::new().block_on(serve(settings, listener, db.clone(), opened, key, ready));
    // Whatever was accepted is committed, and the write-ahead log is moved into the file.
    db.close();
    log::info!("stopped");
    served
}

async fn serve(
    settings: &Settings,
    listener: TcpListener,
    db: Db,
    (users, files, page): (Users, Option<Files>, Option<Page>),
    key: String,
    ready: impl FnOnce(),
) -> Result<(), ServerError> {
    let limits = settings.core_limits();
    let compare_every = Duration::from_secs(settings.nodes.compare_seconds);
    let (local, arrivals) = LocalBackplane::new(limits.fan_out_queue);
    let local = Arc::new(local);
    let others = match settings.cluster_settings(db.installation().await?, key) {
        Some(cluster) => Some(NatsBackplane::connect(cluster, local.clone()).await?),
        None => None,
    };
    let backplane: Arc<dyn Backplane> = match &others {
        Some(others) => others.clone(),
        None => local.clone(),
    };
    let store = Arc::new(History::new(db.clone(), limits.clone(), backplane.clone()));
    let hub = Arc::new(Hub::of_several(limits.clone(), backplane));
    let chat = Chat::new(store.clone(), Arc::new(users.clone()), hub.clone(), limits);
    let chat = match settings.moderation.hook() {
        Some(hook) => chat.with_screen(Arc::new(HttpScreen::new(hook)?)),
        None => chat,
    };
    let chat = match settings.preview_settings() {
        Some(previews) => chat.with_previewer(Arc::new(Previews::new(previews)?)),
        None => chat,
    };
    let chat = Arc::new(match &files {
        Some(files) => chat.with_files(Arc::new(files.clone())),
        None => chat,
    });
    actix_rt::spawn(FanOut::new(hub.clone(), store.clone()).run(arrivals));
    actix_rt::spawn(compare_sessions(hub.clone(), Arc::new(users.clone()), compare_every));
    if let Some(others) = &others {
        let comparison = Arc::new(Comparison::new(hub.clone(), store.clone(), local));
        let comparing = comparison.clone();
        actix_rt::spawn(async move { comparing.run(compare_every).await });
        actix_rt::spawn(others.clone().run(chat.clone(), comparison));
    }
    actix_rt::spawn(chat.clone().watch_presence());
    actix_rt::spawn(chat.clone().watch_expiry());
    actix_rt::spawn(store.clone().keep_index());
    actix_rt::spawn(chat.clone().watch_scheduled());
    actix_rt::spawn(chat.clone().watch_retention());
    actix_rt::spawn(tidy(users.clone(), store, files.clone()));
    if let Some(files) = &files {
        actix_rt::spawn(collect(files.clone()));
    }
    let leaving = chat.clone();
    let sockets = Sockets::new(chat.clone(), Arc::new(users.clone()), settings.socket_settings());
    let api = ApiState::new(chat, users, settings.api_settings()).with_node(move || figures(&db));
    let api = match files {
        Some(files) => api.with_files(files),
        None => api,
    };
    let stopping_api = api.clone();

    let origins = settings.http.origins.clone();
    let opened = sockets.clone();
    let app = move || {
        App::new()
            .wrap(cors(&origins))
            .configure(chat_ws::configure(sockets.clone()))
            .configure(chat_api::configure(api.clone()))
            .configure(front(page.clone()))
    };
    let keep_alive = Duration::from_secs(settings.http.keep_alive_seconds);
    let request_timeout = Duration::from_secs(settings.http.request_timeout_seconds);
    let write_timeout = settings.write_timeout();
    let server = actix_server::Server::build()
        .max_concurrent_connections(settings.limits.connections)
        .shutdown_timeout(settings.stop.timeout_seconds)
        .workers(workers(settings.http.workers))
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let server = server
        .listen("chat", listener, move || {
            let stopping = stopping.clone();
            HttpService::build()
                .keep_alive(keep_alive)
                .client_request_timeout(request_timeout)
                .client_disconnect_timeout(LAST_WORDS)
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .on_connect_ext(move |stream, _| tune(stream, write_timeout))
                // Sockets leave actix-http for good; everything else is answered by another copy of the same application.
                .upgrade(chat_ws::takeover(app()))
                .h1(map_config(app(), |()| AppConfig::default()))
                .tcp()
        })
        .map_err(ServerError::Runtime)?
        .run();
    let stop = Stop {
        server: server.handle(),
        api: stopping_api,
        hub,
        sockets: opened,
        notice: Duration::from_secs(settings.stop.notice_seconds),
        closes_per_second: others.as_ref().map(|_| settings.stop.closes_per_second),
        timeout: Duration::from_secs(settings.stop.timeout_seconds),
    };
    actix_rt::spawn(stop.on_signal());
    ready();
    let served = server.await.map_err(ServerError::Runtime);
    leaving.keep_last_seen().await;
    if let Some(others) = others {
        others.leave().await;
    }
    served
}

/// What is at `/`: the page to chat in, or else the one that browses the HTTP API.
fn front(page: Option<Page>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| match page {
        Some(page) => chat_web::configure(page)(config),
        None => {
            config.service(web::redirect("/", "/api/docs/"));
        }
    }
}

/// The address of the page on this machine: one that listens everywhere is reached by its own name.
fn browsed(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("http://localhost:{}/", address.port());
    }
    format!("http://{address}/")
}

/// Removes the bytes that nobody wants any more; as [`tidy`], more often.
async fn collect(files: Files) {
    loop {
        if let Err(error) = files.collect().await {
            log::warn!("files are removed later: {error}");
        }
        actix_rt::time::sleep(COLLECT).await;
    }
}

/// Raises this process's bound on open files, mostly 1,024 to begin with, as far as the system lets it.
fn allow_files(connections: usize) {
    let wanted = connections as u64 + FILES_BESIDES;
    match rlimit::increase_nofile_limit(wanted) {
        Ok(allowed) if allowed < wanted => {
            log::warn!(
                "limits.connections is {connections}, which takes {wanted} open files, of {allowed} that are allowed (ulimit -n)"
            );
        }
        Ok(_) => {}
        Err(error) => log::warn!("the bound on open files is unknown: {error}"),
    }
}

/// Zero is one for each core.
fn workers(configured: usize) -> usize {
    if configured > 0 { configured } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

/// Pages of these origins may call with credentials, whatever they need (Fetch standard, CORS protocol).
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::RANGE, header::IF_RANGE])
        .allowed_headers(["Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset"])
        .expose_headers([header::RETRY_AFTER, header::LOCATION, header::CONTENT_RANGE, header::ETAG])
        .expose_headers(["Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size"])
        .expose_headers(["Upload-Offset", "Upload-Length", "Upload-Expires"])
        .supports_credentials()
        .max_age(12 * 3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin.trim_end_matches('/')))
}

/// Has the kernel send small frames at once, and end a connection whose peer takes nothing for so long, also where this
/// process only waits for room to write.
fn tune(stream: &TcpStream, timeout: Duration) {
    if let Err(error) = stream.set_nodelay(true) {
        log::debug!("small frames may wait: {error}");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        log::debug!("no time-out for writing: {error}");
    }
}

/// What nobody waits for: each node does it, and the database lets one at a time.
async fn tidy(users: Users, store: Arc<History>, files: Option<Files>) {
    loop {
        if let Err(error) = users.sweep().await {
            log::warn!("ended sessions are not swept: {error}");
        }
        if let Some(files) = &files
            && let Err(error) = files.sweep().await
        {
            log::warn!("files of deleted messages are not looked for: {error}");
        }
        actix_rt::time::sleep(TIDY).await;
        store.purge();
    }
}
