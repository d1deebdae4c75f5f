//! A PostgreSQL server of one's own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::must;

const SCRIPT: &str = include_str!("server.sh");

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It does, as in earnest: for benchmarks.
    On,
    /// It does not: for tests. What the server has taken survives its death, not the machine's.
    Off,
}

/// A server with an empty database, reached by a password over TCP; it is stopped, and its files removed, with
/// this value or this process, whichever ends first.
pub struct Server {
    url: String,
    control: Mutex<Control>,
}

struct Control {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start: the message says why.
    #[must_use]
    pub fn start(durability: Durability) -> Server {
        let durability: &[&str] = match durability {
            Durability::On => &[],
            Durability::Off => &["-c", "fsync=off", "-c", "full_page_writes=off"],
        };
        Server::start_with(&[], durability)
    }

    /// As [`Server::start`] with durability off, where no file may grow beyond so many bytes: writing more fails
    /// as on a full disk. [`Server::make_room`] ends that.
    ///
    /// # Panics
    /// As [`Server::start`].
    #[must_use]
    pub fn start_on_small_disk(bytes: u64) -> Server {
        let limit = format!("--fsize={bytes}:unlimited");
        Server::start_with(
            // Ignored, the signal leaves the write to fail; segments of the log must be smaller than the limit.
            &["env", "--ignore-signal=XFSZ", "prlimit", &limit],
            &["-c", "fsync=off", "-c", "max_wal_size=32MB"],
        )
    }

    fn start_with(under: &[&str], options: &[&str]) -> Server {
        let bin = must(programs());
        let port = must(free_port());
        let mut words: Vec<&str> = as_nobody_special().to_vec();
        words.extend(under);
        words.extend(["sh", "-c", SCRIPT, "postgres"]);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(bin).arg(port.to_string()).args(options);
        command.args(["-c", "max_connections=300", "-c", "shared_buffers=128MB"]);
        let mut shell = must(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .current_dir("/")
                .spawn(),
        );
        let commands = shell.stdin.take();
        let answers = BufReader::new(must(shell.stdout.take().ok_or("no output of the shell")));
        let mut control = Control { shell, commands, answers };
        control.start();
        let url = format!("postgres://chat:secret@127.0.0.1:{port}/postgres");
        Server { url, control: Mutex::new(control) }
    }

    /// Whether PostgreSQL's programs are there.
    #[must_use]
    pub fn is_installed() -> bool {
        programs().is_ok()
    }

    /// The URL of its database, without parameters.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills the server, as a power cut would: its clients lose their connections.
    ///
    /// # Panics
    /// When it is not running.
    pub fn kill(&self) {
        assert_eq!(self.control().ask("kill"), "killed");
    }

    /// Starts the server again on the same files and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.control().start();
    }

    /// Lets files grow again after [`Server::start_on_small_disk`].
    ///
    /// # Panics
    /// When the system does not let us.
    pub fn make_room(&self) {
        assert_eq!(self.control().ask("room"), "room");
        // Each of its processes has a limit of its own; new ones have the new one.
        self.cut_connections();
    }

    /// Ends all connections of clients.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn cut_connections(&self) {
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        );
    }

    /// Runs statements as the server's owner.
    ///
    /// # Panics
    /// When they fail.
    pub fn execute(&self, sql: &str) {
        must(must(PgConnection::establish(&self.url)).batch_execute(sql));
    }

    fn control(&self) -> std::sync::MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Control {
    fn start(&mut self) {
        let answer = self.ask("start");
        assert_eq!(answer, "started", "PostgreSQL does not start");
    }

    fn ask(&mut self, command: &str) -> String {
        let mut answer = String::new();
        if let Some(commands) = &mut self.commands {
            must(writeln!(commands, "{command}"));
            must(self.answers.read_line(&mut answer));
        }
        answer.trim_end().to_owned()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.commands.take();
        let _ = self.shell.wait();
    }
}

/// The directory of PostgreSQL's programs: that of `pg_config`, or Debian's newest.
fn programs() -> Result<PathBuf, String> {
    let has_server =
        |directory: &Path| directory.join("initdb").exists() && directory.join("postgres").exists();
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    debian.sort();
    configured
        .into_iter()
        .chain(debian.into_iter().rev())
        .find(|directory| has_server(directory))
        .ok_or_else(|| "PostgreSQL is not installed (Debian: apt-get install postgresql)".to_owned())
}

pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// PostgreSQL refuses to run as root.
fn as_nobody_special() -> &'static [&'static str] {
    let output = |words: &[&str]| Command::new(words[0]).args(&words[1..]).output().ok();
    let root = output(&["id", "-u"]).is_some_and(|output| output.stdout == b"0\n");
    let has_account = output(&["id", "-u", "postgres"]).is_some_and(|output| output.status.success());
    match (root, has_account) {
        (false, _) => &["env"],
        (true, true) => &["runuser", "-u", "postgres", "--"],
        (true, false) => &["runuser", "-u", "nobody", "--"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_killed_starts_again_with_what_it_had_and_goes_with_its_owner() {
        let server = Server::start(Durability::Off);
        server.execute("CREATE TABLE kept (n INT); INSERT INTO kept VALUES (1)");
        server.kill();
        assert!(PgConnection::establish(server.url()).is_err());
        server.start_again();
        server.execute("DO $$ BEGIN ASSERT (SELECT count(*) FROM kept) = 1; END $$");
        let url = server.url().to_owned();
        drop(server);
        assert!(PgConnection::establish(&url).is_err());
    }
}
