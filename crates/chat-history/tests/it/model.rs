//! The store in a database against the store in memory: whatever is asked of both, both answer the same and
//! show the same; and what they show is the fold of the log.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ROOMS: [&str; 4] = ["a", "b", "c", "direct-00000000000000000000000000000000"];

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![Role::Reader, Role::Member, Role::Moderator, Role::Owner])
}

fn kind() -> impl Strategy<Value = RoomKind> {
    prop::sample::select(vec![RoomKind::Public, RoomKind::Private, RoomKind::Direct])
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop::sample::select(vec!["👍", "❤️", ":x:"]).prop_map(|text| text.parse().unwrap())
}

fn filter_action() -> impl Strategy<Value = FilterAction> {
    prop::sample::select(vec![FilterAction::Refuse, FilterAction::Mask, FilterAction::Report])
}

fn action() -> impl Strategy<Value = Action> {
    let user = 1..5_i64;
    let word = prop::sample::select(vec!["", "word", "wörter 🦀", "\u{202E}"]);
    let said =
        prop::sample::select(vec!["", "word", "wörter 🦀", "@u1 and @U3, @nobody", "@room", "@here @u2"]);
    let present = || prop::collection::vec((1..5_i64).prop_map(|user| profile(user).id), 0..3);
    let term = prop::option::of(prop::sample::select(vec![4, 5, 20, 1000]));
    let message = (said.clone(), prop::option::of(0..12_u64), prop::option::of(0..4_u8), any::<bool>(), term);
    let files = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(0..8_u8, 1..4)];
    prop_oneof![
        3 => (word.clone(), kind()).prop_map(|(name, kind)| {
            Action::CreateRoom(NewRoom { name: name.into(), topic: String::new(), kind })
        }),
        2 => (
            prop::option::of(word.clone()), prop::option::of(kind()), prop::option::of(any::<bool>()), 0..3_u32,
            prop::option::of(prop::sample::select(vec![0, 3, 8])),
            prop::option::of(prop::sample::select(vec![0, 59, 60])),
        ).prop_map(
            |(name, kind, read_only, slow, expire_seconds, retention_seconds)| Action::ChangeRoom(RoomChanges {
                expire_seconds,
                retention_seconds,
                name: name.map(Into::into),
                kind,
                read_only,
                slow_seconds: (slow < 2).then_some(slow * 1000),
                ..RoomChanges::default()
            })
        ),
        2 => (1..5_i64, any::<bool>()).prop_map(|(user, ban)| match ban {
            true => Action::Ban { user: profile(user), seconds: None, reason: "r".into() },
            false => Action::Unban { user: profile(user).id },
        }),
        1 => prop::option::of((filter_action(), prop::sample::select(vec!["word", "wö*", "", "u3"]))).prop_map(|new| {
            Action::SetFilter(new.map(|(action, word)| NewFilter { action, words: vec![word.into(), "x*".into()] }))
        }),
        2 => (1..5_i64, prop::option::of(Just(1000))).prop_map(|(user, seconds)| Action::Mute {
            user: profile(user).id,
            seconds,
        }),
        2 => prop::collection::btree_set(1..5_i64, 1..4).prop_map(|people| Action::OpenDirect {
            people: people.into_iter().map(profile).collect(),
        }),
        1 => Just(Action::DeleteRoom),
        3 => Just(Action::Join),
        2 => (user.clone(), role()).prop_map(|(user, role)| Action::Invite { user: profile(user), role }),
        2 => (user.clone(), role()).prop_map(|(user, role)| Action::SetRole { user: profile(user).id, role }),
        2 => user.prop_map(|user| Action::Remove { user: profile(user).id }),
        3 => (1..30_u64, said, any::<bool>(), present()).prop_map(|(message, text, data, present)| Action::Edit {
            present,
            message: offset(message),
            changes: MessageChanges { text: text.into(), data: data.then(|| "1".to_owned()) },
        }),
        6 => (1..30_u64, reaction()).prop_map(|(message, reaction)| Action::React {
            message: offset(message),
            reaction,
        }),
        3 => (1..30_u64, reaction()).prop_map(|(message, reaction)| Action::Unreact {
            message: offset(message),
            reaction,
        }),
        4 => (1..30_u64, any::<bool>()).prop_map(|(message, pin)| match pin {
            true => Action::Pin { message: offset(message) },
            false => Action::Unpin { message: offset(message) },
        }),
        2 => (1..30_u64).prop_map(|message| Action::Delete { message: offset(message) }),
        8 => (message, files, present()).prop_map(|((text, reply_to, client_id, data, expires_in), files, present)| Action::Send {
            message: NewMessage {
                attachments: files.into_iter().map(|number| upload_id(0, number)).collect(),
                text: text.into(),
                data: data.then(|| r#"{"a":[1,"ä"]}"#.to_owned()),
                reply_to: reply_to.map(offset),
                client_id: client_id.map(|n| n.to_string().parse().unwrap()),
                expires_in,
            },
            present,
        }),
    ]
}

