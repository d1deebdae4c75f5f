//! Bookmarks.

use chat_core::*;

use crate::rules::{Room, room, room_with};
use crate::support::*;

impl Room {
    async fn bookmark(&self, user: i64, message: Offset, note: Option<&str>) -> Result<bool, ChatError> {
        let note = note.map(Into::into);
        self.world.chat.bookmark(&profile(user), &self.id, message, note).await.map(|(_, new)| new)
    }

    async fn bookmarks(&self, user: i64) -> Vec<(Offset, String, String)> {
        let bookmarks = self.world.chat.bookmarks(&profile(user), None, 100).await.unwrap();
        bookmarks.into_iter().map(|one| (one.message.offset, one.message.text, one.note)).collect()
    }
}

fn kept(message: Offset, text: &str, note: &str) -> (Offset, String, String) {
    (message, text.to_owned(), note.to_owned())
}

#[tokio::test]
async fn bookmarks_are_ones_own_with_the_note_that_was_given_last() {
    let room = room(RoomKind::Public).await;
    let one = room.send(3, text("one")).await.unwrap().0.offset;
    let two = room.send(3, text("two")).await.unwrap().0.offset;
    assert_eq!(room.bookmark(5, one, Some("n")).await, Ok(true), "whoever may read may keep");
    assert_eq!(room.bookmark(5, two, None).await, Ok(true));
    assert_eq!(room.bookmarks(5).await, [kept(two, "two", ""), kept(one, "one", "n")]);
    assert_eq!(room.bookmark(5, one, None).await, Ok(false));
    assert_eq!(room.bookmarks(5).await[1], kept(one, "one", "n"));
    assert_eq!(room.bookmark(5, one, Some("")).await, Ok(false));
    assert_eq!(room.bookmarks(5).await[1], kept(one, "one", ""));
    assert_eq!(room.bookmarks(1).await, []);
    room.world.chat.delete(&profile(3), &room.id, two).await.unwrap();
    assert_eq!(room.bookmarks(5).await[0], kept(two, "", ""), "of a deleted message its place");
    for _ in 0..2 {
        room.world.chat.unbookmark(&profile(5), &room.id, two).await.unwrap();
    }
    assert_eq!(room.bookmarks(5).await, [kept(one, "one", "")]);
}

#[tokio::test]
async fn what_one_may_no_longer_read_is_kept_and_left_out() {
    let room = room(RoomKind::Private).await;
    let message = room.send(3, text("hi")).await.unwrap().0.offset;
    assert_eq!(room.bookmark(5, message, None).await, Err(ChatError::RoomNotFound));
    room.bookmark(3, message, None).await.unwrap();
    room.remove(1, 3).await.unwrap();
    assert_eq!(room.bookmarks(3).await, []);
    room.world.chat.invite(&profile(1), &room.id, profile(3).id, Role::Reader).await.unwrap();
    assert_eq!(room.bookmarks(3).await.len(), 1);
    let public = RoomChanges { kind: Some(RoomKind::Public), ..RoomChanges::default() };
    room.world.chat.change_room(&profile(1), &room.id, public).await.unwrap();
    room.world.chat.ban(&profile(1), &room.id, profile(3).id, None, String::new()).await.unwrap();
    assert_eq!(room.bookmarks(3).await, []);
    room.world.chat.unban(&profile(1), &room.id, profile(3).id).await.unwrap();
    assert_eq!(room.bookmarks(3).await.len(), 1);
    room.world.chat.delete_room(&profile(1), &room.id).await.unwrap();
    assert_eq!(room.bookmarks(3).await, []);
}

#[tokio::test]
async fn bookmarks_are_bounded_in_number_and_length() {
    let limits = Limits { bookmarks_per_user: 1, bookmark_note_chars: 3, ..Limits::default() };
    let room = room_with(RoomKind::Public, limits).await;
    let one = room.send(3, text("one")).await.unwrap().0.offset;
    let two = room.send(3, text("two")).await.unwrap().0.offset;
    let long = ChatError::invalid("note", Problem::TooLong { limit: 3, unit: "characters" });
    assert_eq!(room.bookmark(3, one, Some("äöüx")).await, Err(long));
    assert_eq!(room.bookmark(3, one, Some("äöü")).await, Ok(true));
    let full = ChatError::LimitReached { what: "bookmarks", limit: 1 };
    assert_eq!(room.bookmark(3, two, None).await, Err(full));
    assert_eq!(room.bookmark(3, one, None).await, Ok(false));
    assert_eq!(room.bookmark(1, two, None).await, Ok(true), "each has their own");
    for nothing in [Offset::START, Offset::new(1).unwrap(), two.next()] {
        assert_eq!(room.bookmark(2, nothing, None).await, Err(ChatError::MessageNotFound));
    }
    room.world.chat.delete(&profile(3), &room.id, two).await.unwrap();
    assert_eq!(room.bookmark(2, two, None).await, Err(ChatError::MessageDeleted));
}

#[tokio::test]
async fn what_is_withheld_cannot_be_bookmarked() {
    let world = World::new(Limits::default());
    let id = world.chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
    world.chat.block(&profile(3), profile(1).id).await.unwrap();
    let room = Room { world, id };
    let message = room.send(1, text("secret")).await.unwrap().0.offset;
    assert_eq!(room.bookmark(3, message, None).await, Err(ChatError::MessageNotFound));
    assert_eq!(room.bookmark(1, message, None).await, Ok(true));
}
