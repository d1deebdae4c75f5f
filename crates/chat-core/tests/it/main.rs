//! The chat over its store in memory: use cases, delivery, and what the rules refuse.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod attachments;
mod blocks;
mod bookmarks;
mod comparison;
mod delivery;
mod direct;
mod edits;
mod expiry;
mod mentions;
mod moderation;
mod permissions;
mod pins;
mod presence;
mod reactions;
mod reads;
mod reports;
mod retention;
mod rules;
mod scheduled;
mod screen;
mod subscriptions;
mod support;
mod threads;
mod typing;
