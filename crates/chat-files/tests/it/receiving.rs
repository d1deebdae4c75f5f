//! Bytes on their way in.

use std::future::pending;

use futures_util::{FutureExt, StreamExt, future};
use proptest::prelude::*;

use super::*;

/// What a client does with the file that it has.
#[derive(Debug, Clone)]
enum Act {
    /// Sends this many bytes from where the server is.
    Go(usize),
    /// The same, and the connection is cut behind them.
    Cut(usize),
    /// Sends bytes from somewhere else.
    Stray(u64),
    /// The server is started again.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..40_usize).prop_map(Act::Go),
        2 => (0..40_usize).prop_map(Act::Cut),
        2 => (0..100_u64).prop_map(Act::Stray),
        1 => Just(Act::Restart),
    ]
}

/// Bytes behind which the connection breaks.
fn broken(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, ()>> + use<> {
    let piece = Bytes::copy_from_slice(bytes);
    stream::iter([Ok(piece), Err(())])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_the_bytes_come_the_file_is_the_same(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        acts in prop::collection::vec(act(), 0..20),
        part_bytes in 1..50_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::with(FilesSettings { part_bytes, ..FilesSettings::default() });
            let mut files = world.files.clone();
            let id = files.create(user(1), "a", bytes.len() as u64).await.unwrap().id;
            let mut at = 0;
            for act in acts.into_iter().chain([Act::Go(usize::MAX)]) {
                match act {
                    Act::Go(count) => {
                        let end = at + count.min(bytes.len() - at);
                        let kept = files.receive(user(1), id, at as u64, body(&bytes[at..end])).await.unwrap();
                        at = end;
                        assert_eq!(kept.offset, at as u64);
                    }
                    Act::Cut(count) => {
                        let end = at + count.min(bytes.len() - at);
                        let cut = files.receive(user(1), id, at as u64, broken(&bytes[at..end])).await;
                        at = end;
                        // All of it may have come before the cut.
                        assert_eq!(cut, Err(FilesError::Cut { offset: at as u64 }));
                    }
                    Act::Stray(offset) if offset == at as u64 => {}
                    Act::Stray(offset) => {
                        let stray = files.receive(user(1), id, offset, body(b"stray")).await;
                        assert_eq!(stray, Err(FilesError::WrongOffset { offset: at as u64 }));
                    }
                    Act::Restart => files = world.another(),
                }
                let shown = files.upload(user(1), id).await.unwrap();
                assert_eq!((shown.offset, shown.attachment.is_some()), (at as u64, at == bytes.len()));
            }
            assert_eq!(world.get(id, Variant::Original).await.unwrap(), bytes);
        });
    }
}

#[tokio::test]
async fn of_two_who_bring_the_same_bytes_one_is_told_where_to_go_on() {
    let world = World::new();
    let id = world.files.create(user(1), "a", 30).await.unwrap().id;
    let other = world.another();
    let (one, two) = future::join(
        world.files.receive(user(1), id, 0, body(&[1; 30])),
        other.receive(user(1), id, 0, body(&[2; 30])),
    )
    .await;
    let won = match (&one, &two) {
        (Ok(_), Err(FilesError::WrongOffset { .. })) => 1,
        (Err(FilesError::WrongOffset { .. }), Ok(_)) => 2,
        // Each was quicker once: whoever asks where it goes on, goes on.
        (Err(FilesError::WrongOffset { .. }), Err(FilesError::WrongOffset { .. })) => 0,
        _ => panic!("{one:?} {two:?}"),
    };
    let at = world.files.upload(user(1), id).await.unwrap().offset;
    if won > 0 {
        assert_eq!(world.get(id, Variant::Original).await.unwrap(), [won; 30]);
    } else {
        assert!(at < 30);
    }
    assert_eq!(world.storage.count().await.unwrap() as u64, at / 10, "the other's parts are gone");
}

