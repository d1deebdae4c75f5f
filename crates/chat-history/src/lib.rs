//! Rooms and their logs on Diesel: the chat's store, in a database.
//!
//! [`History`] decides every command by [`chat_core::rules::decide`] inside the transaction that keeps its
//! result. Many commands share one commit; their events follow it, in the order of the commits, and then the answers, which are
//! given in the tokio runtime that the commands were submitted in.

mod answers;
mod attachments;
mod batch;
mod blocks;
mod body;
mod bookmarks;
mod dialect;
mod error;
mod expiry;
mod filters;
mod gather;
mod insert;
mod mentions;
mod moderation;
mod people;
mod pins;
#[cfg(test)]
mod plans;
mod prepared;
mod purge;
mod reactions;
mod read;
mod reads;
mod reports;
mod retention;
mod row;
mod sanctions;
mod scheduled;
mod schema;
mod search;
mod statuses;
mod store;
mod threads;
pub mod transfer;
mod work;

pub use store::History;