/// The upload of this number that belongs into the room at this place.
fn upload_id(place: u8, number: u8) -> UploadId {
    format!("00000000-0000-4000-8000-0000000000{place}{number}").parse().unwrap()
}

fn number(id: UploadId) -> u8 {
    id.to_string().pop().unwrap().to_digit(10).unwrap().try_into().unwrap()
}

/// Offers the same uploads to both stores.
async fn offer(world: &World, memory: &MemoryStore) {
    for (place, number) in (0..4).flat_map(|place| (0..8).map(move |number| (place, number))) {
        let (id, owner) = (upload_id(place, number), profile(i64::from(number % 2) + 1).id);
        let picture = (number < 4).then_some(Dimensions { width: 800, height: 400 });
        let attachment = Attachment {
            id,
            name: "ä \"x\".png".into(),
            media_type: "image/png".into(),
            size: 7,
            picture,
            thumbnail: picture,
        };
        memory.offer(Upload { owner, attachment });
        let (width, height) = if picture.is_some() { ("800", "400") } else { ("NULL", "NULL") };
        let sql = format!(
            "INSERT INTO uploads (id, user_id, name, size, received, parts, created_at, expires_at, media_type,
                 width, height, thumbnail_width, thumbnail_height)
             VALUES ('{id}', {owner}, 'ä \"x\".png', 7, 7, 'p:7', 1, 1, 'image/png',
                 {width}, {height}, {width}, {height})"
        );
        let lane = world.db.lane(id);
        world.db.write(lane, move |connection| Ok::<_, DbError>(connection.execute(&sql)?)).await.unwrap();
    }
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let one = (1..5_i64, prop::sample::select(ROOMS.to_vec()), action());
    // Each room has uploads of its own: who is first of two rooms is left open where there are several writers.
    let of_room = |room: &str, mut action: Action| {
        if let Action::Send { message, .. } = &mut action {
            let place = ROOMS.iter().position(|name| *name == room).unwrap();
            let place = u8::try_from(place).unwrap();
            message.attachments.iter_mut().for_each(|id| *id = upload_id(place, number(*id)));
        }
        action
    };
    prop::collection::vec(
        one.prop_map(move |(user, room, action)| command(user, room, of_room(room, action))),
        1..60,
    )
}

/// Times and epochs differ between two stores, and mean nothing here.
fn plain_room(mut room: Room) -> Room {
    room.created_at = Timestamp::from_micros(0);
    room.epoch = Epoch::from("");
    room
}

fn plain_member(mut member: Member) -> Member {
    member.joined_at = Timestamp::from_micros(0);
    member.muted_until = member.muted_until.map(|_| member.joined_at);
    member
}

fn plain_message(mut message: Message) -> Message {
    let none = Timestamp::from_micros(0);
    message.created_at = none;
    message.edited_at = message.edited_at.map(|_| none);
    message.deleted_at = message.deleted_at.map(|_| none);
    message
}

fn plain_shared(message: &Message) -> Arc<Message> {
    Arc::new(plain_message(message.clone()))
}

fn plain_report(report: Report) -> Report {
    let at = Timestamp::from_micros(0);
    let settled = report.settled.map(|settled| Settlement { at, ..settled });
    Report { at, settled, ..report }
}

fn plain_reacted(reacted: Reacted) -> Reacted {
    Reacted { at: Timestamp::from_micros(0), ..reacted }
}