#[tokio::test]
async fn what_came_is_kept_and_goes_on_in_another_process() {
    let directory = tempfile::tempdir().unwrap();
    let settings =
        FilesSettings { part_bytes: 4, stall: Duration::from_millis(1), ..FilesSettings::default() };
    let world = World::over(settings, Storage::disk(directory.path()).unwrap());
    let id = world.files.create(user(1), "a.txt", 11).await.unwrap().id;
    let stalled = body(b"hello ").chain(pending::<Result<Bytes, Infallible>>().into_stream());
    let cut = world.files.receive(user(1), id, 0, stalled).await;
    assert_eq!(cut, Err(FilesError::Cut { offset: 6 }));
    let storage = Storage::disk(directory.path()).unwrap();
    let files = Files::with_clock(world.db.clone(), storage, &KEY, world.settings.clone(), now).unwrap();
    let begun = files.upload(user(1), id).await.unwrap();
    assert_eq!((begun.offset, begun.size, begun.attachment), (6, 11, None));
    let done = files.receive(user(1), id, 6, body(b"world")).await.unwrap();
    assert_eq!(done.attachment.unwrap().media_type, "text/plain");
    assert_eq!(world.get(id, Variant::Original).await.unwrap(), b"hello world");
}

#[tokio::test]
async fn more_than_was_announced_is_refused() {
    let world = World::new();
    let id = world.files.create(user(1), "a", 12).await.unwrap().id;
    let refused = world.files.receive(user(1), id, 0, body(&[0; 13])).await;
    assert_eq!(refused, Err(FilesError::TooLarge { limit: 12 }));
    let at = world.files.upload(user(1), id).await.unwrap().offset;
    assert_eq!(at, 10, "the parts before are kept");
    world.files.receive(user(1), id, at, body(&[0; 2])).await.unwrap();
    let after = world.files.receive(user(1), id, 12, body(&[0; 1])).await;
    assert_eq!(after, Err(FilesError::TooLarge { limit: 12 }));
}

#[tokio::test]
async fn an_upload_is_its_users_alone() {
    let world = World::new();
    let id = world.files.create(user(1), "a", 3).await.unwrap().id;
    assert_eq!(world.files.upload(user(2), id).await, Err(FilesError::NotFound));
    assert_eq!(world.files.receive(user(2), id, 0, body(b"abc")).await, Err(FilesError::NotFound));
    assert_eq!(world.files.remove(user(2), id).await, Err(FilesError::NotFound));
    assert_eq!(world.files.upload(user(1), UploadId::generate()).await, Err(FilesError::NotFound));
}

#[tokio::test]
async fn what_no_message_has_is_limited_for_each_user() {
    let settings =
        FilesSettings { max_bytes: 60, user_uploads: 3, user_bytes: 100, ..FilesSettings::default() };
    let world = World::with(settings);
    assert_eq!(world.files.create(user(1), "a", 61).await, Err(FilesError::TooLarge { limit: 60 }));
    let first = world.put(1, "a", &[0; 60]).await.unwrap();
    let refused = world.files.create(user(1), "a", 41).await.unwrap_err();
    assert!(matches!(refused, FilesError::LimitReached { limit: 100, .. }), "{refused}");
    world.files.create(user(1), "a", 40).await.unwrap();
    world.files.create(user(1), "a", 0).await.unwrap();
    let refused = world.files.create(user(1), "a", 0).await.unwrap_err();
    assert!(matches!(refused, FilesError::LimitReached { limit: 3, .. }), "{refused}");
    world.files.create(user(2), "a", 60).await.unwrap();
    world.files.remove(user(1), first.id).await.unwrap();
    world.files.create(user(1), "a", 60).await.unwrap();
}

#[tokio::test]
async fn a_file_in_countless_pieces_is_given_up() {
    let world = World::with(FilesSettings { part_bytes: 1, ..FilesSettings::default() });
    let refused = world.put(1, "a", &[0; 1001]).await;
    assert_eq!(refused, Err(FilesError::TooManyParts { limit: 1000 }));
}
