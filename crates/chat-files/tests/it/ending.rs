//! How uploads end: their bytes with them, and never those of a message that stands.

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Longer than a removed upload stays known.
const GRACE: Duration = Duration::from_secs(301);

struct Nowhere;

impl Backplane for Nowhere {
    fn publish(&self, _: &[Arc<Event>]) {}

    fn behind(&self, _: &[RoomId]) {}
}

struct Room<'a> {
    world: &'a World,
    store: History,
    id: RoomId,
}

impl Room<'_> {
    async fn new(world: &World) -> Room<'_> {
        let store = History::new(world.db.clone(), Limits::default(), Arc::new(Nowhere));
        let room = Room { world, store, id: "r".parse().unwrap() };
        let new = NewRoom { name: "R".into(), topic: String::new(), kind: RoomKind::Public };
        room.submit(Action::CreateRoom(new)).await.unwrap();
        room
    }

    async fn submit(&self, action: Action) -> Result<Outcome, ChatError> {
        self.store.submit(Command { room: self.id.clone(), actor: profile(1), action }).await
    }

    async fn send(&self, uploads: &[UploadId]) -> Result<Arc<Message>, ChatError> {
        let message = NewMessage { attachments: uploads.to_vec(), ..NewMessage::default() };
        let outcome = self.submit(Action::Send { message, present: vec![] }).await?;
        let Outcome::Message { message, .. } = outcome else { panic!("{outcome:?}") };
        Ok(message)
    }

    async fn is_there(&self, upload: UploadId) -> bool {
        self.world.get(upload, Variant::Original).await.is_ok()
    }
}

#[tokio::test]
async fn what_no_message_takes_ends_with_its_term() {
    let world = World::new();
    let complete = world.put(1, "a", &[1; 25]).await.unwrap();
    let begun = world.files.create(user(1), "b", 50).await.unwrap();
    world.files.receive(user(1), begun.id, 0, body(&[2; 25])).await.unwrap();
    advance(DAY / 2);
    // Bytes that come, come with a new term.
    world.files.receive(user(1), begun.id, 25, body(&[2; 5])).await.unwrap();
    advance(DAY / 2);
    assert_eq!(world.files.upload(user(1), complete.id).await, Err(FilesError::NotFound));
    world.files.collect().await.unwrap();
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert_eq!(world.get(complete.id, Variant::Original).await, Err(FilesError::NotFound));
    assert_eq!(world.files.upload(user(1), begun.id).await.unwrap().offset, 30);
    assert_eq!(world.storage.count().await.unwrap(), 4, "those of the other one");
    advance(DAY);
    world.files.collect().await.unwrap();
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_a_message_has_stays_until_the_message_is_deleted() {
    let world = World::new();
    let room = Room::new(&world).await;
    let [one, two] =
        [world.put(1, "a", b"one").await.unwrap().id, world.put(1, "b", b"two").await.unwrap().id];
    let message = room.send(&[one, two]).await.unwrap();
    assert_eq!(message.attachments[0].name, "a");
    assert!(room.send(&[one]).await.is_err(), "one message alone");
    assert_eq!(world.files.remove(user(1), one).await, Err(FilesError::Attached));
    advance(DAY * 100);
    for _ in 0..2 {
        world.files.sweep().await.unwrap();
        world.files.collect().await.unwrap();
        advance(GRACE);
    }
    assert!(room.is_there(one).await && room.is_there(two).await);
    room.submit(Action::Delete { message: message.offset }).await.unwrap();
    assert!(!room.is_there(one).await && !room.is_there(two).await, "its links are dead at once");
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_sent_and_deleted_in_one_breath_is_found_too() {
    let world = World::new();
    let room = Room::new(&world).await;
    let upload = world.put(1, "a", b"one").await.unwrap().id;
    let (sent, deleted) = futures_util::future::join(
        room.send(&[upload]),
        room.submit(Action::Delete { message: Offset::new(2).unwrap() }),
    )
    .await;
    assert!(sent.is_ok() && deleted.is_ok());
    world.files.sweep().await.unwrap();
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_removes_a_message_its_files_are_found() {
    let world = World::new();
    let room = Room::new(&world).await;
    let mut uploads = Vec::new();
    for text in ["gone", "emptied", "stays"] {
        let upload = world.put(1, "a", text.as_bytes()).await.unwrap().id;
        uploads.push((upload, room.send(&[upload]).await.unwrap().offset));
    }
    let [(_, gone), (_, emptied), (stays, _)] = uploads[..] else { panic!() };
    world.run(&format!("DELETE FROM messages WHERE \"offset\" = {gone}")).await;
    world.run(&format!("UPDATE messages SET deleted_at = 1 WHERE \"offset\" = {emptied}")).await;
    world.files.sweep().await.unwrap();
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert!(room.is_there(stays).await);
    assert_eq!(world.storage.count().await.unwrap(), 1);
    // And with the room all of it, once it is purged.
    room.submit(Action::DeleteRoom).await.unwrap();
    while world.storage.count().await.unwrap() > 0 {
        // The purge goes on behind the deletion.
        tokio::task::yield_now().await;
        world.files.sweep().await.unwrap();
        advance(GRACE);
        world.files.collect().await.unwrap();
    }
}

#[tokio::test]
async fn bytes_that_nobody_counted_go_with_their_upload() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::over(FilesSettings::default(), Storage::disk(directory.path()).unwrap());
    let begun = world.files.create(user(1), "a", 10).await.unwrap();
    world.files.receive(user(1), begun.id, 0, body(b"12345")).await.unwrap();
    // As a process leaves it that is stopped between the bytes and the row.
    let id = begun.id.to_string();
    std::fs::write(directory.path().join(&id[..2]).join(&id).join("0123456789abcdef"), "lost").unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 2);
    world.files.remove(user(1), begun.id).await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 0);
    assert_eq!(world.files.upload(user(1), begun.id).await, Err(FilesError::NotFound));
    // As a call leaves it that had begun before the removal.
    std::fs::create_dir_all(directory.path().join(&id[..2]).join(&id)).unwrap();
    std::fs::write(directory.path().join(&id[..2]).join(&id).join("0123456789abcdef"), "late").unwrap();
    world.files.collect().await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 1, "not yet");
    advance(GRACE);
    world.files.collect().await.unwrap();
    assert_eq!(world.storage.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_message_and_the_collector_never_both_have_it() {
    let world = World::new();
    let room = Room::new(&world).await;
    for _ in 0..10 {
        let upload = world.put(1, "a", b"one").await.unwrap().id;
        advance(DAY);
        let (sent, collected) = futures_util::future::join(room.send(&[upload]), world.files.collect()).await;
        collected.unwrap();
        advance(GRACE);
        world.files.collect().await.unwrap();
        assert_eq!(sent.is_ok(), room.is_there(upload).await);
    }
}
