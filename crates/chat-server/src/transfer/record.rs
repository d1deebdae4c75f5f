//! The lines of an export, as docs/export.md describes them.

use std::collections::BTreeMap;

use chat_history::transfer::RoomRecord;
use chat_users::transfer::AccountRecord;
use serde::{Deserialize, Serialize};

/// The version of the format. Another one is refused.
pub const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "header")]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The newest migration of the database that it comes from.
    pub schema: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "end")]
pub struct End {
    /// How many lines of each type there are, but for the first and this one.
    pub counts: BTreeMap<String, u64>,
    /// SHA-256 of all bytes before this line, in hexadecimal digits.
    pub sha256: String,
}

/// Counts one more line of a type.
pub fn count(counts: &mut BTreeMap<String, u64>, kind: &str) {
    match counts.get_mut(kind) {
        Some(count) => *count += 1,
        None => drop(counts.insert(kind.to_owned(), 1)),
    }
}

/// Any line.
pub enum Record {
    /// The first.
    Header(Header),
    /// Of accounts.
    Account(AccountRecord),
    /// Of rooms.
    Room(Box<RoomRecord>),
    /// The last.
    End(End),
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: String,
}

impl Record {
    /// Reads a line.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub fn parse(line: &[u8]) -> Result<Record, String> {
        let Typed { kind } = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let record = match kind.as_str() {
            "header" => serde_json::from_slice(line).map(Record::Header),
            "end" => serde_json::from_slice(line).map(Record::End),
            "user" | "session" | "refresh_token" | "act" | "sequence" => {
                serde_json::from_slice(line).map(Record::Account)
            }
            "room" | "member" | "event" | "reaction" | "follow" | "version" | "block" | "status"
            | "sanction" | "pin" | "report" | "bookmark" | "scheduled" | "upload" => {
                serde_json::from_slice(line).map(Record::Room)
            }
            other => return Err(format!("there is no type {other:?}")),
        };
        record.map_err(|error| error.to_string())
    }
}
