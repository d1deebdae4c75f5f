//! How far people have read.

use chat_core::*;

use crate::rules::room;
use crate::support::*;

#[tokio::test]
async fn marks_go_forward_and_back_only_when_told_to() {
    let room = room(RoomKind::Public).await;
    let (chat, id) = (&room.world.chat, &room.id);
    let mut sent = Vec::new();
    for n in 0..3 {
        sent.push(room.send(1, text(&n.to_string())).await.unwrap().0.offset);
    }
    room.send(3, text("own")).await.unwrap();
    let read = async |at| chat.mark_read(&profile(3), id, at).await.unwrap();
    let unread = async |at| chat.mark_unread(&profile(3), id, at).await.unwrap();
    let mark = |offset, unread| ReadMark { room: id.clone(), offset, unread, mentions: 0 };
    assert_eq!(read(sent[1]).await, mark(sent[1], 1), "one's own are not unread");
    assert_eq!(read(sent[0]).await, mark(sent[1], 1), "a late device takes nothing back");
    assert_eq!(unread(sent[1]).await, mark(sent[0], 2));
    assert_eq!(unread(sent[2]).await, mark(sent[0], 2));
    chat.delete(&profile(1), id, sent[2]).await.unwrap();
    assert_eq!(read(sent[0]).await, mark(sent[0], 1), "deleted ones are not unread");
    let beyond = ChatError::invalid("offset", Problem::Unknown { what: "event" });
    assert_eq!(chat.mark_read(&profile(3), id, Offset::MAX).await.unwrap_err(), beyond);
    assert_eq!(chat.mark_unread(&profile(3), id, Offset::START).await.unwrap_err(), beyond);
    assert_eq!(chat.mark_read(&profile(5), id, sent[0]).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn what_was_before_one_came_is_read_and_who_has_read_is_known() {
    let room = room(RoomKind::Public).await;
    let (chat, id) = (&room.world.chat, &room.id);
    let message = room.send(3, text("hi")).await.unwrap().0.offset;
    chat.join(&profile(5), id).await.unwrap();
    let inbox = chat.inbox(&profile(5), None, 10).await.unwrap();
    assert_eq!((inbox[0].mark.unread, inbox[0].last.as_ref().map(|last| last.offset)), (0, Some(message)));
    let readers = async |user| {
        let readers = chat.readers(&profile(user), id, message, None, 10).await?;
        Ok::<_, ChatError>(readers.iter().map(|user| user.id.get()).collect::<Vec<_>>())
    };
    assert_eq!(readers(3).await.unwrap(), [5]);
    chat.mark_read(&profile(1), id, message).await.unwrap();
    chat.mark_read(&profile(3), id, message).await.unwrap();
    assert_eq!(readers(4).await.unwrap(), [1, 5], "its sender is not told of");
    assert_eq!(readers(6).await.unwrap_err(), ChatError::NotAMember);
}

#[tokio::test]
async fn rooms_are_listed_by_their_last_messages() {
    let world = World::new(Limits::default());
    let (chat, one) = (&world.chat, profile(1));
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(chat.create_room(&one, Some(room_id(name)), new_room(RoomKind::Public)).await.unwrap().id);
    }
    let message = chat.send(&one, &ids[1], text("hi")).await.unwrap().0.offset;
    let listed = async || {
        let inbox = chat.inbox(&one, None, 10).await.unwrap();
        inbox.into_iter().map(|one| one.mark.room.to_string()).collect::<String>()
    };
    assert!(listed().await.starts_with('b'));
    chat.send(&one, &ids[0], text("ho")).await.unwrap();
    assert_eq!(listed().await, "abc");
    chat.react(&one, &ids[1], message, "👍".parse().unwrap()).await.unwrap();
    assert_eq!(listed().await, "abc", "a reaction is no message");
    let first = chat.inbox(&one, None, 1).await.unwrap().remove(0);
    let after = InboxCursor { active_at: first.active_at, room: first.mark.room };
    assert_eq!(chat.inbox(&one, Some(after), 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn ones_other_devices_are_told() {
    let room = room(RoomKind::Public).await;
    let message = room.send(1, text("hi")).await.unwrap().0.offset;
    let (own, others) = (room.world.connect(3), room.world.connect(4));
    let chat = &room.world.chat;
    for _ in 0..2 {
        chat.mark_read(&profile(3), &room.id, message).await.unwrap();
    }
    chat.mark_unread(&profile(3), &room.id, message).await.unwrap();
    chat.mark_read(&profile(4), &room.id, message).await.unwrap();
    let before = Offset::new(message.get() - 1).unwrap();
    let told = [format!("read r {message} 0"), format!("read r {before} 1")];
    assert_eq!(frames(&own, 2).await, told, "what changes nothing is not told");
    assert_eq!(frames(&others, 1).await, told[..1], "and others hear of their own alone");
}
