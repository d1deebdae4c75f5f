//! The index of messages by their words, and searches in it. It is derived from the log, behind the commits, and may lag: what
//! is found is looked at as it stands before it is shown.

mod engine;
mod find;
mod index;
mod indexer;

pub(crate) use find::search;
#[cfg(test)]
pub(crate) use index::{behind, portion};
pub(crate) use index::{forget, trim};
pub(crate) use indexer::Indexer;
