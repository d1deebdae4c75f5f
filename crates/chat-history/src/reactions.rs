//! Reactions in their tables.

use std::collections::HashSet;

use chat_core::{Event, EventBody, Message, Offset, Reacted, Reaction, ReactionCount, RoomId, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::read;
use crate::row::{self, EventRow, stored};
use crate::schema::{events, reactions};

type Result<T> = std::result::Result<T, HistoryError>;

/// The counts as they stand with a message; none where there are none.
pub(crate) fn write(counts: &[ReactionCount]) -> Option<String> {
    let pairs: Vec<_> = counts.iter().map(|one| (one.reaction.as_str(), one.count)).collect();
    // Texts and numbers can always be written.
    (!pairs.is_empty()).then(|| serde_json::to_string(&pairs).unwrap_or_default())
}

/// The counts that stand with a message.
pub(crate) fn read(text: &str) -> Result<Vec<ReactionCount>> {
    let damaged = |error: String| HistoryError::Damaged { table: "messages", detail: error };
    let pairs: Vec<(String, u64)> = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    let count = |(text, count): (String, u64)| {
        let reaction = text.parse().map_err(|error: chat_core::InvalidId| damaged(error.to_string()))?;
        Ok(ReactionCount { reaction, count, mine: false })
    };
    pairs.into_iter().map(count).collect()
}

/// Keeps what an event does to the reactions of a room.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    match &event.body {
        EventBody::ReactionAdded(added) => {
            let row = (
                reactions::room_key.eq(key),
                reactions::message.eq(stored(added.message)),
                reactions::reaction.eq(added.reaction.as_str()),
                reactions::offset.eq(stored(event.offset)),
                reactions::user_id.eq(event.actor.id.get()),
            );
            on_backend!(connection, c => diesel::insert_into(reactions::table).values(row).execute(c))?;
        }
        EventBody::ReactionRemoved(removed) => {
            let row = reactions::table
                .filter(reactions::room_key.eq(key).and(reactions::user_id.eq(event.actor.id.get())))
                .filter(reactions::message.eq(stored(removed.message)))
                .filter(reactions::reaction.eq(removed.reaction.as_str()));
            on_backend!(connection, c => diesel::delete(row).execute(c))?;
        }
        EventBody::MessageDeleted(message) => {
            let of_message = reactions::table
                .filter(reactions::room_key.eq(key).and(reactions::message.eq(stored(message.offset))));
            on_backend!(connection, c => diesel::delete(of_message).execute(c))?;
        }
        EventBody::MessageCreated(_)
        | EventBody::MessageEdited(_)
        | EventBody::MessagePinned(_)
        | EventBody::MessageUnpinned(_)
        | EventBody::MemberJoined(_)
        | EventBody::MemberLeft(_)
        | EventBody::MemberChanged(_)
        | EventBody::MemberBanned(_)
        | EventBody::MemberUnbanned(_)
        | EventBody::RoomChanged(_)
        | EventBody::RoomDeleted => {}
    }
    Ok(())
}

/// Whether a user has put a reaction on a message.
pub(crate) fn is_there(
    connection: &mut Connection,
    key: i64,
    user: UserId,
    message: Offset,
    reaction: &Reaction,
) -> Result<bool> {
    let row = reactions::table
        .filter(reactions::room_key.eq(key).and(reactions::user_id.eq(user.get())))
        .filter(reactions::message.eq(stored(message)).and(reactions::reaction.eq(reaction.as_str())))
        .select(reactions::offset);
    let found: Option<i64> = on_backend!(connection, c => row.first(c)).optional()?;
    Ok(found.is_some())
}

/// Marks those of a viewer's own.
pub(crate) fn mark(
    connection: &mut Connection,
    key: i64,
    viewer: UserId,
    messages: &mut [Message],
) -> Result<()> {
    let with: Vec<i64> = messages
        .iter()
        .filter(|message| !message.reactions.is_empty())
        .map(|message| stored(message.offset))
        .collect();
    if with.is_empty() {
        return Ok(());
    }
    let own = reactions::table
        .filter(reactions::room_key.eq(key).and(reactions::user_id.eq(viewer.get())))
        .filter(reactions::message.eq_any(with))
        .select((reactions::message, reactions::reaction));
    let own: Vec<(i64, String)> = on_backend!(connection, c => own.load(c))?;
    let own: HashSet<(i64, &str)> =
        own.iter().map(|(message, reaction)| (*message, reaction.as_str())).collect();
    for message in messages {
        let offset = stored(message.offset);
        for reaction in &mut message.reactions {
            reaction.mine = own.contains(&(offset, reaction.reaction.as_str()));
        }
    }
    Ok(())
}

/// Those who have put a reaction on a message.
pub(crate) fn list(
    connection: &mut Connection,
    id: &RoomId,
    message: Offset,
    reaction: &Reaction,
    after: Offset,
    limit: usize,
) -> Result<Vec<Reacted>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(Vec::new()) };
    let rows: Vec<EventRow> = on_backend!(connection, c => reactions::table
        .inner_join(
            events::table
                .on(events::room_key.eq(reactions::room_key).and(events::offset.eq(reactions::offset))),
        )
        .filter(reactions::room_key.eq(key).and(reactions::message.eq(stored(message))))
        .filter(reactions::reaction.eq(reaction.as_str()).and(reactions::offset.gt(stored(after))))
        .order(reactions::offset)
        .limit(row::count(limit))
        .select(EventRow::as_select())
        .load(c))?;
    rows.iter().map(EventRow::reacted).collect()
}
