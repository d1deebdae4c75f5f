//! The NATS server that tests of several nodes need.

use chat_testdb::NatsServer;

use crate::packages;
use crate::step::Outcome;

/// Installs it where it is missing.
pub fn install() -> Outcome {
    if NatsServer::is_installed() {
        return Ok(());
    }
    packages::install(&["nats-server"]).map_err(|error| format!("the tests need nats-server ({error})"))
}
