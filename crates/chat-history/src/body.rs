//! What the table `events` keeps of an event besides its columns: one JSON object, this store's own format.
//!
//! A message is not in it: it has a table of its own, which shows it as it stands, and is all that is kept of its being sent. An
//! event about a message says which one.

use std::sync::Arc;

use chat_core::{
    Ban, Event, EventBody, Member, Message, Offset, Profile, Reacting, RoomId, RoomKind, RoomState,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::error::HistoryError;
use crate::filters;
use crate::people::StoredUser;
use crate::row::{kind_from, kind_word, role_from};

#[derive(Serialize, Deserialize)]
struct StoredMember {
    user: i64,
    username: String,
    display_name: String,
    role: String,
    joined_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    muted_until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StoredRoom {
    name: String,
    topic: String,
    kind: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    read_only: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    slow_seconds: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    expire_seconds: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    retention_seconds: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredReacting {
    message: u64,
    reaction: String,
    count: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredAbout {
    message: u64,
    /// Who sent it, where that is not who did this; and when. For when the message is kept no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender: Option<StoredUser>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<i64>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Serialize, Deserialize)]
struct StoredBan {
    #[serde(flatten)]
    user: StoredUser,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// The text to keep; none for an event that has nothing more to say.
pub(crate) fn write(event: &Event) -> Result<Option<String>, HistoryError> {
    let text = match &event.body {
        EventBody::MemberJoined(member)
        | EventBody::MemberLeft(member)
        | EventBody::MemberChanged(member) => serde_json::to_string(&StoredMember {
            user: member.user.id.get(),
            username: member.user.username.clone(),
            display_name: member.user.display_name.clone(),
            role: member.role.as_str().to_owned(),
            joined_at: member.joined_at.as_micros(),
            muted_until: member.muted_until.map(Timestamp::as_micros),
        }),
        EventBody::MemberBanned(ban) => serde_json::to_string(&StoredBan {
            user: StoredUser::from(&ban.user),
            until: ban.until.map(Timestamp::as_micros),
            reason: ban.reason.clone(),
        }),
        EventBody::MemberUnbanned(user) => serde_json::to_string(&StoredUser::from(user)),
        EventBody::RoomChanged(room) => serde_json::to_string(&StoredRoom {
            name: room.name.clone(),
            topic: room.topic.clone(),
            kind: kind_word(room.kind).to_owned(),
            read_only: room.read_only,
            slow_seconds: room.slow_seconds,
            expire_seconds: room.expire_seconds,
            filter: room.filter.map(|action| filters::action_word(action).to_owned()),
            retention_seconds: room.retention_seconds,
        }),
        EventBody::MessageEdited(message) | EventBody::MessageDeleted(message) => {
            let others = message.sender.id != event.actor.id;
            serde_json::to_string(&StoredAbout {
                message: message.offset.get(),
                sender: others.then(|| StoredUser::from(&message.sender)),
                sent_at: Some(message.created_at.as_micros()),
            })
        }
        EventBody::MessagePinned(message) | EventBody::MessageUnpinned(message) => {
            serde_json::to_string(&StoredAbout { message: message.get(), sender: None, sent_at: None })
        }
        EventBody::ReactionAdded(reacting) | EventBody::ReactionRemoved(reacting) => {
            serde_json::to_string(&StoredReacting {
                message: reacting.message.get(),
                reaction: reacting.reaction.to_string(),
                count: reacting.count,
            })
        }
        EventBody::MessageCreated(_) | EventBody::RoomDeleted => return Ok(None),
    };
    text.map(Some).map_err(|error| damaged(error.to_string()))
}

/// The message that an event is about and shows.
pub(crate) fn about(kind: &str, text: Option<&str>) -> Result<Option<Offset>, HistoryError> {
    if !matches!(kind, "message.edited" | "message.deleted") {
        return Ok(None);
    }
    named(text).map(Some)
}

/// The message that such a text names.
fn named(text: Option<&str>) -> Result<Offset, HistoryError> {
    let about: StoredAbout = parse(text)?;
    Offset::new(about.message).map_err(|error| damaged(error.to_string()))
}

/// What is told of the message that an event is about when the message is kept no longer.
pub(crate) fn removed(
    text: Option<&str>,
    room: &RoomId,
    actor: &Profile,
    at: Timestamp,
) -> Result<Message, HistoryError> {
    let StoredAbout { message, sender, sent_at } = parse(text)?;
    let offset = Offset::new(message).map_err(|error| damaged(error.to_string()))?;
    let sender = sender.map(|sender| sender.profile("events")).transpose()?.unwrap_or_else(|| actor.clone());
    let sent_at = sent_at.map_or(at, Timestamp::from_micros);
    Ok(Message::new(room.clone(), offset, sender, String::new(), sent_at).removed(at))
}

/// Whether an event of this word has such a text, whatever the message that it is about.
pub(crate) fn is_sound(kind: &str, text: Option<&str>) -> bool {
    match about(kind, text) {
        Ok(None) => read(kind, text, None).is_ok(),
        Ok(Some(_)) => true,
        Err(_) => false,
    }
}

/// The body of an event, from its word and text, and the message that it is about.
pub(crate) fn read(
    kind: &str,
    text: Option<&str>,
    message: Option<Message>,
) -> Result<EventBody, HistoryError> {
    let message = || message.map(Arc::new).ok_or_else(|| damaged(format!("{kind} without its message")));
    match kind {
        "message.edited" => Ok(EventBody::MessageEdited(message()?)),
        "message.deleted" => Ok(EventBody::MessageDeleted(message()?)),
        "reaction.added" => Ok(EventBody::ReactionAdded(reacting(text)?)),
        "reaction.removed" => Ok(EventBody::ReactionRemoved(reacting(text)?)),
        "message.pinned" => Ok(EventBody::MessagePinned(named(text)?)),
        "message.unpinned" => Ok(EventBody::MessageUnpinned(named(text)?)),
        "member.joined" => Ok(EventBody::MemberJoined(member(text)?)),
        "member.left" => Ok(EventBody::MemberLeft(member(text)?)),
        "member.banned" => {
            let StoredBan { user, until, reason } = parse(text)?;
            let until = until.map(Timestamp::from_micros);
            Ok(EventBody::MemberBanned(Ban { user: user.profile("events")?, until, reason }))
        }
        "member.unbanned" => {
            let user: StoredUser = parse(text)?;
            Ok(EventBody::MemberUnbanned(user.profile("events")?))
        }
        "member.changed" => Ok(EventBody::MemberChanged(member(text)?)),
        "room.changed" => {
            let room: StoredRoom = parse(text)?;
            let kind: RoomKind = kind_from(&room.kind)?;
            let filter = room.filter.as_deref().map(filters::action_from).transpose()?;
            let StoredRoom {
                name, topic, read_only, slow_seconds, expire_seconds, retention_seconds, ..
            } = room;
            Ok(EventBody::RoomChanged(RoomState {
                name,
                topic,
                kind,
                read_only,
                slow_seconds,
                expire_seconds,
                filter,
                retention_seconds,
            }))
        }
        "room.deleted" => Ok(EventBody::RoomDeleted),
        other => Err(damaged(format!("kind {other}"))),
    }
}

fn reacting(text: Option<&str>) -> Result<Reacting, HistoryError> {
    let stored: StoredReacting = parse(text)?;
    let wrong = |error: chat_core::InvalidId| damaged(error.to_string());
    Ok(Reacting {
        message: Offset::new(stored.message).map_err(wrong)?,
        reaction: stored.reaction.parse().map_err(wrong)?,
        count: stored.count,
    })
}

fn member(text: Option<&str>) -> Result<Member, HistoryError> {
    let stored: StoredMember = parse(text)?;
    let id = UserId::new(stored.user).map_err(|error| damaged(error.to_string()))?;
    Ok(Member {
        user: Profile { id, username: stored.username, display_name: stored.display_name },
        role: role_from(&stored.role)?,
        joined_at: Timestamp::from_micros(stored.joined_at),
        muted_until: stored.muted_until.map(Timestamp::from_micros),
    })
}

fn parse<'a, T: Deserialize<'a>>(text: Option<&'a str>) -> Result<T, HistoryError> {
    serde_json::from_str(text.unwrap_or_default()).map_err(|error| damaged(error.to_string()))
}

fn damaged(detail: String) -> HistoryError {
    HistoryError::Damaged { table: "events", detail }
}
