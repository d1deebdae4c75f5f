//! Attachments: which uploads a message may bring, who gets links, and when they are gone.

use chat_core::*;

use crate::support::*;

/// An upload of a user, offered to the store.
fn offer(world: &World, user: i64) -> UploadId {
    let id = UploadId::generate();
    let attachment = Attachment {
        id,
        name: "a.png".into(),
        media_type: "image/png".into(),
        size: 7,
        picture: None,
        thumbnail: None,
    };
    world.store.inner.offer(Upload { owner: profile(user).id, attachment });
    id
}

fn with(attachments: &[UploadId], words: &str) -> NewMessage {
    NewMessage { attachments: attachments.to_vec(), ..text(words) }
}

async fn room(world: &World, kind: RoomKind) -> RoomId {
    let room = room_id("r");
    world.chat.create_room(&profile(1), Some(room.clone()), new_room(kind)).await.unwrap();
    room
}

fn problem(error: ChatError) -> (&'static str, Problem) {
    let ChatError::Invalid(mut violations) = error else { panic!("{error}") };
    assert_eq!(violations.len(), 1);
    let Violation { field, problem } = violations.remove(0);
    (field, problem)
}

#[tokio::test]
async fn a_message_brings_what_its_sender_has_uploaded_and_nobody_has() {
    let world = World::new(Limits { attachments_per_message: 2, ..Limits::default() });
    let room = room(&world, RoomKind::Public).await;
    let chat = &world.chat;
    let [one, two, three] = [(); 3].map(|()| offer(&world, 1));
    let (sent, _) = chat.send(&profile(1), &room, with(&[two, one], "")).await.unwrap();
    let ids = |message: &Message| message.attachments.iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!((ids(&sent), sent.text.as_str()), (vec![two, one], ""));
    let send = async |message| chat.send(&profile(1), &room, message).await.map_err(problem).unwrap_err();
    assert!(matches!(send(with(&[one], "x")).await, ("attachments", Problem::Unknown { .. })), "it has one");
    let foreign = offer(&world, 2);
    assert!(matches!(send(with(&[foreign], "x")).await, ("attachments", Problem::Unknown { .. })));
    assert!(matches!(
        send(with(&[UploadId::generate()], "x")).await,
        ("attachments", Problem::Unknown { .. })
    ));
    assert!(matches!(send(with(&[three, three], "x")).await, ("attachments", Problem::Malformed { .. })));
    let many = [UploadId::generate(); 3];
    assert!(matches!(send(with(&many, "x")).await, ("attachments", Problem::Count { most: 2, .. })));
    let absurd = vec![UploadId::generate(); 1000];
    assert!(matches!(send(with(&absurd, "x")).await, ("attachments", Problem::Count { most: 2, .. })));
    assert_eq!(send(text("")).await, ("text", Problem::Empty));
    let (sent, _) = chat.send(&profile(1), &room, with(&[three], "x")).await.unwrap();
    assert_eq!(ids(&sent), [three], "none of the refusals has taken it");
}

#[tokio::test]
async fn a_repeated_send_is_the_first_ones_message_whatever_it_brings() {
    let world = World::new(Limits::default());
    let room = room(&world, RoomKind::Public).await;
    let [one, two] = [(); 2].map(|()| offer(&world, 1));
    let named =
        |uploads: &[UploadId]| NewMessage { client_id: Some("c".parse().unwrap()), ..with(uploads, "x") };
    let first = world.chat.send(&profile(1), &room, named(&[one])).await.unwrap();
    for again in [[one], [two]] {
        let (message, repeated) = world.chat.send(&profile(1), &room, named(&again)).await.unwrap();
        assert_eq!((message, repeated), (first.0.clone(), true));
    }
    world.chat.send(&profile(1), &room, with(&[two], "")).await.unwrap();
}

