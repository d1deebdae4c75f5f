//! The tests in `tests/browser`: the page of the server's binary, in a real browser.

use std::process::Command;

use crate::step::{self, Outcome, root, target};
use crate::{node, packages};

/// What Chromium is called where.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Installs what the tests need and runs them.
pub fn test() -> Outcome {
    let folder = root().join("tests/browser");
    node::install()?;
    install()?;
    step::run(node::within(&folder, "npm", &["ci", "--no-audit", "--no-fund"]))?;
    // One file after the other: each has a browser of its own, and a machine that is slow makes none of them right.
    let mut tests = node::within(&folder, "node", &["--test", "--test-concurrency=1"]);
    tests.env("CHAT_SERVER", target().join("debug/chat-server"));
    step::run(tests)
}

/// Installs the browser where there is none.
fn install() -> Outcome {
    let has = |program: &str| {
        let mut version = Command::new(program);
        version.arg("--version");
        step::succeeds(version)
    };
    if PROGRAMS.into_iter().any(has) {
        return Ok(());
    }
    packages::install(&["chromium"])
        .map_err(|error| format!("the tests in tests/browser need Chromium ({error})"))
}
