//! Messages, edited and deleted.

use std::sync::Arc;
use std::time::Duration;

use chat_core::rules::decide;
use chat_core::*;

use crate::rules::{Room, forbidden, room};
use crate::support::*;

fn saying(words: &str) -> MessageChanges {
    MessageChanges { text: words.into(), data: None }
}

impl Room {
    async fn edit(
        &self,
        user: i64,
        message: Offset,
        changes: MessageChanges,
    ) -> Result<Arc<Message>, ChatError> {
        Ok(self.world.chat.edit(&profile(user), &self.id, message, changes).await?.0)
    }

    async fn delete(&self, user: i64, message: Offset) -> Result<(), ChatError> {
        self.world.chat.delete(&profile(user), &self.id, message).await
    }

    async fn log(&self) -> Vec<Event> {
        let log = self.world.chat.log(&profile(1), &self.id, Range::After(Offset::START), 100).await;
        log.unwrap().events.iter().map(|event| Event::clone(event)).collect()
    }

    async fn end(&self) -> Offset {
        self.world.chat.room(&profile(1), &self.id).await.unwrap().room.offset
    }
}

#[tokio::test]
async fn authors_and_moderators_edit_and_others_do_not() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("first")).await.unwrap().0;
    let edited = room.edit(3, message.offset, saying("second")).await.unwrap();
    assert_eq!((edited.text.as_str(), edited.edited_at.is_some()), ("second", true));
    assert_eq!((edited.offset, edited.sender.id), (message.offset, profile(3).id));
    let edited = room.edit(2, message.offset, saying("third")).await.unwrap();
    assert_eq!((edited.text.as_str(), edited.sender.id), ("third", profile(3).id));
    assert_eq!(room.edit(4, message.offset, saying("x")).await.unwrap_err(), forbidden(Role::Moderator));
    assert_eq!(room.edit(5, message.offset, saying("x")).await.unwrap_err(), ChatError::NotAMember);
    room.set_role(1, 4, Role::Member).await.unwrap();
    assert_eq!(room.edit(4, message.offset, saying("x")).await.unwrap_err(), forbidden(Role::Moderator));
    room.remove(1, 3).await.unwrap();
    assert_eq!(room.edit(3, message.offset, saying("x")).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn history_and_log_show_what_stands_and_moderators_what_was() {
    let room = room(RoomKind::Public).await;
    let data = Some("[1]".to_owned());
    let sent = NewMessage { data: data.clone(), ..text("first") };
    let message = room.send(3, sent).await.unwrap().0.offset;
    room.edit(3, message, saying("second")).await.unwrap();
    room.edit(2, message, MessageChanges { text: "third".into(), data: Some("[2]".into()) }).await.unwrap();
    let kinds = |log: &[Event]| log.iter().skip(4).map(|event| event.body.kind()).collect::<Vec<_>>();
    let log = room.log().await;
    assert_eq!(kinds(&log), ["message.created", "message.edited", "message.edited"]);
    assert!(log.iter().filter_map(Event::message).all(|message| message.text == "third"));

    room.delete(3, message).await.unwrap();
    let log = room.log().await;
    assert_eq!(kinds(&log)[3], "message.deleted");
    let left: Vec<_> = log.iter().filter_map(Event::message).collect();
    assert_eq!(left.len(), 4);
    assert!(left.iter().all(|message| message.text.is_empty() && message.data.is_none()));
    assert!(left.iter().all(|message| message.deleted_at.is_some() && message.edited_at.is_none()));
    let shown = room.world.chat.message(&profile(4), &room.id, message).await.unwrap();
    assert_eq!(&shown, left[0]);

    let versions =
        async |user| room.world.chat.versions(&profile(user), &room.id, message, Offset::START, 10).await;
    let was = versions(2).await.unwrap();
    let said: Vec<_> =
        was.iter().map(|v| (v.text.as_str(), v.data.as_deref(), v.replaced_by.id.get())).collect();
    assert_eq!(said, [("first", Some("[1]"), 3), ("second", Some("[1]"), 2), ("third", Some("[2]"), 3)]);
    assert_eq!(
        was.iter().map(|version| version.offset).collect::<Vec<_>>(),
        log[5..].iter().map(|event| event.offset).collect::<Vec<_>>()
    );
    assert_eq!(versions(3).await.unwrap_err(), forbidden(Role::Moderator));
}

#[tokio::test]
async fn what_changes_nothing_is_no_event() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("first")).await.unwrap().0;
    assert_eq!(room.edit(3, message.offset, saying("first")).await.unwrap(), message);
    assert_eq!(room.end().await, message.offset);
    room.delete(3, message.offset).await.unwrap();
    room.delete(2, message.offset).await.unwrap();
    assert_eq!(room.end().await, message.offset.next());
}

