//! What the chat's things look like.

use std::sync::Arc;

use chat_core::{
    Attachment, Availability, Ban, Dimensions, Epoch, Event, EventBody, FilterAction, Member, Message,
    Offset, OwnChange, Reacting, ReactionCount, Role, Room, RoomKind, RoomSignal, RoomState, Signal,
    Timestamp,
};

use crate::support::profile;

fn at() -> Timestamp {
    Timestamp::from_micros(1_795_416_000_123_456)
}

fn event(body: EventBody) -> String {
    let event = Event {
        room: "general".parse().unwrap(),
        offset: Offset::new(42).unwrap(),
        at: at(),
        actor: profile(17),
        body,
    };
    chat_json::event(&event)
}

fn message() -> Message {
    let (room, offset) = ("general".parse().unwrap(), Offset::new(42).unwrap());
    Message::new(room, offset, profile(17), "line\nbreak \"quoted\" é".into(), at())
}

fn member() -> Member {
    Member { user: profile(3), role: Role::Moderator, joined_at: at(), muted_until: None }
}

#[test]
fn a_message_event_is_one_compact_line() {
    assert_eq!(
        event(EventBody::MessageCreated(Arc::new(message()))),
        concat!(
            r#"{"type":"message.created","room":"general","offset":42,"at":"2026-11-23T06:40:00.123Z","#,
            r#""actor":{"id":"17","username":"user17"},"message":{"room":"general","offset":42,"#,
            r#""sender":{"id":"17","username":"user17","display_name":"User 17"},"#,
            r#""text":"line\nbreak \"quoted\" é","created_at":"2026-11-23T06:40:00.123Z"}}"#
        )
    );
}

