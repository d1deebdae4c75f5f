//! The chat in JSON, as its callers see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod client;
mod convergence;
mod html;
mod previews;
mod requests;
mod scheduled;
mod shapes;
mod support;
