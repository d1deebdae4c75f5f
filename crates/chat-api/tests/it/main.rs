//! The HTTP API, as its callers see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod admin;
mod bad_input;
mod blocks;
mod bookmarks;
mod classic;
mod document;
mod edits;
mod expiry;
mod html;
mod messages;
mod moderation;
mod pins;
mod presence;
mod previews;
mod reactions;
mod reads;
mod retention;
mod rooms;
mod scheduled;
mod search;
mod sessions;
mod support;
mod threads;
mod uploads;
