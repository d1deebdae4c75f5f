//! Whom messages call.

use std::sync::Arc;

use chat_core::*;

use crate::rules::{Room, room};
use crate::support::*;

impl Room {
    async fn says(&self, user: i64, words: &str) -> Message {
        Arc::unwrap_or_clone(self.send(user, text(words)).await.unwrap().0)
    }

    /// How many unread messages there are, and how many of them call the user.
    async fn unread(&self, user: i64) -> (u64, u64) {
        let inbox = self.world.chat.inbox(&profile(user), None, 10).await.unwrap();
        (inbox[0].mark.unread, inbox[0].mark.mentions)
    }
}

fn users(message: &Message) -> Vec<i64> {
    message.mentions.iter().flat_map(|called| &called.users).map(|user| user.id.get()).collect()
}

#[tokio::test]
async fn members_are_called_by_their_names() {
    let room = room(RoomKind::Public).await;
    assert_eq!(users(&room.says(1, "@U3, @u2's @u3 mail@u4 @u5 @nobody").await), [3, 2], "5 is a stranger");
    assert_eq!(room.says(1, "no one @all").await.mentions, None);
    assert_eq!((room.unread(3).await, room.unread(4).await, room.unread(1).await), ((2, 1), (2, 0), (0, 0)));
    room.says(3, "me: @u3").await;
    assert_eq!(room.unread(3).await, (2, 1), "nobody is called by themselves");
    room.world.chat.join(&profile(5), &room.id).await.unwrap();
    assert_eq!(users(&room.says(1, "welcome, @u5").await), [5]);
    room.remove(5, 5).await.unwrap();
    assert_eq!(users(&room.says(1, "bye, @u5").await), [0; 0]);
}

#[tokio::test]
async fn counts_follow_edits_deletions_and_marks() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let first = room.says(1, "@u3").await.offset;
    let second = room.says(1, "@u4").await.offset;
    let edit = async |message, words: &str| {
        let changes = MessageChanges { text: words.into(), data: None };
        chat.edit(&profile(1), &room.id, message, changes).await.unwrap().0
    };
    let edited = edit(second, "@u3 in place of another").await;
    assert_eq!(users(&edited), [3]);
    assert_eq!((room.unread(3).await, room.unread(4).await), ((2, 2), (2, 0)));
    edit(first, "nobody").await;
    assert_eq!(room.unread(3).await, (2, 1));
    let mark = chat.mark_read(&profile(3), &room.id, second).await.unwrap();
    assert_eq!((mark.unread, mark.mentions), (0, 0));
    let mark = chat.mark_unread(&profile(3), &room.id, first).await.unwrap();
    assert_eq!((mark.unread, mark.mentions), (2, 1));
    chat.delete(&profile(1), &room.id, second).await.unwrap();
    assert_eq!(room.unread(3).await, (1, 0));
    let left = chat.message(&profile(1), &room.id, second).await.unwrap();
    assert_eq!(left.mentions, None);
}

#[tokio::test]
async fn moderators_call_all_or_those_who_are_there() {
    let room = room(RoomKind::Public).await;
    let there = room.world.connect(3);
    room.world.subscribe(&there, &room.id).await.unwrap();
    assert_eq!(room.says(3, "@room @here").await.mentions, None, "a member calls nobody");
    let all = room.says(2, "@room").await.mentions.unwrap();
    assert_eq!((all.room, all.here), (true, None));
    assert_eq!((room.unread(3).await.1, room.unread(4).await.1), (1, 1));
    let here = room.says(2, "anyone @here?").await;
    assert_eq!(here.mentions.as_ref().unwrap().here, Some(vec![profile(3).id]));
    assert_eq!((room.unread(3).await.1, room.unread(4).await.1), (2, 1));
    let changes = MessageChanges { text: "anyone @here at all?".into(), data: None };
    room.world.chat.hub().disconnect(&there);
    let edited = room.world.chat.edit(&profile(2), &room.id, here.offset, changes).await.unwrap().0;
    assert_eq!(edited.mentions, here.mentions, "those who were there stay called");
}

#[tokio::test]
async fn a_message_that_calls_those_who_are_there_keeps_its_place() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let first = chat.send(&profile(1), &room.id, text("@here"));
    let second = chat.send(&profile(1), &room.id, text("after it"));
    let (second, first) = (second.await.unwrap().0, first.await.unwrap().0);
    assert!(first.offset < second.offset);
}
