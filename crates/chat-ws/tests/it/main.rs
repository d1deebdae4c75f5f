//! Connections over real sockets, spoken to by a WebSocket client that is not ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod classic;
mod closing;
mod connecting;
mod frames;
mod rooms;
mod slow;
mod support;
