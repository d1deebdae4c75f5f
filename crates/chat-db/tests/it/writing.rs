//! Reads and writes on the threads.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;

use super::*;

/// Queues writes while the writer is held, so that they share a commit, then lets it go on.
fn together(db: &Db, queue: impl FnOnce(&Db)) {
    let (hold, held) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    db.submit(
        move |_| {
            begun.send(()).unwrap();
            let _ = held.recv();
            Ok::<_, Failure>(())
        },
        |_| {},
    );
    begins.recv().unwrap();
    queue(db);
    drop(hold);
}

#[tokio::test]
async fn writes_are_answered_in_their_order_after_their_commit() {
    let (_dir, settings, db) = database();
    let (answer, answers) = mpsc::channel();
    together(&db, |db| {
        for id in 1..=20 {
            let (answer, settings) = (answer.clone(), settings.clone());
            db.submit(
                move |connection| insert(connection, id),
                move |result| {
                    // Another connection sees the whole batch: it is committed.
                    let seen = ids(&mut direct(&settings)).unwrap().len();
                    answer.send((result.unwrap(), seen)).unwrap();
                },
            );
        }
    });
    db.close();
    let answers: Vec<_> = answers.try_iter().collect();
    assert_eq!(answers, (1..=20).map(|id| (id, 20)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_write_is_undone_alone() {
    let (_dir, settings, db) = database();
    let results = Arc::new(Mutex::new(Vec::new()));
    together(&db, |db| {
        for id in [1, 2, 1, 3] {
            let results = results.clone();
            db.submit(
                move |connection| {
                    insert(connection, id + 100)?;
                    if id == 2 { Err(Failure::Refused) } else { insert(connection, id) }
                },
                move |result| results.lock().unwrap().push(result.is_ok()),
            );
        }
    });
    db.close();
    assert_eq!(*results.lock().unwrap(), [true, false, false, true]);
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [1, 3, 101, 103]);
}

#[tokio::test]
async fn a_write_that_panics_takes_no_other_with_it() {
    let (_dir, settings, db) = database();
    db.write(|connection| insert(connection, 1)).await.unwrap();
    let lost = db
        .write(|connection| -> Result<(), Failure> {
            insert(connection, 2)?;
            panic!("as asked");
        })
        .await;
    assert!(matches!(lost, Err(Failure::Db(DbError::Failed { .. }))));
    db.write(|connection| insert(connection, 3)).await.unwrap();
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [1, 3]);
}

#[tokio::test]
async fn a_full_disk_is_answered_and_recovered_from() {
    let (_dir, _, db) = database();
    db.write(|connection| insert(connection, 1)).await.unwrap();
    let pages = "PRAGMA max_page_count = 1";
    db.write(move |connection| Ok::<_, Failure>(connection.batch_execute(pages)?)).await.unwrap();
    let long = "x".repeat(1 << 20);
    let fill = move |connection: &mut Connection| {
        let row = (notes::id.eq(2), notes::word.eq(long));
        Ok::<_, Failure>(diesel::insert_into(notes::table).values(row).execute(connection)?)
    };
    assert_eq!(db.write(fill).await, Err(Failure::Db(DbError::DiskFull)));
    // A new connection, or the same with more room: either way the writer goes on.
    let more = "PRAGMA max_page_count = 100000";
    db.write(move |connection| Ok::<_, Failure>(connection.batch_execute(more)?)).await.unwrap();
    db.write(|connection| insert(connection, 3)).await.unwrap();
    assert_eq!(db.read(ids).await.unwrap(), [1, 3]);
}

#[tokio::test]
async fn a_read_sees_one_moment() {
    let (_dir, settings, db) = database();
    let (before, after) = db
        .read(move |connection| {
            let before = ids(connection)?;
            insert(&mut direct(&settings), 1)?;
            Ok::<_, Failure>((before, ids(connection)?))
        })
        .await
        .unwrap();
    assert_eq!(before, after);
    assert_eq!(db.read(ids).await.unwrap(), [1]);
}

#[tokio::test]
async fn what_waits_beyond_the_bound_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let settings = DbSettings { queue: 2, ..DbSettings::new(dir.path().join("chat.db")) };
    let db = Db::open(&settings).unwrap();
    let (answer, answers) = mpsc::channel();
    together(&db, |db| {
        for _ in 0..4 {
            let answer = answer.clone();
            db.submit(|_| Ok::<_, Failure>(()), move |result| answer.send(result).unwrap());
        }
    });
    db.close();
    let busy = || Err(Failure::Db(DbError::Busy));
    assert_eq!(answers.try_iter().collect::<Vec<_>>(), [busy(), busy(), Ok(()), Ok(())]);
}

#[tokio::test]
async fn what_waited_too_long_is_not_begun() {
    let dir = tempfile::tempdir().unwrap();
    let settings =
        DbSettings { timeout: std::time::Duration::ZERO, ..DbSettings::new(dir.path().join("chat.db")) };
    let db = Db::open(&settings).unwrap();
    let late = || Err(Failure::Db(DbError::Timeout));
    assert_eq!(db.write(|_| Ok::<_, Failure>(())).await, late());
    assert_eq!(db.read(|_| Ok::<_, Failure>(())).await, late());
}

#[tokio::test]
async fn closing_does_what_waits_and_takes_nothing_more() {
    let (_dir, settings, db) = database();
    together(&db, |db| {
        for id in 1..=100 {
            db.submit(move |connection| insert(connection, id), |result| assert!(result.is_ok()));
        }
    });
    db.close();
    assert_eq!(ids(&mut direct(&settings)).unwrap().len(), 100);
    assert_eq!(db.write(|_| Ok::<_, Failure>(())).await, Err(Failure::Db(DbError::Closed)));
    assert_eq!(db.read(|_| Ok::<_, Failure>(())).await, Err(Failure::Db(DbError::Closed)));
}