#[tokio::test]
async fn what_is_no_message_or_deleted_is_not_edited_and_not_answered() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("first")).await.unwrap().0.offset;
    for nothing in [Offset::START, Offset::new(1).unwrap(), message.next(), Offset::MAX] {
        assert_eq!(room.edit(2, nothing, saying("x")).await.unwrap_err(), ChatError::MessageNotFound);
        assert_eq!(room.delete(2, nothing).await.unwrap_err(), ChatError::MessageNotFound);
    }
    let empty = ChatError::invalid("text", Problem::Empty);
    assert_eq!(room.edit(3, message, saying(" ")).await.unwrap_err(), empty);
    room.delete(3, message).await.unwrap();
    assert_eq!(room.edit(2, message, saying("x")).await.unwrap_err(), ChatError::MessageDeleted);
    let answer = NewMessage { reply_to: Some(message), ..text("x") };
    let unknown = ChatError::invalid("reply_to", Problem::Unknown { what: "message" });
    assert_eq!(room.send(3, answer).await.unwrap_err(), unknown);
}

#[tokio::test]
async fn versions_are_kept_only_where_that_is_wished() {
    let world = World::new(Limits { keep_versions: false, ..Limits::default() });
    let id = world.chat.create_room(&profile(1), None, new_room(RoomKind::Public)).await.unwrap().id;
    let message = world.chat.send(&profile(1), &id, text("first")).await.unwrap().0.offset;
    world.chat.edit(&profile(1), &id, message, saying("second")).await.unwrap();
    world.chat.delete(&profile(1), &id, message).await.unwrap();
    assert_eq!(world.chat.versions(&profile(1), &id, message, Offset::START, 10).await.unwrap(), []);
}

#[tokio::test]
async fn authors_have_a_while_and_moderators_all_the_time() {
    let room = room(RoomKind::Public).await;
    let message = room.send(3, text("first")).await.unwrap().0;
    let limits = Limits { edit_for: Duration::from_secs(60), ..Limits::default() };
    let (chat, id) = (&room.world.chat, &room.id);
    let members = chat.members(&profile(1), id, None, 10).await.unwrap();
    let standing = chat.room(&profile(1), id).await.unwrap().room;
    for action in [
        Action::Edit { message: message.offset, changes: saying("second"), present: vec![] },
        Action::Delete { message: message.offset },
    ] {
        for (user, seconds, too_late) in [(3, 60, false), (3, 61, true), (2, 10_000, false)] {
            let now = message.created_at.after(Duration::from_secs(seconds));
            let actor = members.iter().find(|member| member.user.id == profile(user).id);
            let facts = Facts { room: Some(&standing), actor, message: Some(&message), ..Facts::at(now) };
            let command = Command { room: id.clone(), actor: profile(user), action: action.clone() };
            let refused = decide(&command, facts, &limits).err();
            assert_eq!(refused, too_late.then_some(ChatError::TooLate { limit: limits.edit_for }));
        }
    }
}