fn plain_version(version: Version) -> Version {
    Version { replaced_at: Timestamp::from_micros(0), ..version }
}

fn plain_event(event: &Event) -> Event {
    let body = match event.body.clone() {
        EventBody::MessageCreated(message) => EventBody::MessageCreated(plain_shared(&message)),
        EventBody::MessageEdited(message) => EventBody::MessageEdited(plain_shared(&message)),
        EventBody::MessageDeleted(message) => EventBody::MessageDeleted(plain_shared(&message)),
        EventBody::MemberJoined(member) => EventBody::MemberJoined(plain_member(member)),
        EventBody::MemberLeft(member) => EventBody::MemberLeft(plain_member(member)),
        EventBody::MemberChanged(member) => EventBody::MemberChanged(plain_member(member)),
        body @ (EventBody::ReactionAdded(_)
        | EventBody::ReactionRemoved(_)
        | EventBody::MessagePinned(_)
        | EventBody::MessageUnpinned(_)
        | EventBody::MemberBanned(_)
        | EventBody::MemberUnbanned(_)
        | EventBody::RoomChanged(_)
        | EventBody::RoomDeleted) => body,
    };
    Event { at: Timestamp::from_micros(0), body, ..event.clone() }
}

fn plain_error(error: ChatError) -> ChatError {
    if let ChatError::Muted { .. } = error {
        return ChatError::Muted { until: Timestamp::from_micros(0) };
    }
    if let ChatError::TooManyRequests { .. } = error {
        return ChatError::TooManyRequests { retry_after: Duration::ZERO };
    }
    error
}

fn plain_outcome(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Room(room) => Outcome::Room(plain_room(room)),
        Outcome::Direct { room, made } => Outcome::Direct { room: plain_room(room), made },
        Outcome::Member { member, changed } => Outcome::Member { member: plain_member(member), changed },
        Outcome::Message { message, repeated } => {
            Outcome::Message { message: plain_shared(&message), repeated }
        }
        outcome @ (Outcome::Reaction { .. } | Outcome::Pin { .. } | Outcome::Ban { .. }) => outcome,
    }
}

fn is_shown(message: &Message) -> bool {
    message.deleted_at.is_none() && !message.withheld
}

/// Everything that a store shows.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    rooms: Vec<Option<(Room, Option<Role>)>>,
    members: Vec<Vec<Member>>,
    messages: Vec<Vec<Message>>,
    versions: Vec<Vec<Version>>,
    reacted: Vec<Vec<Reacted>>,
    threads: Vec<(Vec<Profile>, bool)>,
    logs: Vec<Vec<Event>>,
    listed: Vec<Vec<RoomId>>,
    /// What another user is shown.
    others: Vec<(Vec<Message>, Vec<Event>)>,
    blocks: Vec<Vec<UserId>>,
    bookmarks: Vec<BTreeMap<(RoomId, Offset), (Message, String)>>,
    audits: Vec<Vec<Event>>,
    bans: Vec<Vec<Ban>>,
    pins: Vec<Vec<(Offset, Message, Profile)>>,
    /// What waits, and what is settled.
    reports: Vec<[Vec<Report>; 2]>,
    /// Each user's rooms by their activity, and the marks that count as read there.
    inboxes: Vec<BTreeMap<RoomId, (ReadMark, Option<Message>)>>,
    readers: Vec<Vec<Profile>>,
    followed: Vec<BTreeMap<(RoomId, Offset), (Message, u64)>>,
    /// What each user finds.
    found: Vec<BTreeMap<(RoomId, Offset), Message>>,
}

