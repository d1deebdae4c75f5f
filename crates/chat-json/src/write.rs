//! From the chat's things to their shapes, and from there to text.

use chat_core::{OwnChange, Profile, RoomId};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Time;
use crate::shape::{
    Actor, Attachment, Availability, Ban, Block, Bookmark, ChangedRoom, Dimensions, Event, Failure, FileLink,
    FilterAction, FollowedThread, InboxRoom, Member, Mentions, Message, Pin, Preview, Quote, Reacted,
    ReactionCount, ReadMark, Role, Room, RoomKind, RoomSignal, Scheduled, Signal, Thread, ThreadView, User,
    UserPresence, Version,
};

/// An event in compact JSON, on one line.
#[must_use]
pub fn event(event: &chat_core::Event) -> String {
    to_json(&Event::from(event))
}

/// A signal in compact JSON, on one line.
#[must_use]
pub fn signal(signal: &chat_core::Signal) -> String {
    to_json(&Signal::from(signal))
}

/// What a room's subscribers are told of a user, in compact JSON, on one line.
#[must_use]
pub fn room_signal(room: &RoomId, signal: &chat_core::RoomSignal) -> String {
    let room = room.as_str();
    to_json(&match signal {
        chat_core::RoomSignal::TypingStarted(user) => RoomSignal::TypingStarted {
            room,
            user: user.into(),
            seconds: chat_core::RoomSignal::TYPING.as_secs(),
        },
        chat_core::RoomSignal::TypingStopped(user) => RoomSignal::TypingStopped { room, user: user.into() },
        chat_core::RoomSignal::ReadMoved(user, offset) => {
            RoomSignal::ReadMoved { room, user: user.into(), offset: offset.get() }
        }
        chat_core::RoomSignal::PresenceChanged(user, availability, status) => RoomSignal::PresenceChanged {
            room,
            user: user.into(),
            availability: (*availability).into(),
            status,
        },
    })
}

/// What others see of a user, in compact JSON, on one line.
#[must_use]
pub fn user(profile: &Profile) -> String {
    to_json(&User::from(profile))
}

/// Any shape in compact JSON.
pub(crate) fn to_json(shape: &impl Serialize) -> String {
    // Writing to memory fails for maps with keys that are no text only, and no shape has a map.
    serde_json::to_string(shape).unwrap_or_default()
}

impl<'a> From<&'a Profile> for User<'a> {
    fn from(profile: &'a Profile) -> User<'a> {
        User { id: profile.id, username: &profile.username, display_name: &profile.display_name }
    }
}

impl<'a> From<&'a Profile> for Actor<'a> {
    fn from(profile: &'a Profile) -> Actor<'a> {
        Actor { id: profile.id, username: &profile.username }
    }
}

impl From<chat_core::RoomKind> for RoomKind {
    fn from(kind: chat_core::RoomKind) -> RoomKind {
        match kind {
            chat_core::RoomKind::Public => RoomKind::Public,
            chat_core::RoomKind::Private => RoomKind::Private,
            chat_core::RoomKind::Direct => RoomKind::Direct,
        }
    }
}

impl From<chat_core::Role> for Role {
    fn from(role: chat_core::Role) -> Role {
        match role {
            chat_core::Role::Owner => Role::Owner,
            chat_core::Role::Moderator => Role::Moderator,
            chat_core::Role::Member => Role::Member,
            chat_core::Role::Reader => Role::Reader,
        }
    }
}

impl<'a> From<&'a chat_core::Room> for Room<'a> {
    /// Without a role.
    fn from(room: &'a chat_core::Room) -> Room<'a> {
        Room {
            id: room.id.as_str(),
            name: &room.name,
            topic: &room.topic,
            kind: room.kind.into(),
            created_at: Time(room.created_at),
            owner: room.owner,
            first: room.first.get(),
            offset: room.offset.get(),
            member_count: room.member_count,
            read_only: room.read_only,
            slow_seconds: room.slow_seconds,
            expire_seconds: room.expire_seconds,
            filter: room.filter.as_ref().map(|filter| filter.action().into()),
            retention_seconds: room.retention_seconds,
            people: room.people.iter().map(User::from).collect(),
            role: None,
        }
    }
}

impl<'a> ChangedRoom<'a> {
    fn of(id: &'a str, state: &'a chat_core::RoomState) -> ChangedRoom<'a> {
        let chat_core::RoomState {
            name,
            topic,
            kind,
            read_only,
            slow_seconds,
            expire_seconds,
            filter,
            retention_seconds,
        } = state;
        ChangedRoom {
            id,
            name,
            topic,
            kind: (*kind).into(),
            read_only: *read_only,
            slow_seconds: *slow_seconds,
            expire_seconds: *expire_seconds,
            retention_seconds: *retention_seconds,
            filter: filter.map(FilterAction::from),
        }
    }
}

