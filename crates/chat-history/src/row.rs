//! Rows, and what they become.

use std::sync::Arc;

use chat_core::{
    Access, ClientId, Epoch, Event, EventBody, Member, Message, Offset, Profile, Reacted, Role, Room, RoomId,
    RoomKind, Thread, Timestamp, UserId, Version,
};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::schema::{events, members, messages, rooms, versions};
use crate::{attachments, body, filters, mentions, people, reactions, threads};

#[derive(Queryable, Selectable)]
#[diesel(table_name = rooms)]
pub(crate) struct RoomRow {
    pub key: i64,
    pub id: String,
    name: String,
    topic: String,
    kind: String,
    created_at: i64,
    owner_id: i64,
    epoch: String,
    pub offset: i64,
    member_count: i64,
    pub deleted_at: Option<i64>,
    people: Option<String>,
    read_only: bool,
    slow_seconds: i64,
    expire_seconds: i64,
    filter: Option<String>,
    retention_seconds: Option<i64>,
    first: i64,
}

impl RoomRow {
    pub fn room(self) -> Result<Room, HistoryError> {
        let table = "rooms";
        Ok(Room {
            id: room_id(&self.id)?,
            name: self.name,
            topic: self.topic,
            kind: kind_from(&self.kind)?,
            created_at: Timestamp::from_micros(self.created_at),
            owner: user_id(table, self.owner_id)?,
            epoch: Epoch::from(self.epoch.as_str()),
            offset: offset(table, self.offset)?,
            member_count: u64::try_from(self.member_count).unwrap_or(0),
            people: people::read(self.people.as_deref())?,
            read_only: self.read_only,
            slow_seconds: u32::try_from(self.slow_seconds).unwrap_or(0),
            expire_seconds: u32::try_from(self.expire_seconds).unwrap_or(0),
            filter: filters::read(self.filter.as_deref())?,
            retention_seconds: self.retention_seconds.and_then(|it| u32::try_from(it).ok()).unwrap_or(0),
            first: offset(table, self.first)?,
        })
    }

    pub fn access(self, role: Option<String>) -> Result<Access, HistoryError> {
        let role = role.as_deref().map(role_from).transpose()?;
        Ok(Access { room: self.room()?, role, ban: None })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct MemberRow {
    user_id: i64,
    username: String,
    display_name: String,
    role: String,
    joined_at: i64,
    muted_until: Option<i64>,
}

impl MemberRow {
    pub fn member(self) -> Result<Member, HistoryError> {
        Ok(Member {
            user: Profile {
                id: user_id("members", self.user_id)?,
                username: self.username,
                display_name: self.display_name,
            },
            role: role_from(&self.role)?,
            joined_at: Timestamp::from_micros(self.joined_at),
            muted_until: self.muted_until.map(Timestamp::from_micros),
        })
    }
}

/// An event that is no message.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(crate) struct EventRow {
    offset: i64,
    at: i64,
    actor_id: i64,
    actor_username: String,
    actor_display_name: String,
    kind: String,
    body: Option<String>,
}

impl EventRow {
    /// The message that the event is about, where it shows it.
    pub fn about(&self) -> Result<Option<Offset>, HistoryError> {
        body::about(&self.kind, self.body.as_deref())
    }

    /// The event, with the message that it is about.
    pub fn event(self, room: &RoomId, message: Option<Message>) -> Result<Event, HistoryError> {
        let (offset, at, actor) = (offset("events", self.offset)?, self.at, self.actor()?);
        let at = Timestamp::from_micros(at);
        let message = match message {
            None if self.about()?.is_some() => Some(body::removed(self.body.as_deref(), room, &actor, at)?),
            found => found,
        };
        let body = body::read(&self.kind, self.body.as_deref(), message)?;
        Ok(Event { room: room.clone(), offset, at, actor, body })
    }

    pub fn version(&self, text: String, data: Option<String>) -> Result<Version, HistoryError> {
        Ok(Version {
            offset: offset("events", self.offset)?,
            replaced_at: Timestamp::from_micros(self.at),
            replaced_by: self.actor()?,
            text,
            data,
        })
    }

    pub fn reacted(&self) -> Result<Reacted, HistoryError> {
        Ok(Reacted {
            offset: offset("events", self.offset)?,
            user: self.actor()?,
            at: Timestamp::from_micros(self.at),
        })
    }

    fn actor(&self) -> Result<Profile, HistoryError> {
        Ok(Profile {
            id: user_id("events", self.actor_id)?,
            username: self.actor_username.clone(),
            display_name: self.actor_display_name.clone(),
        })
    }
}

/// Who sent a message.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct SenderRow {
    sender_id: i64,
    sender_username: String,
    sender_display_name: String,
}

