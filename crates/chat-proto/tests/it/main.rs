//! The client protocol as SDKs see it.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod codes;
mod commands;
mod frames;
mod properties;
mod pushes;
mod replies;
