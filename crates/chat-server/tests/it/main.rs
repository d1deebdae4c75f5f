//! The server from outside: its configuration, and the binary itself.

#![allow(clippy::unwrap_used)]

mod command_line;
mod documents;
mod faults;
mod files;
mod hooks;
mod nodes;
mod page;
mod previews;
mod scheduled;
mod serving;
mod settings;
mod socket;
mod support;
mod transfer;