impl<'a> From<&'a chat_core::Access> for Room<'a> {
    fn from(access: &'a chat_core::Access) -> Room<'a> {
        Room { role: access.role.map(Role::from), ..Room::from(&access.room) }
    }
}

impl<'a> From<&'a chat_core::Member> for Member<'a> {
    fn from(member: &'a chat_core::Member) -> Member<'a> {
        Member {
            user: User::from(&member.user),
            role: member.role.into(),
            joined_at: Time(member.joined_at),
            muted_until: member.muted_until.map(Time),
        }
    }
}

impl<'a> From<&'a chat_core::Message> for Message<'a> {
    fn from(message: &'a chat_core::Message) -> Message<'a> {
        let reactions = message.reactions.iter().map(ReactionCount::from).collect();
        Message { reactions, ..Message::in_event(message) }
    }
}

impl<'a> Message<'a> {
    /// The message for nobody in particular, without its reactions.
    pub(crate) fn in_event(message: &'a chat_core::Message) -> Message<'a> {
        Message {
            room: message.room.as_str(),
            offset: message.offset.get(),
            sender: User::from(&message.sender),
            text: &message.text,
            html: None,
            data: message.data.as_deref().and_then(raw),
            attachments: message.attachments.iter().map(Attachment::from).collect(),
            reply_to: message.reply_to.map(chat_core::Offset::get),
            quote: message.quote.as_deref().map(Quote::from),
            mentions: message.mentions.as_deref().map(Mentions::from),
            thread: message.thread.as_ref().map(Thread::from),
            client_id: message.client_id.as_ref().map(chat_core::ClientId::as_str),
            created_at: Time(message.created_at),
            edited_at: message.edited_at.map(Time),
            deleted_at: message.deleted_at.map(Time),
            expires_at: message.expires_at.map(Time),
            reactions: Vec::new(),
            withheld: message.withheld,
        }
    }
}

impl<'a> From<&'a chat_core::Attachment> for Attachment<'a> {
    fn from(attachment: &'a chat_core::Attachment) -> Attachment<'a> {
        Attachment {
            id: attachment.id.to_string(),
            name: &attachment.name,
            r#type: &attachment.media_type,
            size: attachment.size,
            width: attachment.picture.map(|picture| picture.width),
            height: attachment.picture.map(|picture| picture.height),
            thumbnail: attachment.thumbnail.map(Dimensions::from),
        }
    }
}

impl From<chat_core::Dimensions> for Dimensions {
    fn from(dimensions: chat_core::Dimensions) -> Dimensions {
        let chat_core::Dimensions { width, height } = dimensions;
        Dimensions { width, height }
    }
}

impl<'a> From<&'a chat_core::FileLink> for FileLink<'a> {
    fn from(link: &'a chat_core::FileLink) -> FileLink<'a> {
        FileLink { url: &link.url, expires_at: Time(link.expires_at) }
    }
}

impl<'a> From<&'a chat_core::Ban> for Ban<'a> {
    fn from(ban: &'a chat_core::Ban) -> Ban<'a> {
        Ban { user: User::from(&ban.user), until: ban.until.map(Time), reason: &ban.reason }
    }
}

impl<'a> From<&'a chat_core::Block> for Block<'a> {
    fn from(block: &'a chat_core::Block) -> Block<'a> {
        Block { user: User::from(&block.user), at: Time(block.at) }
    }
}

impl From<chat_core::Availability> for Availability {
    fn from(availability: chat_core::Availability) -> Availability {
        match availability {
            chat_core::Availability::Online => Availability::Online,
            chat_core::Availability::Away => Availability::Away,
            chat_core::Availability::Offline => Availability::Offline,
        }
    }
}

impl<'a> From<&'a chat_core::UserPresence> for UserPresence<'a> {
    fn from(presence: &'a chat_core::UserPresence) -> UserPresence<'a> {
        UserPresence {
            user: User::from(&presence.user),
            availability: presence.availability.into(),
            status: &presence.text,
            last_seen: presence.last_seen.map(Time),
            hidden: presence.hidden,
        }
    }
}

impl<'a> From<&'a chat_core::Version> for Version<'a> {
    fn from(version: &'a chat_core::Version) -> Version<'a> {
        Version {
            offset: version.offset.get(),
            replaced_at: Time(version.replaced_at),
            replaced_by: User::from(&version.replaced_by),
            text: &version.text,
            data: version.data.as_deref().and_then(raw),
        }
    }
}

impl<'a> From<&'a chat_core::Preview> for Preview<'a> {
    fn from(preview: &'a chat_core::Preview) -> Preview<'a> {
        let chat_core::Preview { url, title, description, site_name, image } = preview;
        Preview { url, title, description, site_name, image: image.as_deref() }
    }
}

impl<'a> From<&'a chat_core::ReactionCount> for ReactionCount<'a> {
    fn from(one: &'a chat_core::ReactionCount) -> ReactionCount<'a> {
        ReactionCount { reaction: one.reaction.as_str(), count: one.count, mine: one.mine }
    }
}

impl<'a> From<&'a chat_core::Reacted> for Reacted<'a> {
    fn from(one: &'a chat_core::Reacted) -> Reacted<'a> {
        Reacted { user: User::from(&one.user), at: Time(one.at) }
    }
}

impl<'a> From<&'a chat_core::Pin> for Pin<'a> {
    fn from(pin: &'a chat_core::Pin) -> Pin<'a> {
        let message = Message::from(&pin.message);
        Pin { message, pinned_by: User::from(&pin.by), pinned_at: Time(pin.at) }
    }
}

impl<'a> From<&'a chat_core::Bookmark> for Bookmark<'a> {
    fn from(bookmark: &'a chat_core::Bookmark) -> Bookmark<'a> {
        let chat_core::Bookmark { message, note, at } = bookmark;
        Bookmark { message: Message::from(message), note, at: Time(*at) }
    }
}

impl<'a> From<&'a chat_core::Scheduled> for Scheduled<'a> {
    fn from(scheduled: &'a chat_core::Scheduled) -> Scheduled<'a> {
        let chat_core::NewMessage { text, data, reply_to, client_id, .. } = &scheduled.message;
        let failure = |failed: &'a chat_core::Failure| Failure { code: &failed.code, at: Time(failed.at) };
        Scheduled {
            id: scheduled.id.as_str(),
            room: scheduled.room.as_str(),
            send_at: Time(scheduled.send_at),
            text,
            data: data.as_deref().and_then(raw),
            reply_to: reply_to.map(chat_core::Offset::get),
            client_id: client_id.as_ref().map(chat_core::ClientId::as_str),
            created_at: Time(scheduled.created_at),
            failed: scheduled.failed.as_ref().map(failure),
        }
    }
}

impl<'a> From<&'a chat_core::Quote> for Quote<'a> {
    fn from(quote: &'a chat_core::Quote) -> Quote<'a> {
        Quote { sender: User::from(&quote.sender), text: &quote.text }
    }
}

impl<'a> From<&'a chat_core::Mentions> for Mentions<'a> {
    fn from(mentions: &'a chat_core::Mentions) -> Mentions<'a> {
        Mentions {
            users: mentions.users.iter().map(User::from).collect(),
            room: mentions.room,
            here: mentions.here.is_some(),
        }
    }
}

impl From<&chat_core::Thread> for Thread {
    fn from(thread: &chat_core::Thread) -> Thread {
        let chat_core::Thread { root, replies, last_reply } = *thread;
        Thread { root: root.get(), replies, last_reply: last_reply.get() }
    }
}

impl<'a> From<&'a chat_core::ThreadView> for ThreadView<'a> {
    fn from(thread: &'a chat_core::ThreadView) -> ThreadView<'a> {
        ThreadView {
            message: Message::from(&thread.message),
            participants: thread.participants.iter().map(User::from).collect(),
            following: thread.following,
        }
    }
}

impl<'a> From<&'a chat_core::FollowedThread> for FollowedThread<'a> {
    fn from(thread: &'a chat_core::FollowedThread) -> FollowedThread<'a> {
        let message = Message::from(&thread.message);
        FollowedThread { message, unread: thread.unread, active_at: Time(thread.active_at) }
    }
}

impl<'a> From<&'a chat_core::ReadMark> for ReadMark<'a> {
    fn from(mark: &'a chat_core::ReadMark) -> ReadMark<'a> {
        let chat_core::ReadMark { room, offset, unread, mentions } = mark;
        ReadMark { room: room.as_str(), offset: offset.get(), unread: *unread, mentions: *mentions }
    }
}

impl<'a> From<&'a chat_core::InboxRoom> for InboxRoom<'a> {
    fn from(one: &'a chat_core::InboxRoom) -> InboxRoom<'a> {
        InboxRoom {
            room: Room::from(&one.access),
            read: one.mark.offset.get(),
            unread: one.mark.unread,
            mentions: one.mark.mentions,
            last_message: one.last.as_ref().map(Message::from),
            active_at: Time(one.active_at),
        }
    }
}

/// Stored `data`, to be embedded as it is. What is no compact JSON would break the frame of everyone it is
/// sent to, so it is looked at once more and left out.
fn raw(data: &str) -> Option<&RawValue> {
    if data.contains(['\n', '\r']) {
        log::error!("the data of a message is not compact and is left out");
        return None;
    }
    serde_json::from_str(data)
        .inspect_err(|_| log::error!("the data of a message is no JSON and is left out"))
        .ok()
}

impl<'a> From<&'a chat_core::Event> for Event<'a> {
    fn from(event: &'a chat_core::Event) -> Event<'a> {
        let room = event.room.as_str();
        let offset = event.offset.get();
        let at = Time(event.at);
        let actor = Actor::from(&event.actor);
        match &event.body {
            chat_core::EventBody::MessageCreated(message) => {
                Event::MessageCreated { room, offset, at, actor, message: Message::in_event(message) }
            }
            chat_core::EventBody::MessageEdited(message) => {
                Event::MessageEdited { room, offset, at, actor, message: Message::in_event(message) }
            }
            chat_core::EventBody::MessageDeleted(message) => {
                Event::MessageDeleted { room, offset, at, actor, message: Message::in_event(message) }
            }
            chat_core::EventBody::ReactionAdded(reacting) => {
                let (target, reaction) = (reacting.message.get(), reacting.reaction.as_str());
                Event::ReactionAdded { room, offset, at, actor, target, reaction, count: reacting.count }
            }
            chat_core::EventBody::ReactionRemoved(reacting) => {
                let (target, reaction) = (reacting.message.get(), reacting.reaction.as_str());
                Event::ReactionRemoved { room, offset, at, actor, target, reaction, count: reacting.count }
            }
            chat_core::EventBody::MessagePinned(message) => {
                Event::MessagePinned { room, offset, at, actor, target: message.get() }
            }
            chat_core::EventBody::MessageUnpinned(message) => {
                Event::MessageUnpinned { room, offset, at, actor, target: message.get() }
            }
            chat_core::EventBody::MemberJoined(member) => {
                Event::MemberJoined { room, offset, at, actor, member: member.into() }
            }
            chat_core::EventBody::MemberLeft(member) => {
                Event::MemberLeft { room, offset, at, actor, member: member.into() }
            }
            chat_core::EventBody::MemberChanged(member) => {
                Event::MemberChanged { room, offset, at, actor, member: member.into() }
            }
            chat_core::EventBody::MemberBanned(ban) => {
                Event::MemberBanned { room, offset, at, actor, ban: ban.into() }
            }
            chat_core::EventBody::MemberUnbanned(user) => {
                Event::MemberUnbanned { room, offset, at, actor, user: user.into() }
            }
            chat_core::EventBody::RoomChanged(state) => {
                Event::RoomChanged { room: ChangedRoom::of(room, state), offset, at, actor }
            }
            chat_core::EventBody::RoomDeleted => Event::RoomDeleted { room, offset, at, actor },
        }
    }
}

impl<'a> From<&'a chat_core::Signal> for Signal<'a> {
    fn from(signal: &'a chat_core::Signal) -> Signal<'a> {
        match signal {
            chat_core::Signal::RoomAdded(room) => Signal::RoomAdded { room: room.into() },
            chat_core::Signal::RoomRemoved(room) => Signal::RoomRemoved { room: room.as_str() },
            chat_core::Signal::ReadMarked(mark) => {
                let ReadMark { room, offset, unread, mentions } = mark.into();
                Signal::ReadMarked { room, offset, unread, mentions }
            }
            chat_core::Signal::Own(OwnChange::BookmarkAdded(room, offset)) => {
                Signal::BookmarkAdded { room: room.as_str(), offset: offset.get() }
            }
            chat_core::Signal::Own(OwnChange::BookmarkRemoved(room, offset)) => {
                Signal::BookmarkRemoved { room: room.as_str(), offset: offset.get() }
            }
            chat_core::Signal::Own(OwnChange::ScheduledChanged(id)) => {
                Signal::ScheduledChanged { id: id.as_str() }
            }
            chat_core::Signal::SessionEnded(session) => Signal::SessionEnded { session: session.as_str() },
        }
    }
}
