//! The tests in `tests/node`: maintained clients in JavaScript against the server's binary.

use std::path::Path;
use std::process::Command;

use chat_testdb::{Durability, Server};

use crate::packages;
use crate::step::{self, Outcome, command, root, target};

/// The oldest Node.js that the tests run on: the first with `fetch` and a test runner.
const OLDEST: u32 = 18;

/// Installs what the tests need and runs them on this engine; a workspace without the folder has none.
pub fn test(engine: &str) -> Outcome {
    let folder = root().join("tests/node");
    if !folder.is_dir() {
        println!("clients: there is no tests/node");
        return Ok(());
    }
    install()?;
    step::run(within(&folder, "npm", &["ci", "--no-audit", "--no-fund"]))?;
    let mut node = within(&folder, "node", &["--test"]);
    node.env("CHAT_SERVER", target().join("debug/chat-server"));
    // The server of a PostgreSQL run ends with this.
    let server = (engine == "postgres").then(|| Server::start(Durability::Off));
    if let Some(server) = &server {
        node.env("CHAT_TEST_POSTGRES", server.url());
    }
    step::run(node)
}

/// A program of Node.js, in this folder.
pub fn within(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = command(program);
    command.args(arguments).current_dir(folder);
    command
}

fn has_node() -> bool {
    let version = |program| step::output(within(&root(), program, &["--version"]));
    let major =
        |version: String| version.trim().trim_start_matches('v').split('.').next()?.parse::<u32>().ok();
    version("npm").is_ok() && version("node").ok().and_then(major).is_some_and(|major| major >= OLDEST)
}

/// Installs Node.js where it is missing, with apt-get as root; elsewhere it says what is missing.
pub fn install() -> Outcome {
    if has_node() {
        return Ok(());
    }
    packages::install(&["nodejs", "npm"]).map_err(|error| {
        format!("the tests in JavaScript need Node.js {OLDEST} or newer and npm ({error})")
    })?;
    if has_node() {
        return Ok(());
    }
    Err(format!("the tests in JavaScript need Node.js {OLDEST} or newer; apt-get has only an older one"))
}
