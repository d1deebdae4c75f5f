//! What the dependencies are: their licences and sources by `deny.toml`, and whether something is known to be
//! wrong with them.

use std::process::Command;

use crate::step::{self, Outcome, cargo, target};
use crate::yanked;

/// The version that is installed where there is none. Built without optimisation in about a minute.
const CARGO_DENY: &str = "0.20.2";

/// Checks licences, sources and duplicates always; advisories where their database can be reached. What was not
/// checked is printed.
pub fn check() -> Outcome {
    let deny = cargo_deny()?;
    let run = |arguments: &[&str]| {
        let mut command = step::command(&deny);
        command.args(arguments);
        command
    };
    step::run(run(&["check", "licenses", "bans", "sources"]))?;
    if step::succeeds(run(&["fetch", "db"])) {
        // With the yanked versions.
        return step::run(run(&["--offline", "check", "advisories"]));
    }
    println!("security advisories: NOT CHECKED, their database cannot be reached from here");
    yanked::check()
}

/// The program: the one on the path, or one kept in `target/tools`.
fn cargo_deny() -> Result<String, String> {
    let tools = target().join("tools");
    let own = tools.join("bin/cargo-deny").to_string_lossy().into_owned();
    for program in ["cargo-deny".to_owned(), own.clone()] {
        let mut version = Command::new(&program);
        version.arg("--version");
        if step::succeeds(version) {
            return Ok(program);
        }
    }
    let mut install =
        cargo(["install", "--quiet", "--locked", "--debug", "--version", CARGO_DENY, "cargo-deny"]);
    install.arg("--root").arg(&tools);
    step::run(install)?;
    Ok(own)
}
