//! Who is there, and what they say of themselves.

use chat_core::*;

use crate::rules::{Room, room};
use crate::support::*;

fn saying(text: &str) -> StatusChanges {
    StatusChanges { text: Some(text.into()), hidden: None }
}

fn hiding(hidden: bool) -> StatusChanges {
    StatusChanges { text: None, hidden: Some(hidden) }
}

impl Room {
    async fn presence(&self, viewer: i64, user: i64) -> UserPresence {
        self.world.chat.user_presence(&profile(viewer), profile(user).id).await.unwrap()
    }

    async fn here(&self) -> Vec<i64> {
        let here = self.world.chat.presence(&profile(1), &self.id).await.unwrap();
        here.iter().map(|one| one.user.id.get()).collect()
    }
}

#[tokio::test]
async fn those_with_connections_are_online_and_others_were_there_last() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let never = room.presence(1, 3).await;
    assert_eq!((never.availability, never.last_seen), (Availability::Offline, None));
    let (one, two) = (room.world.connect(3), room.world.connect(3));
    assert_eq!(room.presence(1, 3).await.availability, Availability::Online);
    chat.hub().disconnect(&one);
    assert_eq!(room.presence(1, 3).await.availability, Availability::Online);
    let before = Timestamp::now();
    chat.hub().disconnect(&two);
    chat.keep_last_seen().await;
    let gone = room.presence(1, 3).await;
    assert_eq!(gone.availability, Availability::Offline);
    assert!(gone.last_seen.unwrap() >= before);
    let unknown = chat.user_presence(&profile(1), profile(100).id).await;
    assert_eq!(unknown.unwrap_err(), ChatError::UserNotFound);
}

#[tokio::test]
async fn who_does_nothing_is_away() {
    let room = room(RoomKind::Public).await;
    let connection = |idle| Presence { client: String::new(), user: profile(3), idle };
    let availability = |idle: &[u64]| {
        let connections: Vec<_> = idle.iter().map(|idle| connection(*idle)).collect();
        room.world.chat.availability(&connections)
    };
    assert_eq!(availability(&[]), Availability::Offline);
    assert_eq!(availability(&[299]), Availability::Online);
    assert_eq!(availability(&[300, 1000]), Availability::Away);
    assert_eq!(availability(&[300, 0]), Availability::Online);
}

#[tokio::test(start_paused = true)]
async fn those_who_have_the_room_open_are_told_who_goes_away_and_comes_back() {
    let world = World::new(Limits { away_after: std::time::Duration::ZERO, ..Limits::default() });
    let id = world.chat.create_room(&profile(1), None, new_room(RoomKind::Public)).await.unwrap().id;
    let (other, own) = (world.connect(1), world.connect(2));
    for client in [&other, &own] {
        world.subscribe(client, &id).await.unwrap();
    }
    tokio::spawn(world.chat.clone().watch_presence());
    let told = frames(&other, 4).await;
    assert_eq!(told[3..], ["u2 is Away "]);
}

#[tokio::test]
async fn what_users_say_of_themselves_is_kept_and_told() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let (other, own) = (room.world.connect(4), room.world.connect(3));
    for client in [&other, &own] {
        room.world.subscribe(client, &room.id).await.unwrap();
    }
    let said = chat.set_status(&profile(3), saying("out for tea")).await.unwrap();
    assert_eq!((said.availability, said.text.as_str()), (Availability::Online, "out for tea"));
    assert_eq!(room.presence(1, 3).await, said);
    assert_eq!(frames(&other, 4).await[3..], ["u3 is Online out for tea"]);
    assert_eq!(chat.set_status(&profile(3), StatusChanges::default()).await.unwrap(), said);
    assert_eq!(chat.set_status(&profile(3), saying("")).await.unwrap().text, "");
    for wrong in ["x".repeat(101), "\u{202E}".to_owned(), " ".to_owned()] {
        let refused = chat.set_status(&profile(3), saying(&wrong)).await.unwrap_err();
        assert!(matches!(refused, ChatError::Invalid(wrong) if wrong[0].field == "status"));
    }
}

#[tokio::test]
async fn who_hides_is_seen_by_nobody_else() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let (other, own) = (room.world.connect(4), room.world.connect(3));
    for client in [&other, &own] {
        room.world.subscribe(client, &room.id).await.unwrap();
    }
    chat.set_status(&profile(3), saying("busy")).await.unwrap();
    let hidden = chat.set_status(&profile(3), hiding(true)).await.unwrap();
    assert_eq!((hidden.availability, hidden.hidden), (Availability::Online, true));
    let seen = room.presence(1, 3).await;
    let nothing = (Availability::Offline, "", None, false);
    assert_eq!((seen.availability, seen.text.as_str(), seen.last_seen, seen.hidden), nothing);
    assert_eq!(room.presence(3, 3).await, hidden);
    assert_eq!(room.here().await, [4]);
    // Another device of theirs comes and goes unseen.
    let third = room.world.connect(3);
    room.world.subscribe(&third, &room.id).await.unwrap();
    chat.hub().disconnect(&third);
    chat.set_status(&profile(3), saying("unheard")).await.unwrap();
    chat.set_status(&profile(3), hiding(false)).await.unwrap();
    let told = frames(&other, 7).await;
    assert_eq!(told[3..], ["u3 is Online busy", "left u3", "joined u3", "u3 is Online unheard"]);
    let mut here = room.here().await;
    here.sort_unstable();
    assert_eq!(here, [3, 4]);
}
