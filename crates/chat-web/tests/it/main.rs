//! The page, called without a socket.

#![allow(clippy::unwrap_used)]

mod built_in;
mod folder;
mod support;
