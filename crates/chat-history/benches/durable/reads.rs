//! Reads in a database of many messages.

use chat_testdb::Engine;

pub fn run(_: &[Engine], _: u64) {}
