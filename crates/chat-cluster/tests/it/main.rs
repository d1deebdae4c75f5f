//! Several nodes on a real NATS server, over one store in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod connecting;
mod credentials;
mod delivery;
mod limits;
mod presence;
mod support;
