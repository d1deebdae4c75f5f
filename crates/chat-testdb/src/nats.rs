//! A NATS server of one's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::must;
use crate::server::free_port;

const SCRIPT: &str = include_str!("nats.sh");

/// How long to wait before it is looked again whether it serves.
const LOOK: Duration = Duration::from_millis(10);

/// How often that is done.
const LOOKS: usize = 1000;

/// A NATS server on the loopback address; stopped with this value or this process, whichever ends first.
pub struct NatsServer {
    address: SocketAddr,
    control: Mutex<Control>,
}

struct Control {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl NatsServer {
    /// Starts a server that anybody may use.
    ///
    /// # Panics
    /// When there is no `nats-server`, or it does not start: the message says why.
    #[must_use]
    pub fn start() -> NatsServer {
        NatsServer::start_with(&[])
    }

    /// As [`NatsServer::start`], with options of the program.
    ///
    /// # Panics
    /// As [`NatsServer::start`].
    #[must_use]
    pub fn start_with(options: &[&str]) -> NatsServer {
        assert!(NatsServer::is_installed(), "NATS is not installed (Debian: apt-get install nats-server)");
        let address = SocketAddr::from(([127, 0, 0, 1], must(free_port())));
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "nats", &address.port().to_string()]).args(options);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = must(piped.spawn());
        let commands = shell.stdin.take();
        let answers = BufReader::new(must(shell.stdout.take().ok_or("no output of the shell")));
        let server = NatsServer { address, control: Mutex::new(Control { shell, commands, answers }) };
        server.start_again();
        server
    }

    /// Whether the program is there.
    #[must_use]
    pub fn is_installed() -> bool {
        Command::new("nats-server").arg("--version").output().is_ok()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as clients take it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Its process.
    ///
    /// # Panics
    /// When it is not running.
    #[must_use]
    pub fn pid(&self) -> u32 {
        must(self.control().ask("pid").parse())
    }

    /// Kills the server; what it had not delivered is lost.
    ///
    /// # Panics
    /// When it is not running.
    pub fn kill(&self) {
        assert_eq!(self.control().ask("kill"), "killed");
    }

    /// Starts it again and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not.
    pub fn start_again(&self) {
        assert_eq!(self.control().ask("start"), "started");
        let serves = || {
            let mut first = [0];
            let read = TcpStream::connect(self.address).and_then(|mut stream| stream.read_exact(&mut first));
            read.is_ok()
        };
        let ready = (0..LOOKS).any(|_| {
            let ready = serves();
            if !ready {
                crate::pause(LOOK);
            }
            ready
        });
        assert!(ready, "nats-server does not serve at {}", self.address);
    }

    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_killed_starts_again_and_goes_with_its_owner() {
        let server = NatsServer::start();
        server.kill();
        assert!(TcpStream::connect(server.address()).is_err());
        server.start_again();
        let address = server.address();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
