//! Replies, and the threads that they make.

use std::sync::Arc;

use chat_core::*;

use crate::rules::{Room, room};
use crate::support::*;

impl Room {
    async fn reply(&self, user: i64, to: Offset) -> Arc<Message> {
        self.send(user, NewMessage { reply_to: Some(to), ..text(&format!("to {to}")) }).await.unwrap().0
    }

    async fn thread(&self, user: i64, of: Offset) -> ThreadView {
        self.world.chat.thread(&profile(user), &self.id, of).await.unwrap()
    }
}

#[tokio::test]
async fn a_reply_to_a_reply_is_in_the_same_thread() {
    let room = room(RoomKind::Public).await;
    let root = room.send(1, text("hi")).await.unwrap().0.offset;
    let first = room.reply(2, root).await;
    let second = room.reply(3, first.offset).await;
    let other = room.send(3, text("else")).await.unwrap().0.offset;
    assert_eq!(second.thread, Some(Thread { root, replies: 2, last_reply: second.offset }));
    for message in [root, first.offset, second.offset] {
        assert_eq!(room.thread(1, message).await.message.thread, second.thread);
    }
    let thread = room.thread(1, root).await;
    assert_eq!(thread.participants.iter().map(|user| user.id.get()).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(room.thread(1, other).await.message.thread, None);
    let chat = &room.world.chat;
    let all = chat.replies(&profile(1), &room.id, second.offset, Range::Latest, 10).await.unwrap();
    assert_eq!(all.iter().map(|reply| reply.offset).collect::<Vec<_>>(), [first.offset, second.offset]);
    assert!(all.iter().all(|reply| reply.thread == second.thread));
}

#[tokio::test]
async fn a_quote_survives_what_it_quotes() {
    let room = room(RoomKind::Public).await;
    let long = "é".repeat(Quote::MAX_CHARS + 1);
    let root = room.send(3, text(&long)).await.unwrap().0.offset;
    let reply = room.reply(1, root).await;
    room.world.chat.delete(&profile(3), &room.id, root).await.unwrap();
    let quote = room.world.chat.message(&profile(1), &room.id, reply.offset).await.unwrap().quote.unwrap();
    assert_eq!((quote.sender.id, quote.text), (profile(3).id, format!("{}…", &long[2..])));
    room.world.chat.delete(&profile(1), &room.id, reply.offset).await.unwrap();
    let left = room.world.chat.message(&profile(1), &room.id, reply.offset).await.unwrap();
    assert_eq!((left.quote, left.reply_to), (None, Some(root)));
}

#[tokio::test]
async fn deleted_replies_are_not_counted_and_deleted_roots_keep_their_threads() {
    let room = room(RoomKind::Public).await;
    let root = room.send(1, text("hi")).await.unwrap().0.offset;
    let [first, second] = [room.reply(2, root).await.offset, room.reply(3, root).await.offset];
    let delete = async |message| room.world.chat.delete(&profile(1), &room.id, message).await.unwrap();
    delete(second).await;
    let after = Some(Thread { root, replies: 1, last_reply: second });
    assert_eq!(room.thread(1, root).await.message.thread, after);
    assert_eq!(room.thread(1, root).await.participants.len(), 1);
    delete(second).await;
    delete(root).await;
    assert_eq!(room.thread(1, root).await.message.thread, after);
    let third = room.reply(3, first).await;
    assert_eq!(third.thread, Some(Thread { root, replies: 2, last_reply: third.offset }));
}

#[tokio::test]
async fn who_takes_part_follows_and_whoever_wishes() {
    let room = room(RoomKind::Public).await;
    let root = room.send(1, text("hi")).await.unwrap().0.offset;
    room.reply(2, root).await;
    let follows = async |user| room.thread(user, root).await.following;
    assert_eq!((follows(1).await, follows(2).await, follows(4).await), (true, true, false));
    let follow = async |user, so| room.world.chat.follow(&profile(user), &room.id, root.next(), so).await;
    follow(4, true).await.unwrap();
    follow(1, false).await.unwrap();
    follow(1, false).await.unwrap();
    assert_eq!((follows(1).await, follows(4).await), (false, true));
    room.reply(2, root).await;
    assert!(!follows(1).await, "another's reply does not make one follow again");
    assert_eq!(follow(5, true).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn followed_threads_are_listed_by_their_last_replies_with_what_is_unread() {
    let room = room(RoomKind::Public).await;
    let chat = &room.world.chat;
    let mut roots = Vec::new();
    for words in ["one", "two", "three"] {
        roots.push(room.send(1, text(words)).await.unwrap().0.offset);
        room.reply(3, roots[roots.len() - 1]).await;
    }
    let last = room.reply(2, roots[0]).await;
    room.reply(1, roots[2]).await;
    let list = async |user: i64| {
        let followed = chat.followed(&profile(user), None, 10).await.unwrap();
        followed.iter().map(|one| (one.message.offset, one.unread)).collect::<Vec<_>>()
    };
    assert_eq!(list(1).await, [(roots[2], 1), (roots[0], 2), (roots[1], 1)], "one's own are not unread");
    assert_eq!(list(2).await, [(roots[0], 1)]);
    chat.mark_read(&profile(1), &room.id, last.offset).await.unwrap();
    assert_eq!(list(1).await, [(roots[2], 0), (roots[0], 0), (roots[1], 0)]);
    let first = chat.followed(&profile(1), None, 1).await.unwrap().remove(0);
    assert_eq!(chat.followed(&profile(1), Some(first.cursor()), 10).await.unwrap().len(), 2);
    room.remove(3, 3).await.unwrap();
    assert_eq!(list(3).await, [], "nothing of a room that one has left");
}
