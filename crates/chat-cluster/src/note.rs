//! What nodes tell one another, in JSON: nodes of two versions understand one another while one replaces the other.

use std::borrow::Cow;

use bytes::Bytes;
use chat_core::{
    Channel, Event, Notice, OwnChange, Presence, ReadMark, RoomId, RoomSignal, SessionId, UserId,
    UserPresence,
};
use serde::{Deserialize, Serialize};

/// One thing that a node tells others.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Note<'a> {
    /// To a room's subject: an event, committed.
    Event(Cow<'a, Event>),
    /// To a room's subject: there may be more in its log.
    Behind(Cow<'a, RoomId>),
    /// To a room's subject: what one of its subscribers does.
    Notice(Cow<'a, RoomId>, Notice, Cow<'a, Presence>),
    /// To a room's subject: something of a user.
    RoomSignal(Cow<'a, RoomId>, Cow<'a, RoomSignal>),
    /// To a user's subject: an event that makes them a member, or no longer one.
    Member(Cow<'a, Event>),
    /// To a user's subject: a log-in of theirs has ended.
    SessionEnded(UserId, Cow<'a, SessionId>),
    /// To a user's subject: their presence has changed.
    Presence(Cow<'a, UserPresence>),
    /// To a user's subject: how far they have read a room.
    ReadMarked(UserId, Cow<'a, ReadMark>),
    /// To a user's subject: what has changed of what is theirs alone.
    Own(UserId, Cow<'a, OwnChange>),
    /// To a user's subject: how many connections they have at a node now. With `ask`, the others are to say so too.
    Connections { node: Cow<'a, str>, user: UserId, count: usize, ask: bool },
    /// To all: a node is there. With `ask`, the others are to say so too.
    Alive { node: Cow<'a, str>, key: Cow<'a, str>, ask: bool },
    /// To all: a node goes.
    Leaving { node: Cow<'a, str> },
    /// To all: something may not have been told.
    Compare,
    /// To all: how many messages users have sent at a node of late.
    Sent(Cow<'a, [(UserId, u32)]>),
    /// To all: who is on a channel? To be answered to the asking node.
    Who { node: Cow<'a, str>, ask: u64, channel: Cow<'a, Channel> },
    /// To one: who is, or a part of it.
    Present { node: Cow<'a, str>, ask: u64, present: Cow<'a, [Presence]>, more: bool },
}

impl Note<'_> {
    pub fn encode(&self) -> Bytes {
        // Writing to memory fails for maps with keys that are no text only, and there is no map.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// None for what is no note, or one that only a later version knows.
    pub fn decode(payload: &[u8]) -> Option<Note<'static>> {
        // The error itself would quote what people wrote.
        let tell =
            |error: &serde_json::Error| log::debug!("a note is not understood at byte {}", error.column());
        serde_json::from_slice(payload).inspect_err(tell).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat_core::{
        Availability, Ban, ClientId, EventBody, FilterAction, Member, Message, Offset, Profile, Reacting,
        Role, RoomKind, RoomState, Timestamp,
    };

    use super::*;

    fn profile() -> Profile {
        Profile { id: UserId::new(7).unwrap(), username: "ann".into(), display_name: "Ann \"A\"\n".into() }
    }

    fn event(body: EventBody) -> Event {
        let room = "r".parse().unwrap();
        Event { room, offset: Offset::new(3).unwrap(), at: Timestamp::from_micros(5), actor: profile(), body }
    }

    #[test]
    fn every_note_is_read_as_it_was_written() {
        let (room, at) = ("r".parse().unwrap(), Timestamp::from_micros(5));
        let text = "päivää \u{1F980} \0".into();
        let message = Message {
            data: Some(r#"{"a":[1,null]}"#.into()),
            reply_to: Some(Offset::new(1).unwrap()),
            client_id: Some("c 1".parse::<ClientId>().unwrap()),
            edited_at: Some(at),
            expires_at: Some(at),
            ..Message::new(room, Offset::new(3).unwrap(), profile(), text, at)
        };
        let member = Member {
            user: profile(),
            role: Role::Moderator,
            joined_at: Timestamp::from_micros(-1),
            muted_until: Some(at),
        };
        let (message_offset, reaction) = (Offset::new(1).unwrap(), "👍".parse().unwrap());
        let reacting = Reacting { message: message_offset, reaction, count: 2 };
        let bodies = [
            EventBody::MessageCreated(Arc::new(message.clone())),
            EventBody::MessageEdited(Arc::new(message.clone())),
            EventBody::MessageDeleted(Arc::new(message)),
            EventBody::ReactionAdded(reacting.clone()),
            EventBody::ReactionRemoved(reacting),
            EventBody::MessagePinned(message_offset),
            EventBody::MessageUnpinned(message_offset),
            EventBody::MemberJoined(member.clone()),
            EventBody::MemberLeft(member.clone()),
            EventBody::MemberChanged(member),
            EventBody::RoomChanged(RoomState {
                name: "R".into(),
                topic: String::new(),
                kind: RoomKind::Private,
                read_only: true,
                slow_seconds: 9,
                expire_seconds: 60,
                filter: Some(FilterAction::Mask),
                retention_seconds: 90,
            }),
            EventBody::MemberBanned(Ban { user: profile(), until: Some(at), reason: "x".into() }),
            EventBody::MemberUnbanned(profile()),
            EventBody::RoomDeleted,
        ];
        let room: RoomId = "r".parse().unwrap();
        let who = Presence { client: "c".into(), user: profile(), idle: 9 };
        let mut notes: Vec<Note<'_>> =
            bodies.into_iter().map(|body| Note::Event(Cow::Owned(event(body)))).collect();
        notes.extend([
            Note::Behind(Cow::Borrowed(&room)),
            Note::Notice(Cow::Borrowed(&room), Notice::Left, Cow::Borrowed(&who)),
            Note::RoomSignal(Cow::Borrowed(&room), Cow::Owned(RoomSignal::TypingStarted(profile()))),
            Note::RoomSignal(Cow::Borrowed(&room), Cow::Owned(RoomSignal::ReadMoved(profile(), Offset::MAX))),
            Note::Presence(Cow::Owned(UserPresence {
                user: profile(),
                availability: Availability::Away,
                text: "out".into(),
                last_seen: Some(Timestamp::from_micros(5)),
                hidden: true,
            })),
            Note::SessionEnded(who.user.id, Cow::Owned("s".into())),
            Note::ReadMarked(
                who.user.id,
                Cow::Owned(ReadMark { room: room.clone(), offset: Offset::START, unread: 2, mentions: 1 }),
            ),
            Note::Own(who.user.id, Cow::Owned(OwnChange::BookmarkAdded(room.clone(), Offset::MAX))),
            Note::Own(who.user.id, Cow::Owned(OwnChange::BookmarkRemoved(room.clone(), Offset::MAX))),
            Note::Own(who.user.id, Cow::Owned(OwnChange::ScheduledChanged("s-1".parse().unwrap()))),
            Note::Connections { node: "n".into(), user: who.user.id, count: 2, ask: true },
            Note::Alive { node: "n".into(), key: "k".into(), ask: false },
            Note::Leaving { node: "n".into() },
            Note::Compare,
            Note::Sent(Cow::Owned(vec![(who.user.id, 9)])),
            Note::Who { node: "n".into(), ask: 1, channel: Cow::Owned(Channel::User(who.user.id)) },
            Note::Present { node: "n".into(), ask: 1, present: Cow::Owned(vec![who.clone()]), more: true },
        ]);
        for note in notes {
            assert_eq!(Note::decode(&note.encode()), Some(note));
        }
    }

    #[test]
    fn what_is_no_note_is_none() {
        for wrong in [&b""[..], b"{", b"\"later\"", b"{\"behind\":\"a b\"}", b"{\"event\":{}}", b"\xff"] {
            assert_eq!(Note::decode(wrong), None);
        }
    }
}
