//! Databases for tests and benchmarks: a SQLite file in a temporary directory, or a schema of its own on a
//! PostgreSQL server that this crate starts and stops. For tests of several nodes a NATS server, and a network that fails.
//!
//! The same tests run on both: `CHAT_TEST_DATABASE` says on which, `sqlite` (the default) or `postgres`. The
//! server needs PostgreSQL's programs (Debian: `postgresql`), and nothing else: no rights, no configuration, no
//! server that runs already.

mod nats;
pub mod plans;
mod proxy;
mod server;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;

pub use nats::NatsServer;
pub use proxy::Proxy;
pub use server::{Durability, Server};

/// Names the engine that tests run on.
pub const ENGINE_VARIABLE: &str = "CHAT_TEST_DATABASE";

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    /// The engine that this run of the tests is about.
    ///
    /// # Panics
    /// When `CHAT_TEST_DATABASE` names neither.
    #[must_use]
    pub fn of_run() -> Engine {
        match std::env::var(ENGINE_VARIABLE).as_deref() {
            Err(_) | Ok("" | "sqlite") => Engine::Sqlite,
            Ok("postgres") => Engine::Postgres,
            Ok(other) => panic!("{ENGINE_VARIABLE} is {other:?}; write sqlite or postgres"),
        }
    }
}

/// An empty database; removed with this value.
pub struct TestDatabase {
    url: String,
    place: Place,
}

enum Place {
    Directory { _kept: TempDir },
    Schema(String),
}

impl TestDatabase {
    /// An empty database of the engine that this run is about.
    ///
    /// # Panics
    /// As [`TestDatabase::of`].
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it makes files and servers")]
    pub fn new() -> TestDatabase {
        TestDatabase::of(Engine::of_run())
    }

    /// An empty database of this engine.
    ///
    /// # Panics
    /// When it cannot be made: a test cannot go on then.
    #[must_use]
    pub fn of(engine: Engine) -> TestDatabase {
        match engine {
            Engine::Sqlite => {
                let directory = must(tempfile::tempdir());
                let url = format!("sqlite:{}", directory.path().join("chat.db").display());
                TestDatabase { url, place: Place::Directory { _kept: directory } }
            }
            Engine::Postgres => TestDatabase::on(shared()),
        }
    }

    /// An empty schema on a server.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn on(server: &Server) -> TestDatabase {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let schema = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        server.execute(&format!("CREATE SCHEMA {schema}"));
        let url = format!("{}?options=-csearch_path%3D{schema}", server.url());
        TestDatabase { url, place: Place::Schema(server.url().to_owned() + " " + &schema) }
    }

    /// Its URL, as `database_url` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Schema(place) = &self.place else { return };
        // The server may have been stopped by the test; the schema goes with its directory then.
        if let Some((server, schema)) = place.split_once(' ')
            && let Ok(mut connection) = PgConnection::establish(server)
        {
            let _ =
                connection.batch_execute(&format!("SET lock_timeout = 2000; DROP SCHEMA {schema} CASCADE"));
        }
    }
}

/// The server that all tests of a process share; it goes with the process.
fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(Durability::Off))
}

/// A test that cannot go on shall panic, with the reason.
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("no database for the test: {error}"),
    }
}

/// Lets another process, or a network, take its time.
#[expect(clippy::disallowed_methods, reason = "nothing tells when a process listens, and a delay is one")]
fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}