#[tokio::test]
async fn an_edit_leaves_them_and_a_deletion_takes_them() {
    let world = World::new(Limits::default());
    let room = room(&world, RoomKind::Public).await;
    let (chat, ann) = (&world.chat, profile(1));
    let upload = offer(&world, 1);
    let sent = chat.send(&ann, &room, with(&[upload], "x")).await.unwrap().0.offset;
    let bare = chat.send(&ann, &room, text("x")).await.unwrap().0.offset;
    let empty = MessageChanges { text: String::new(), data: None };
    let (edited, _) = chat.edit(&ann, &room, sent, empty.clone()).await.unwrap();
    assert_eq!((edited.attachments.len(), edited.text.as_str()), (1, ""));
    assert_eq!(problem(chat.edit(&ann, &room, bare, empty).await.unwrap_err()), ("text", Problem::Empty));
    chat.delete(&ann, &room, sent).await.unwrap();
    let log = chat.log(&ann, &room, Range::After(Offset::START), 100).await.unwrap();
    for message in log.events.iter().filter_map(|event| event.message()) {
        assert_eq!(message.attachments, [], "not even where it was sent");
    }
}

/// Gives links that say what they lead to.
struct Links;

impl FileLinks for Links {
    fn link(&self, upload: UploadId, variant: Variant) -> Option<FileLink> {
        Some(FileLink { url: format!("{upload} {variant:?}"), expires_at: Timestamp::from_micros(1) })
    }
}

#[tokio::test]
async fn a_link_is_for_those_who_may_read_the_message_now() {
    let world = World::new(Limits::default());
    let room = room(&world, RoomKind::Private).await;
    let chat = &world.chat;
    let upload = offer(&world, 1);
    let sent = chat.send(&profile(1), &room, with(&[upload], "")).await.unwrap().0.offset;
    let nothing = chat.attachment_link(&profile(1), &room, sent, upload, Variant::Original).await;
    assert_eq!(nothing.unwrap_err(), ChatError::AttachmentNotFound, "no files are kept");

    let hub = std::sync::Arc::new(Hub::new(Limits::default()));
    let store = world.store.clone();
    let chat = Chat::new(store, std::sync::Arc::new(NoDirectory), hub, Limits::default());
    let chat = chat.with_files(std::sync::Arc::new(Links));
    let link = async |user, at, upload, variant| {
        chat.attachment_link(&profile(user), &room, at, upload, variant).await
    };
    let given = link(1, sent, upload, Variant::Original).await.unwrap();
    assert_eq!(given.url, format!("{upload} Original"));
    let refused = link(1, sent, upload, Variant::Thumbnail).await.unwrap_err();
    assert!(matches!(problem(refused), ("variant", Problem::Unknown { .. })));
    let other = UploadId::generate();
    assert_eq!(link(1, sent, other, Variant::Original).await.unwrap_err(), ChatError::AttachmentNotFound);
    assert_eq!(
        link(1, Offset::MAX, upload, Variant::Original).await.unwrap_err(),
        ChatError::MessageNotFound
    );
    assert_eq!(link(2, sent, upload, Variant::Original).await.unwrap_err(), ChatError::RoomNotFound);
    world.chat.invite(&profile(1), &room, profile(2).id, Role::Reader).await.unwrap();
    link(2, sent, upload, Variant::Original).await.unwrap();
    world.chat.remove(&profile(1), &room, profile(2).id).await.unwrap();
    assert_eq!(link(2, sent, upload, Variant::Original).await.unwrap_err(), ChatError::RoomNotFound);
    world.chat.delete(&profile(1), &room, sent).await.unwrap();
    assert_eq!(link(1, sent, upload, Variant::Original).await.unwrap_err(), ChatError::AttachmentNotFound);
}

#[tokio::test]
async fn a_blocked_users_files_are_not_shown_either() {
    let world = World::new(Limits::default());
    let chat = &world.chat;
    let id = chat.open_direct(&profile(1), &[profile(2).id]).await.unwrap().0.id;
    chat.block(&profile(2), profile(1).id).await.unwrap();
    let upload = offer(&world, 1);
    let sent = chat.send(&profile(1), &id, with(&[upload], "")).await.unwrap().0;
    assert_eq!(sent.attachments.len(), 1);
    let seen = chat.message(&profile(2), &id, sent.offset).await.unwrap();
    assert_eq!((seen.withheld, seen.attachments.len()), (true, 0));
    let refused = chat.attachment_link(&profile(2), &id, sent.offset, upload, Variant::Original).await;
    assert_eq!(refused.unwrap_err(), ChatError::AttachmentNotFound);
}
