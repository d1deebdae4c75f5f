//! The chat server: configuration, command line, and the wiring of the crates into one node.

pub mod cli;
pub mod error;
mod figures;
pub mod health;
pub mod logging;
pub mod open;
pub mod password;
pub mod serve;
pub mod settings;
mod stop;
pub mod transfer;
mod user;