#[test]
fn a_message_shows_what_it_has() {
    let full = Message {
        data: Some(r#"{"a":[1.50,"x"]}"#.into()),
        reply_to: Some(Offset::new(7).unwrap()),
        client_id: Some("c-1".parse().unwrap()),
        attachments: vec![Attachment {
            id: "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap(),
            name: "a.png".into(),
            media_type: "image/png".into(),
            size: 7,
            picture: Some(Dimensions { width: 800, height: 400 }),
            thumbnail: Some(Dimensions { width: 400, height: 200 }),
        }],
        edited_at: Some(at()),
        deleted_at: Some(at()),
        ..message()
    };
    let json = event(EventBody::MessageCreated(Arc::new(full)));
    assert!(
        json.contains(concat!(
            r#""data":{"a":[1.50,"x"]},"attachments":[{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","#,
            r#""name":"a.png","type":"image/png","size":7,"width":800,"height":400,"#,
            r#""thumbnail":{"width":400,"height":200}}],"reply_to":7,"client_id":"c-1","created_at""#
        )),
        "{json}"
    );
}

#[test]
fn what_becomes_of_a_message_has_its_words() {
    for (body, word) in [
        (EventBody::MessageEdited(Arc::new(message())), "message.edited"),
        (EventBody::MessageDeleted(Arc::new(message())), "message.deleted"),
    ] {
        let json: serde_json::Value = serde_json::from_str(&event(body)).unwrap();
        assert_eq!((&json["type"], &json["message"]["offset"]), (&word.into(), &42.into()));
    }
}

#[test]
fn reactions_say_how_many_there_are_and_messages_in_events_do_not() {
    let reaction: chat_core::Reaction = "👍".parse().unwrap();
    let reacting = Reacting { message: Offset::new(7).unwrap(), reaction: reaction.clone(), count: 2 };
    let json = event(EventBody::ReactionRemoved(reacting));
    assert!(json.starts_with(r#"{"type":"reaction.removed","room":"general","offset":42,"#), "{json}");
    assert!(json.ends_with(r#""target":7,"reaction":"👍","count":2}"#), "{json}");
    let reactions = vec![ReactionCount { reaction, count: 1, mine: false }];
    let json = event(EventBody::MessageEdited(Arc::new(Message { reactions, ..message() })));
    assert!(!json.contains("reactions"), "{json}");
}

#[test]
fn data_that_would_break_the_frame_is_left_out() {
    for data in ["{", "{\n}", "1 2", ""] {
        let broken = Message { data: Some(data.into()), ..message() };
        let json = event(EventBody::MessageCreated(Arc::new(broken)));
        assert!(!json.contains("data"), "{json}");
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }
}

#[test]
fn each_event_has_its_word_and_its_content() {
    const MEMBER: &str = concat!(
        r#""member":{"user":{"id":"3","username":"user3","display_name":"User 3"},"role":"moderator","#,
        r#""joined_at":"2026-11-23T06:40:00.123Z"}}"#
    );
    let common = concat!(
        r#""offset":42,"at":"2026-11-23T06:40:00.123Z","#,
        r#""actor":{"id":"17","username":"user17"}"#
    );
    for (body, word) in [
        (EventBody::MemberJoined(member()), "member.joined"),
        (EventBody::MemberLeft(member()), "member.left"),
        (EventBody::MemberChanged(member()), "member.changed"),
    ] {
        assert_eq!(event(body), format!(r#"{{"type":"{word}","room":"general",{common},{MEMBER}"#));
    }
    let user = r#"{"id":"5","username":"user5","display_name":"User 5"}"#;
    let ban = Ban { user: profile(5), until: Some(at()), reason: "spam".into() };
    let until = r#""until":"2026-11-23T06:40:00.123Z","reason":"spam""#;
    assert_eq!(
        event(EventBody::MemberBanned(ban)),
        format!(r#"{{"type":"member.banned","room":"general",{common},"ban":{{"user":{user},{until}}}}}"#)
    );
    assert_eq!(
        event(EventBody::MemberUnbanned(profile(5))),
        format!(r#"{{"type":"member.unbanned","room":"general",{common},"user":{user}}}"#)
    );
    for (body, word) in [
        (EventBody::MessagePinned(Offset::new(7).unwrap()), "message.pinned"),
        (EventBody::MessageUnpinned(Offset::new(7).unwrap()), "message.unpinned"),
    ] {
        assert_eq!(event(body), format!(r#"{{"type":"{word}","room":"general",{common},"target":7}}"#));
    }
    let changed = EventBody::RoomChanged(RoomState {
        name: "News".into(),
        topic: String::new(),
        kind: RoomKind::Private,
        read_only: true,
        slow_seconds: 5,
        expire_seconds: 60,
        filter: Some(FilterAction::Mask),
        retention_seconds: 90,
    });
    let room = r#"{"id":"general","name":"News","topic":"","kind":"private","read_only":true,"slow_seconds":5,"expire_seconds":60,"filter":"mask","retention_seconds":90}"#;
    assert_eq!(event(changed), format!(r#"{{"type":"room.changed","room":{room},{common}}}"#));
    assert_eq!(
        event(EventBody::RoomDeleted),
        format!(r#"{{"type":"room.deleted","room":"general",{common}}}"#)
    );
}

#[test]
fn signals_have_their_words() {
    let room = Room {
        id: "general".parse().unwrap(),
        name: "General".into(),
        topic: "all".into(),
        kind: RoomKind::Public,
        created_at: at(),
        owner: profile(17).id,
        epoch: Epoch::from("abc"),
        offset: Offset::new(9).unwrap(),
        member_count: 2,
        read_only: false,
        slow_seconds: 0,
        first: Offset::new(1).unwrap(),
        expire_seconds: 0,
        filter: None,
        retention_seconds: 0,
        people: vec![],
    };
    assert_eq!(
        chat_json::signal(&Signal::RoomAdded(room)),
        concat!(
            r#"{"type":"room.added","room":{"id":"general","name":"General","topic":"all","kind":"public","#,
            r#""created_at":"2026-11-23T06:40:00.123Z","owner":"17","offset":9,"member_count":2}}"#
        )
    );
    let mark = chat_core::ReadMark {
        room: "general".parse().unwrap(),
        offset: Offset::new(7).unwrap(),
        unread: 2,
        mentions: 1,
    };
    assert_eq!(
        chat_json::signal(&Signal::ReadMarked(mark)),
        r#"{"type":"read.marked","room":"general","offset":7,"unread":2,"mentions":1}"#
    );
    for (change, word) in [
        (OwnChange::BookmarkAdded("general".parse().unwrap(), Offset::new(7).unwrap()), "added"),
        (OwnChange::BookmarkRemoved("general".parse().unwrap(), Offset::new(7).unwrap()), "removed"),
    ] {
        assert_eq!(
            chat_json::signal(&Signal::Own(change)),
            format!(r#"{{"type":"bookmark.{word}","room":"general","offset":7}}"#)
        );
    }
    let changed = OwnChange::ScheduledChanged("s-1".parse().unwrap());
    assert_eq!(chat_json::signal(&Signal::Own(changed)), r#"{"type":"scheduled.changed","id":"s-1"}"#);
    assert_eq!(
        chat_json::signal(&Signal::RoomRemoved("general".parse().unwrap())),
        r#"{"type":"room.removed","room":"general"}"#
    );
    assert_eq!(
        chat_json::signal(&Signal::SessionEnded("s1".into())),
        r#"{"type":"session.ended","session":"s1"}"#
    );
}

#[test]
fn what_a_room_is_told_of_a_user_has_its_words() {
    let room = "general".parse().unwrap();
    let user = r#""room":"general","user":{"id":"5","username":"user5","display_name":"User 5"}"#;
    for (signal, word, rest) in [
        (RoomSignal::TypingStarted(profile(5)), "typing.started", r#","seconds":6"#),
        (RoomSignal::TypingStopped(profile(5)), "typing.stopped", ""),
        (RoomSignal::ReadMoved(profile(5), Offset::new(7).unwrap()), "read.moved", r#","offset":7"#),
        (
            RoomSignal::PresenceChanged(profile(5), Availability::Away, "tea".into()),
            "presence.changed",
            r#","availability":"away","status":"tea""#,
        ),
    ] {
        assert_eq!(chat_json::room_signal(&room, &signal), format!(r#"{{"type":"{word}",{user}{rest}}}"#));
    }
}

#[test]
fn a_user_is_three_fields() {
    assert_eq!(chat_json::user(&profile(5)), r#"{"id":"5","username":"user5","display_name":"User 5"}"#);
}
