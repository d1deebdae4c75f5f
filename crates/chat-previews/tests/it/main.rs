//! Previews of pages of servers on this machine, which a policy of the tests allows, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod once;
mod pages;
mod refused;
mod support;
mod tls;