impl SenderRow {
    pub fn profile(self) -> Result<Profile, HistoryError> {
        Ok(Profile {
            id: user_id("messages", self.sender_id)?,
            username: self.sender_username,
            display_name: self.sender_display_name,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    offset: i64,
    created_at: i64,
    #[diesel(embed)]
    sender: SenderRow,
    text: String,
    data: Option<String>,
    reply_to: Option<i64>,
    client_id: Option<String>,
    quote: Option<String>,
    thread: Option<i64>,
    mentions: Option<String>,
    withheld: Option<bool>,
    expires_at: Option<i64>,
    attachments: Option<String>,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    reactions: Option<String>,
    replies: Option<i64>,
    last_reply: Option<i64>,
}

impl MessageRow {
    /// The event that it is.
    pub fn event(self, room: &RoomId) -> Result<Event, HistoryError> {
        let message = self.message(room)?;
        let (at, actor) = (message.created_at, message.sender.clone());
        let (offset, body) = (message.offset, EventBody::MessageCreated(Arc::new(message)));
        Ok(Event { room: room.clone(), offset, at, actor, body })
    }

    /// The message. The thread of a reply is named, and what stands with its beginning is not known here.
    pub fn message(self, room: &RoomId) -> Result<Message, HistoryError> {
        let client_id =
            self.client_id.map(|text| text.parse::<ClientId>().map_err(|error| damaged("messages", &error)));
        let at = offset("messages", self.offset)?;
        let thread = match (self.thread, self.last_reply) {
            (Some(root), _) => Some(Thread { root: offset("messages", root)?, replies: 0, last_reply: at }),
            (None, Some(last)) => {
                let replies = u64::try_from(self.replies.unwrap_or(0)).unwrap_or(0);
                Some(Thread { root: at, replies, last_reply: offset("messages", last)? })
            }
            (None, None) => None,
        };
        Ok(Message {
            room: room.clone(),
            offset: at,
            sender: self.sender.profile()?,
            text: self.text,
            data: self.data,
            reply_to: self.reply_to.map(|reply_to| offset("messages", reply_to)).transpose()?,
            quote: self.quote.as_deref().map(threads::read_quote).transpose()?.map(Box::new),
            mentions: self.mentions.as_deref().map(mentions::read).transpose()?.map(Box::new),
            thread,
            client_id: client_id.transpose()?,
            created_at: Timestamp::from_micros(self.created_at),
            edited_at: self.edited_at.map(Timestamp::from_micros),
            deleted_at: self.deleted_at.map(Timestamp::from_micros),
            expires_at: self.expires_at.map(Timestamp::from_micros),
            reactions: self.reactions.as_deref().map_or(Ok(Vec::new()), reactions::read)?,
            withheld: self.withheld.unwrap_or(false),
            attachments: self.attachments.as_deref().map_or(Ok(Vec::new()), attachments::read)?,
        })
    }
}

/// What of a message can change, as columns to be set.
#[derive(AsChangeset)]
#[diesel(table_name = messages, treat_none_as_null = true)]
pub(crate) struct MessageState<'a> {
    pub text: &'a str,
    pub data: Option<&'a str>,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
    pub reactions: Option<String>,
    pub quote: Option<String>,
    pub mentions: Option<String>,
    pub withheld: Option<bool>,
    pub expires_at: Option<i64>,
    pub attachments: Option<String>,
}

impl<'a> From<&'a Message> for MessageState<'a> {
    fn from(message: &'a Message) -> MessageState<'a> {
        MessageState {
            text: &message.text,
            data: message.data.as_deref(),
            edited_at: message.edited_at.map(Timestamp::as_micros),
            deleted_at: message.deleted_at.map(Timestamp::as_micros),
            reactions: reactions::write(&message.reactions),
            quote: message.quote.as_deref().map(threads::write_quote),
            mentions: message.mentions.as_deref().map(mentions::write),
            withheld: message.withheld.then_some(true),
            expires_at: message.expires_at.map(Timestamp::as_micros),
            attachments: attachments::write(&message.attachments),
        }
    }
}

/// What a message said before, as a row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = versions, treat_none_as_default_value = false)]
pub(crate) struct VersionColumns<'a> {
    pub room_key: i64,
    pub message: i64,
    pub offset: i64,
    pub text: &'a str,
    pub data: Option<&'a str>,
}

/// The word that is kept for a kind of room.
pub(crate) fn kind_word(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Public => "public",
        RoomKind::Private => "private",
        RoomKind::Direct => "direct",
    }
}

pub(crate) fn kind_from(word: &str) -> Result<RoomKind, HistoryError> {
    match word {
        "public" => Ok(RoomKind::Public),
        "private" => Ok(RoomKind::Private),
        "direct" => Ok(RoomKind::Direct),
        other => Err(HistoryError::Damaged { table: "rooms", detail: format!("kind {other}") }),
    }
}

pub(crate) fn role_from(word: &str) -> Result<Role, HistoryError> {
    [Role::Reader, Role::Member, Role::Moderator, Role::Owner]
        .into_iter()
        .find(|role| role.as_str() == word)
        .ok_or_else(|| HistoryError::Damaged { table: "members", detail: format!("role {word}") })
}

/// An offset as it is kept: at most 2^53.
pub(crate) fn stored(offset: Offset) -> i64 {
    i64::try_from(offset.get()).unwrap_or(i64::MAX)
}

pub(crate) fn room_id(text: &str) -> Result<RoomId, HistoryError> {
    text.parse().map_err(|error| damaged("rooms", &error))
}

pub(crate) fn user_id(table: &'static str, number: i64) -> Result<UserId, HistoryError> {
    UserId::new(number).map_err(|error| damaged(table, &error))
}

pub(crate) fn offset(table: &'static str, number: i64) -> Result<Offset, HistoryError> {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    Offset::new(number).map_err(|error| damaged(table, &error))
}

fn damaged(table: &'static str, error: &chat_core::InvalidId) -> HistoryError {
    HistoryError::Damaged { table, detail: error.to_string() }
}

/// A limit as a query has it.
pub(crate) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
