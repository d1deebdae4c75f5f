//! Connections, each with the settings that every one has.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use crate::{Connection, DbError, DbSettings, DbUrl};

impl Connection {
    /// Opens a connection beside those of a [`Db`](crate::Db), for work of its own. The schema is left as it is.
    ///
    /// # Errors
    /// [`DbError`] says in one line what is wrong.
    pub fn open(settings: &DbSettings) -> Result<Connection, DbError> {
        match &settings.url {
            DbUrl::Sqlite(path) => Ok(Connection::Sqlite(sqlite(path, settings)?)),
            DbUrl::Postgres(url) => Ok(Connection::Postgres(postgres(url, settings)?)),
        }
    }
}

fn sqlite(path: &Path, settings: &DbSettings) -> Result<SqliteConnection, DbError> {
    let open = |detail: String| DbError::Open { database: path.display().to_string(), detail };
    let name = path.to_str().ok_or_else(|| open("its path is not UTF-8".to_owned()))?;
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty())
        && !directory.is_dir()
    {
        return Err(open(format!("{} is not a directory", directory.display())));
    }
    let mut connection = SqliteConnection::establish(name).map_err(|error| open(error.to_string()))?;
    // The time-out first, so that the others wait for another process.
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", settings.timeout.as_millis()))?;
    write_ahead(&mut connection, settings.timeout)?;
    // FULL: a commit is on the disk. A log of 32 MiB before it is moved into the file, where 4 are usual: a page that
    // many commits change is moved once. Up to 8 MiB of pages in memory, where 2 are usual: the ends of a hundred busy logs and
    // of their index are more than that.
    connection.batch_execute(
        "PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 8000;
         PRAGMA cache_size = -8192;
         PRAGMA foreign_keys = ON;",
    )?;
    Ok(connection)
}

/// Has the file keep a write-ahead log. Of two that begin one at the same time SQLite refuses one without letting it
/// wait (each holds the lock that the other needs), so that the waiting is done here.
#[expect(clippy::disallowed_methods, reason = "SQLite tells nobody when the other is done")]
fn write_ahead(connection: &mut SqliteConnection, timeout: Duration) -> Result<(), DbError> {
    let deadline = Instant::now() + timeout;
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL").map_err(DbError::from) {
            Err(DbError::Locked) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            done => return done,
        }
    }
}

fn postgres(url: &str, settings: &DbSettings) -> Result<PgConnection, DbError> {
    let open = |error: diesel::ConnectionError| {
        let mut detail = one_line(&error.to_string());
        if detail.contains("SSL support is not compiled in") {
            detail.push_str("; build the server with --features tls");
        }
        DbError::Open { database: settings.url.to_string(), detail }
    };
    let mut connection = PgConnection::establish(&with_defaults(url, settings)).map_err(open)?;
    let milliseconds = settings.timeout.as_millis();
    // A commit is on the disk, whatever the server's default; anything stricter stays. Every query of ours finds its
    // rows by an index: a plan that was made and kept while the tables were small must do so too.
    connection.batch_execute(&format!(
        "SET statement_timeout = {milliseconds};
         SET lock_timeout = {milliseconds};
         SET idle_in_transaction_session_timeout = {};
         SET client_min_messages = warning;
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
         SET plan_cache_mode = force_generic_plan;
         SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') IN ('off', 'local');",
        milliseconds.saturating_mul(2)
    ))?;
    Ok(connection)
}

/// The URL with the parameters that it leaves open: a connection that cannot be made, or whose other end is
/// gone, must be known as such within the time-out.
fn with_defaults(url: &str, settings: &DbSettings) -> String {
    let mut url = url.to_owned();
    let seconds = settings.timeout.as_secs().max(1);
    let milliseconds = settings.timeout.as_millis();
    for (name, value) in [
        // Below two seconds libpq does not go.
        ("connect_timeout", seconds.max(2).to_string()),
        ("tcp_user_timeout", milliseconds.to_string()),
        ("keepalives_idle", seconds.to_string()),
        ("keepalives_interval", seconds.to_string()),
        ("keepalives_count", "3".to_owned()),
        ("application_name", "chat-server".to_owned()),
    ] {
        if !url.contains(&format!("{name}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = diesel::sql_types::Text)]
    encoding: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    fsync: String,
}

/// Whether a server can keep what we promise.
///
/// # Errors
/// [`DbError::Encoding`]
pub(crate) fn check_server(connection: &mut Connection) -> Result<(), DbError> {
    let Connection::Postgres(connection) = connection else { return Ok(()) };
    let query = "SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync";
    let server: Server = sql_query(query).get_result(connection)?;
    if server.encoding != "UTF8" {
        return Err(DbError::Encoding { encoding: server.encoding });
    }
    if server.fsync != "on" {
        log::warn!("this PostgreSQL runs with fsync off: a power cut loses what it has acknowledged");
    }
    Ok(())
}

/// A message of libpq, which may have several lines.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_url_says_is_kept_and_what_it_leaves_open_is_added() {
        let url = "postgres://db/chat?connect_timeout=9".to_owned();
        let settings = DbSettings {
            timeout: Duration::from_millis(1500),
            ..DbSettings::new(DbUrl::Postgres(url.clone()))
        };
        assert_eq!(
            with_defaults(&url, &settings),
            "postgres://db/chat?connect_timeout=9&tcp_user_timeout=1500&keepalives_idle=1\
             &keepalives_interval=1&keepalives_count=3&application_name=chat-server"
        );
        assert!(with_defaults("postgres://db", &settings).starts_with("postgres://db?connect_timeout=2&"));
    }
}