async fn shown(store: &dyn RoomStore) -> Shown {
    let mut shown = Shown::default();
    for name in ROOMS {
        let room = room_id(name);
        let access = store.room(&room, profile(1).id).await.unwrap();
        let first = access.as_ref().map_or(Offset::START, |access| access.room.first);
        shown.rooms.push(access.map(|access| (plain_room(access.room), access.role)));
        let members = store.members(&room, None, 100).await.unwrap();
        shown.members.push(members.into_iter().map(plain_member).collect());
        let messages = store.messages(&room, profile(1).id, Range::Latest, 100).await.unwrap();
        for message in &messages {
            let alone = store.message(&room, profile(1).id, message.offset).await.unwrap();
            assert_eq!(alone.as_ref(), Some(message));
            let versions = store.versions(&room, message.offset, Offset::START, 100).await.unwrap();
            shown.versions.push(versions.into_iter().map(plain_version).collect());
            let root = message.root();
            let thread = store.thread(&room, profile(1).id, root).await.unwrap();
            let replies = store.replies(&room, profile(1).id, root, Range::Latest, 100).await.unwrap();
            if let Some(thread) = thread {
                let counted = message.thread.map_or((0, None), |it| (it.replies, Some(it.last_reply)));
                let live = replies.iter().filter(|reply| reply.deleted_at.is_none()).count() as u64;
                assert_eq!(counted, (live, replies.last().map(|reply| reply.offset)), "a recount");
                assert_eq!(thread.message.thread, message.thread);
                shown.threads.push((thread.participants, thread.following));
            } else {
                assert!(root < first);
                assert_eq!(message.thread, message.rootless());
            }
            let readers = store.readers(message, None, 100).await.unwrap();
            shown.readers.push(readers);
            for ReactionCount { reaction, count, mine } in &message.reactions {
                let all = Offset::START;
                let reacted = store.reacted(&room, message.offset, reaction, all, 100).await.unwrap();
                assert_eq!(reacted.len() as u64, *count);
                assert_eq!(reacted.iter().any(|one| one.user == profile(1)), *mine);
                shown.reacted.push(reacted.into_iter().map(plain_reacted).collect());
            }
        }
        let other = profile(2).id;
        let seen = store.messages(&room, other, Range::Latest, 100).await.unwrap();
        let log = store.log(&room, Some(other), Range::After(Offset::START), 100).await.unwrap();
        let events = log.map(|log| log.events).unwrap_or_default();
        shown.others.push((
            seen.into_iter().map(plain_message).collect(),
            events.iter().map(|event| plain_event(event)).collect(),
        ));
        shown.messages.push(messages.into_iter().map(plain_message).collect());
        let mut pins: Vec<Pin> = Vec::new();
        // In pages, so that the cursor is tried too.
        loop {
            let before = pins.last().map_or(Offset::MAX, |pin| pin.offset);
            let page = store.pins(&room, profile(1).id, before, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            pins.extend(page);
        }
        let plain = |pin: Pin| (pin.offset, plain_message(pin.message), pin.by);
        shown.pins.push(pins.into_iter().map(plain).collect());
        shown.bans.push(store.bans(&room, None, 100).await.unwrap());
        let mut reports = [vec![], vec![]];
        for (settled, reports) in [false, true].into_iter().zip(&mut reports) {
            // One by one, so that the cursor is tried too.
            while let next = store
                .reports(&room, profile(1).id, settled, reports.last().map(Report::cursor), 1)
                .await
                .unwrap()
                && let Some(Reported { report, message }) = next.into_iter().next()
            {
                assert_eq!((&message.room, message.offset), (&report.room, report.message));
                reports.push(report);
            }
        }
        shown.reports.push(reports.map(|reports| {
            // What was reported at one moment by one store, was at two by the other.
            let key = |report: &Report| (report.message, report.reporter.as_ref().map(|user| user.id));
            let mut reports: Vec<_> = reports.into_iter().map(plain_report).collect();
            reports.sort_by_key(key);
            reports
        }));
        let audit = store.audit(&room, Offset::MAX, 100).await.unwrap();
        shown.audits.push(audit.iter().map(|event| plain_event(event)).collect());
        shown.logs.push(whole_log(store, name).await.iter().map(|event| plain_event(event)).collect());
    }
    for user in 1..5 {
        let blocks = store.blocks(profile(user).id, None, 100).await.unwrap();
        shown.blocks.push(blocks.into_iter().map(|block| block.user.id).collect());
        let mut bookmarks: Vec<Bookmark> = Vec::new();
        loop {
            let after = bookmarks.last().map(Bookmark::cursor);
            let page = store.bookmarks(profile(user).id, after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            bookmarks.extend(page);
        }
        assert!(bookmarks.is_sorted_by_key(|one| std::cmp::Reverse(one.at)));
        let place = |one: &Bookmark| (one.message.room.clone(), one.message.offset);
        let plain = |one: Bookmark| (place(&one), (plain_message(one.message), one.note));
        shown.bookmarks.push(bookmarks.into_iter().map(plain).collect());
        let mut inbox = Vec::new();
        // In pages, so that the cursor is tried too.
        loop {
            let last: Option<&InboxRoom> = inbox.last();
            let after = last.map(|one| InboxCursor { active_at: one.active_at, room: one.mark.room.clone() });
            let page = store.inbox(profile(user).id, after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            inbox.extend(page);
        }
        assert!(inbox.is_sorted_by_key(|one| (std::cmp::Reverse(one.active_at), one.mark.room.clone())));
        for InboxRoom { mark, last, .. } in &inbox {
            let after = Range::After(mark.offset);
            let unread = store.messages(&mark.room, profile(user).id, after, usize::MAX).await.unwrap();
            let counts = |message: &&Message| is_shown(message) && message.sender.id != profile(user).id;
            assert_eq!(mark.unread, unread.iter().filter(counts).count() as u64, "a recount");
            let calls =
                |message: &&Message| message.mentions.as_ref().is_some_and(|it| it.calls(profile(user).id));
            let called = unread.iter().filter(counts).filter(calls).count();
            assert_eq!(mark.mentions, called as u64, "a recount");
            let all = store.messages(&mark.room, profile(user).id, Range::Latest, 100).await.unwrap();
            assert_eq!(last.as_ref(), all.iter().rfind(|message| is_shown(message)));
        }
        let inbox =
            inbox.into_iter().map(|one| (one.mark.room.clone(), (one.mark, one.last.map(plain_message))));
        shown.inboxes.push(inbox.collect());
        let mut followed: Vec<FollowedThread> = Vec::new();
        loop {
            let after = followed.last().map(FollowedThread::cursor);
            let page = store.followed(profile(user).id, after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            followed.extend(page);
        }
        assert!(followed.is_sorted_by_key(|one| std::cmp::Reverse(one.active_at)));
        let place = |one: &FollowedThread| (one.message.room.clone(), one.message.offset);
        let listed: BTreeMap<_, _> = followed.into_iter().map(|one| (place(&one), one)).collect();
        let plain = |one: FollowedThread| (plain_message(one.message), one.unread);
        shown.followed.push(listed.into_iter().map(|(place, one)| (place, plain(one))).collect());
        for (query, with_attachment) in [("word", false), ("@u* -room", false), ("word", true)] {
            let query = Query::parse(query).unwrap();
            let (room, sender, after, before, order, cursor) = Default::default();
            let search = Search { query, room, sender, after, before, with_attachment, order, cursor };
            let page = store.search(profile(user).id, &search, 200).await.unwrap();
            assert_eq!(page.next, None);
            let found = page.found.into_iter().map(|found| found.message);
            shown.found.push(found.map(|it| ((it.room.clone(), it.offset), plain_message(it))).collect());
        }
        for filter in [RoomFilter::Public, RoomFilter::Mine] {
            let rooms = store.rooms(profile(user).id, filter, None, 100).await.unwrap();
            shown.listed.push(rooms.into_iter().map(|access| access.room.id).collect());
        }
    }
    shown
}

/// What follows from the logs alone must be what the store shows; where their beginnings were removed, from what was published
/// then.
fn assert_is_fold(shown: &Shown, published: &[Arc<Event>]) {
    for (index, log) in shown.logs.iter().enumerate() {
        let first = shown.rooms[index].as_ref().map_or(Offset::START, |(room, _)| room.first);
        let removed = published.iter().filter(|event| event.room.as_str() == ROOMS[index]);
        let removed = removed.filter(|event| event.offset < first);
        let removed: Vec<_> = removed.map(|event| plain_event(&event.told_from(first))).collect();
        let mut members: BTreeMap<UserId, Member> = BTreeMap::new();
        let mut messages: BTreeMap<Offset, Message> = BTreeMap::new();
        let mut threads: BTreeMap<Offset, Thread> = BTreeMap::new();
        let mut counts: BTreeMap<Offset, BTreeMap<Reaction, u64>> = BTreeMap::new();
        let mut bans: BTreeMap<UserId, Ban> = BTreeMap::new();
        let mut pins: BTreeMap<Offset, (Offset, Profile)> = BTreeMap::new();
        let mut renamed = None;
        for (place, event) in log.iter().enumerate() {
            assert_eq!(event.offset.get(), place as u64 + first.get(), "no gap");
        }
        for event in removed.iter().chain(log) {
            if event.message().is_some_and(|message| message.offset < first) {
                continue;
            }
            match &event.body {
                EventBody::MemberJoined(member) | EventBody::MemberChanged(member) => {
                    members.insert(member.user.id, member.clone());
                }
                EventBody::MemberLeft(member) => drop(members.remove(&member.user.id)),
                EventBody::MessageCreated(message)
                | EventBody::MessageEdited(message)
                | EventBody::MessageDeleted(message) => {
                    let thread = message.thread.filter(|thread| thread.root >= first);
                    threads.extend(thread.map(|thread| (thread.root, thread)));
                    messages.insert(
                        message.offset,
                        message.as_ref().clone().seen_by(profile(1).id, Timestamp::from_micros(0)),
                    );
                    if message.deleted_at.is_some() {
                        counts.remove(&message.offset);
                        pins.remove(&message.offset);
                    }
                }
                EventBody::ReactionAdded(reacting) | EventBody::ReactionRemoved(reacting) => {
                    let of_message = counts.entry(reacting.message).or_default();
                    of_message.insert(reacting.reaction.clone(), reacting.count);
                    of_message.retain(|_, count| *count > 0);
                }
                EventBody::MessagePinned(message) => {
                    pins.insert(*message, (event.offset, event.actor.clone()));
                }
                EventBody::MessageUnpinned(message) => drop(pins.remove(message)),
                EventBody::MemberBanned(ban) => drop(bans.insert(ban.user.id, ban.clone())),
                EventBody::MemberUnbanned(user) => drop(bans.remove(&user.id)),
                EventBody::RoomChanged(state) => renamed = Some(state.clone()),
                EventBody::RoomDeleted => panic!("a deleted room shows no log"),
            }
        }
        assert_eq!(shown.members[index], members.values().cloned().collect::<Vec<_>>());
        // What has its own events is not said by those of the message.
        let alone = |message: &Message| Message { reactions: Vec::new(), thread: None, ..message.clone() };
        let said: Vec<_> = messages.values().map(alone).collect();
        assert_eq!(shown.messages[index].iter().map(alone).collect::<Vec<_>>(), said);
        for message in &shown.messages[index] {
            let alone = message.rootless().filter(|thread| thread.root < first);
            assert_eq!(message.thread, threads.get(&message.root()).copied().or(alone));
        }
        for message in shown.messages[index].iter().filter(|message| !message.withheld) {
            let shown: BTreeMap<_, _> =
                message.reactions.iter().map(|one| (one.reaction.clone(), one.count)).collect();
            assert_eq!(shown, counts.remove(&message.offset).unwrap_or_default());
        }
        pins.retain(|message, _| *message >= first);
        let mut pins: Vec<_> =
            pins.into_iter().map(|(message, (at, by))| (at, messages[&message].clone(), by)).collect();
        pins.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        assert!(pins.len() <= 3, "no more than may be pinned");
        let listed = shown.pins[index].iter();
        let listed: Vec<_> = listed.map(|(at, message, by)| (*at, alone(message), by.clone())).collect();
        assert_eq!(listed, pins.iter().map(|(at, it, by)| (*at, alone(it), by.clone())).collect::<Vec<_>>());
        assert_eq!(shown.bans[index], bans.into_values().collect::<Vec<_>>());
        let acts =
            log.iter().rev().chain(removed.iter().rev()).filter(|event| event.is_moderation()).cloned();
        assert_eq!(shown.audits[index], acts.collect::<Vec<_>>());
        let Some((room, _)) = &shown.rooms[index] else { continue };
        assert_eq!(room.offset.next().get(), first.get() + log.len() as u64);
        assert_eq!(room.member_count, members.len() as u64);
        let owners: Vec<_> = members.values().filter(|member| member.role == Role::Owner).collect();
        let owner = (room.kind != RoomKind::Direct).then_some(room.owner);
        assert_eq!(owners.iter().map(|owner| owner.user.id).collect::<Vec<_>>(), Vec::from_iter(owner));
        if let Some(renamed) = renamed {
            let state = RoomState {
                name: room.name.clone(),
                topic: room.topic.clone(),
                kind: room.kind,
                read_only: room.read_only,
                slow_seconds: room.slow_seconds,
                expire_seconds: room.expire_seconds,
                retention_seconds: room.retention_seconds,
                filter: room.filter.as_ref().map(|filter| filter.action()),
            };
            assert_eq!(state, renamed);
        }
    }
}

/// All that any call shows of messages, with what it shows of their former selves.
async fn all_messages(store: &dyn RoomStore) -> Vec<Message> {
    let mut all = Vec::new();
    for name in ROOMS {
        let room = room_id(name);
        for viewer in [profile(1).id, profile(2).id] {
            let messages = store.messages(&room, viewer, Range::Latest, 100).await.unwrap();
            for message in &messages {
                all.extend(store.message(&room, viewer, message.offset).await.unwrap());
                let thread = store.thread(&room, viewer, message.root()).await.unwrap();
                all.extend(thread.map(|thread| thread.message));
                all.extend(store.replies(&room, viewer, message.root(), Range::Latest, 100).await.unwrap());
            }
            all.extend(messages);
            let pins = store.pins(&room, viewer, Offset::MAX, 100).await.unwrap();
            all.extend(pins.into_iter().map(|pin| pin.message));
            let log = store.log(&room, Some(viewer), Range::After(Offset::START), 100).await.unwrap();
            let events = log.map(|log| log.events).unwrap_or_default();
            all.extend(events.iter().filter_map(|event| event.message().cloned()));
        }
        let events = whole_log(store, name).await;
        let acts = store.audit(&room, Offset::MAX, 100).await.unwrap();
        all.extend(events.iter().chain(&acts).filter_map(|event| event.message().cloned()));
    }
    for user in 1..5 {
        let inbox = store.inbox(profile(user).id, None, 100).await.unwrap();
        all.extend(inbox.into_iter().filter_map(|one| one.last));
        let followed = store.followed(profile(user).id, None, 100).await.unwrap();
        all.extend(followed.into_iter().map(|one| one.message));
    }
    all
}

/// Nobody is shown what a message says whose time is over, whether or not it was ended, nor a quote or a version of it.
async fn assert_hidden(
    store: &dyn RoomStore,
    expires: &BTreeMap<(RoomId, Offset), Timestamp>,
    now: Timestamp,
) {
    for message in all_messages(store).await {
        let place = (message.room.clone(), message.offset);
        if expires.get(&place).is_some_and(|at| *at <= now) {
            let left =
                (&*message.text, message.data, message.quote.clone(), message.mentions, message.reactions);
            assert_eq!(left, ("", None, None, None, vec![]), "{place:?}");
            assert!(message.deleted_at.is_some());
        }
        let answered = message.reply_to.map(|answered| (message.room.clone(), answered));
        if answered.is_some_and(|answered| expires.contains_key(&answered)) {
            assert!(message.quote.is_none_or(|quote| quote.text.is_empty()));
        }
    }
    for (room, offset) in expires.keys() {
        assert_eq!(store.versions(room, *offset, Offset::START, 100).await.unwrap(), []);
    }
}

/// When the messages expire that were sent so far.
fn expiring(world: &World) -> BTreeMap<(RoomId, Offset), Timestamp> {
    let published = world.published.0.lock().unwrap();
    let made = published.iter().filter_map(|event| event.created());
    made.filter_map(|made| Some(((made.room.clone(), made.offset), made.expires_at?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_answer_and_show_the_same(
        commands in commands(),
        marks in prop::collection::vec((1..5_i64, prop::sample::select(ROOMS.to_vec()), 1..30_u64, any::<bool>()), 1..9),
        together in 1..10_usize,
        steps in prop::collection::vec((0..12_u64, any::<bool>(), any::<bool>()), 1..9),
        retention in prop::option::of(Just(Duration::from_secs(30))),
        writers in 1..3_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            // Between rooms of several writers there is no order, on which this limit would depend.
            let rooms_per_user = if writers == 1 { 2 } else { 1000 };
            let limits = Limits {
                rooms_per_user,
                members_per_room: 4,
                reactions_per_message: 2,
                pins_per_room: 3,
                retention,
                ..Limits::default()
            };
            let clock = Clock::standing_at(Timestamp::now());
            let world = world_at(limits.clone(), writers, clock.clone());
            let memory = MemoryStore::new(limits, Arc::new(Published::default())).with_clock(clock.clone());
            let marks = marks.iter().cycle().zip(steps.iter().cycle());
            offer(&world, &memory).await;
            for (batch, (mark, step)) in commands.chunks(together).zip(marks) {
                let answers: Vec<_> = batch.iter().map(|command| world.store.submit(command.clone())).collect();
                for (command, answer) in batch.iter().zip(answers) {
                    let expected = memory.submit(command.clone()).await.map(plain_outcome);
                    let answer = answer.await.map(plain_outcome).map_err(plain_error);
                    assert_eq!(answer, expected.map_err(plain_error), "{command:?}");
                }
                let (user, room, at, back) = *mark;
                let (user, room, at) = (profile(user).id, room_id(room), offset(at));
                let marked = world.store.mark(&room, user, at, back).await;
                assert_eq!(marked, memory.mark(&room, user, at, back).await);
                // And somebody keeps a message, or no longer.
                for store in [&*world.store as &dyn RoomStore, &memory] {
                    let message = store.message(&room, user, at).await.unwrap();
                    if back && at.get() % 3 == 0 {
                        store.unbookmark(user, &room, at).await.unwrap();
                    } else if let Some(message) = message {
                        store.bookmark(user, &message, back.then(|| at.to_string())).await.unwrap();
                    }
                }
                // And time passes.
                let (seconds, ends, trims) = *step;
                clock.set(clock.now().after(Duration::from_secs(seconds)));
                let (now, expires) = (clock.now(), expiring(&world));
                for store in [&*world.store as &dyn RoomStore, &memory] {
                    assert_hidden(store, &expires, now).await;
                }
                if ends {
                    assert_eq!(world.store.expire(now).await, memory.expire(now).await);
                }
                // Somebody reports a message, or all reports of it are settled.
                let report = Report {
                    room: room.clone(),
                    message: at,
                    reporter: Some(profile(user.get())),
                    reason: String::new(),
                    text: String::new(),
                    at: Timestamp::now(),
                    settled: None,
                };
                let settlement = Settlement {
                    verdict: Verdict::Dismissed,
                    note: String::new(),
                    by: profile(1),
                    at: Timestamp::now(),
                };
                if back {
                    let settled = world.store.settle_reports(&room, at, settlement.clone()).await;
                    assert_eq!(settled, memory.settle_reports(&room, at, settlement).await);
                } else {
                    let plain = |(report, new)| (plain_report(report), new);
                    let kept = world.store.report(report.clone()).await.map(plain);
                    assert_eq!(kept, memory.report(report).await.map(plain));
                }
                if trims {
                    world.store.trim(now, true).await.unwrap();
                    memory.trim(now, true).await.unwrap();
                }
                // And somebody blocks somebody, or no longer.
                let block = Block { user: profile(at.get() as i64 % 4 + 1), at: Timestamp::from_micros(0) };
                for store in [&*world.store as &dyn RoomStore, &memory] {
                    if back {
                        store.unblock(user, block.user.id).await.unwrap();
                    } else {
                        store.block(user, block.clone()).await.unwrap();
                    }
                }
            }
            let (all, none) = (clock.now().after(Duration::from_secs(30)), expiring(&world));
            clock.set(all);
            for store in [&*world.store as &dyn RoomStore, &memory] {
                store.expire(all).await.unwrap();
                assert_hidden(store, &none, all).await;
            }
            let now = shown(&*world.store).await;
            assert_eq!(now, shown(&memory).await);
            assert_is_fold(&now, &world.published.0.lock().unwrap());
            let world = world.reopen();
            assert_eq!(shown(&*world.store).await, now, "after a restart");
        });
    }
}
