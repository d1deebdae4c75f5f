//! Reactions to messages.

use chat_core::*;

use crate::rules::{Room, forbidden, room};
use crate::support::*;

impl Room {
    async fn react(&self, user: i64, message: Offset, reaction: &str) -> Result<(u64, bool), ChatError> {
        let done =
            self.world.chat.react(&profile(user), &self.id, message, reaction.parse().unwrap()).await?;
        Ok((done.0.count, done.1))
    }

    async fn unreact(&self, user: i64, message: Offset, reaction: &str) -> Result<(u64, bool), ChatError> {
        let done =
            self.world.chat.unreact(&profile(user), &self.id, message, reaction.parse().unwrap()).await?;
        Ok((done.0.count, done.1))
    }

    async fn counts(&self, user: i64, message: Offset) -> Vec<(String, u64, bool)> {
        let message = self.world.chat.message(&profile(user), &self.id, message).await.unwrap();
        message.reactions.into_iter().map(|one| (one.reaction.to_string(), one.count, one.mine)).collect()
    }
}

fn count(reaction: &str, count: u64, mine: bool) -> (String, u64, bool) {
    (reaction.to_owned(), count, mine)
}

#[tokio::test]
async fn reactions_are_counted_once_for_each_user_and_seen_as_ones_own() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("hi")).await.unwrap().0.offset;
    assert_eq!(room.react(1, message, "👍").await.unwrap(), (1, true));
    assert_eq!(room.react(1, message, "👍").await.unwrap(), (1, false));
    assert_eq!(room.react(2, message, ":x:").await.unwrap(), (1, true));
    assert_eq!(room.react(3, message, "👍").await.unwrap(), (2, true));
    assert_eq!(room.counts(1, message).await, [count("👍", 2, true), count(":x:", 1, false)]);
    assert_eq!(room.counts(2, message).await, [count("👍", 2, false), count(":x:", 1, true)]);
    let reaction = "👍".parse().unwrap();
    let who = room.world.chat.reacted(&profile(4), &room.id, message, &reaction, Offset::START, 10).await;
    assert_eq!(who.unwrap().iter().map(|one| one.user.id.get()).collect::<Vec<_>>(), [1, 3]);

    assert_eq!(room.unreact(2, message, "👍").await.unwrap(), (2, false));
    assert_eq!(room.unreact(2, message, ":x:").await.unwrap(), (0, true));
    assert_eq!(room.unreact(1, message, "👍").await.unwrap(), (1, true));
    assert_eq!(room.counts(1, message).await, [count("👍", 1, false)]);
    room.world.chat.delete(&profile(3), &room.id, message).await.unwrap();
    assert_eq!(room.counts(1, message).await, []);
}

#[tokio::test]
async fn not_everything_can_be_reacted_to() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("hi")).await.unwrap().0.offset;
    for nothing in [Offset::START, Offset::new(1).unwrap(), message.next()] {
        assert_eq!(room.react(1, nothing, "👍").await.unwrap_err(), ChatError::MessageNotFound);
        assert_eq!(room.unreact(1, nothing, "👍").await.unwrap_err(), ChatError::MessageNotFound);
    }
    assert_eq!(room.react(4, message, "👍").await.unwrap_err(), forbidden(Role::Member));
    assert_eq!(room.react(5, message, "👍").await.unwrap_err(), ChatError::NotAMember);
    for n in 0..20 {
        room.react(1 + n % 3, message, &format!(":{n}:")).await.unwrap();
    }
    let full = ChatError::LimitReached { what: "different reactions to a message", limit: 20 };
    assert_eq!(room.react(1, message, "👍").await.unwrap_err(), full);
    assert_eq!(room.react(2, message, ":0:").await.unwrap(), (2, true), "one that is there is not another");
    room.world.chat.delete(&profile(3), &room.id, message).await.unwrap();
    assert_eq!(room.react(1, message, "👍").await.unwrap_err(), ChatError::MessageDeleted);
}
