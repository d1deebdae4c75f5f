//! Whom messages call, in their tables.

use chat_core::{Event, EventBody, Mentions, ReadMark, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::HistoryError;
use crate::people::StoredUser;
use crate::row::{self, stored};
use crate::schema::mentions;

type Result<T> = std::result::Result<T, HistoryError>;

/// Stands for all members.
const ALL: i64 = 0;

#[derive(Serialize, Deserialize)]
struct StoredMentions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<StoredUser>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    room: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    here: Option<Vec<i64>>,
}

/// What stands with a message.
pub(crate) fn write(mentions: &Mentions) -> String {
    let stored = StoredMentions {
        users: mentions.users.iter().map(StoredUser::from).collect(),
        room: mentions.room,
        here: mentions.here.as_ref().map(|here| here.iter().map(|user| user.get()).collect()),
    };
    // Texts and numbers can always be written.
    serde_json::to_string(&stored).unwrap_or_default()
}

pub(crate) fn read(text: &str) -> Result<Mentions> {
    let damaged = |detail: String| HistoryError::Damaged { table: "messages", detail };
    let stored: StoredMentions = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    let id = |number| UserId::new(number).map_err(|error| damaged(error.to_string()));
    Ok(Mentions {
        users: stored.users.into_iter().map(|user| user.profile("messages")).collect::<Result<_>>()?,
        room: stored.room,
        here: stored.here.map(|here| here.into_iter().map(id).collect()).transpose()?,
    })
}

/// Keeps whom a message calls from now on because of an event.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    let Some(message) = event.message() else { return Ok(()) };
    if !matches!(event.body, EventBody::MessageCreated(_)) {
        let former = mentions::table
            .filter(mentions::room_key.eq(key).and(mentions::offset.eq(stored(message.offset))));
        on_backend!(&mut *connection, c => diesel::delete(former).execute(c))?;
    }
    if let Some(called) = &message.mentions {
        insert(connection, key, stored(message.offset), message.sender.id.get(), called)?;
    }
    Ok(())
}

/// Keeps whom the message at this offset calls.
pub(crate) fn insert(
    connection: &mut Connection,
    key: i64,
    offset: i64,
    sender: i64,
    called: &Mentions,
) -> QueryResult<()> {
    let users = called.called().into_iter().map(UserId::get).chain(called.room.then_some(ALL));
    let row = |user| {
        (
            mentions::user_id.eq(user),
            mentions::room_key.eq(key),
            mentions::offset.eq(offset),
            mentions::sender_id.eq(sender),
        )
    };
    let rows: Vec<_> = users.filter(|user| *user != sender).map(row).collect();
    on_backend!(connection, c => diesel::insert_into(mentions::table).values(rows).execute(c))?;
    Ok(())
}

/// How many messages behind an offset call a member.
pub(crate) fn count(connection: &mut Connection, key: i64, user: UserId, after: i64) -> Result<u64> {
    let calls = mentions::table
        .filter(mentions::user_id.eq_any([user.get(), ALL]))
        .filter(mentions::room_key.eq(key).and(mentions::offset.gt(after)))
        .filter(mentions::sender_id.ne(user.get()))
        .select(mentions::offset)
        .distinct()
        .limit(row::count(ReadMark::MOST));
    let calls: Vec<i64> = on_backend!(connection, c => calls.load(c))?;
    Ok(calls.len() as u64)
}
