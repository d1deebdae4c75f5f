//! The tests that touch the database, on PostgreSQL.

use chat_testdb::{ENGINE_VARIABLE, Server};

use crate::step::{self, Outcome, cargo};
use crate::{metadata, packages};

/// Installs the server's programs where they are missing.
pub fn install() -> Outcome {
    if Server::is_installed() {
        return Ok(());
    }
    packages::install(&["postgresql"])
        .map_err(|error| format!("the tests need PostgreSQL's programs: initdb, postgres, psql ({error})"))
}

/// Runs the tests of every crate whose tests use a database.
pub fn test() -> Outcome {
    let packages = metadata::packages()?;
    let mut cargo = cargo(["test", "--locked", "--no-fail-fast", "--tests"]);
    let ours = packages.iter().filter(|package| package.source.is_none());
    // The first runs tests, the second has them with NATS and without a database.
    for package in ours.filter(|package| !["xtask", "chat-cluster"].contains(&package.name.as_str())) {
        if package.dev_dependencies.iter().any(|dependency| dependency == "chat-testdb") {
            cargo.args(["--package", &package.name]);
        }
    }
    cargo.env(ENGINE_VARIABLE, "postgres");
    step::run(cargo)
}
