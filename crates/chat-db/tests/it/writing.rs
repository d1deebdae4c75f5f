//! Reads and writes on the threads.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use std::time::Duration;

use super::*;

/// Queues writes while the writer is held, so that they share a commit of their own, then lets it go on.
fn together(db: &Db, queue: impl FnOnce(&Db)) {
    let (hold, held) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    db.submit(
        lane(db),
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
    let (_database, settings, db) = database();
    let (answer, answers) = mpsc::channel();
    together(&db, |db| {
        for id in 1..=20 {
            let (answer, settings) = (answer.clone(), settings.clone());
            db.submit(
                lane(db),
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
    let (_database, settings, db) = database();
    let results = Arc::new(Mutex::new(Vec::new()));
    together(&db, |db| {
        for id in [1, 2, 1, 3] {
            let results = results.clone();
            db.submit(
                lane(db),
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
async fn the_first_of_a_commit_is_undone_alone_too() {
    let (_database, settings, db) = database();
    let results = Arc::new(Mutex::new(Vec::new()));
    together(&db, |db| {
        for id in [1, 2, 3] {
            let results = results.clone();
            db.submit(
                lane(db),
                move |connection| {
                    insert(connection, id)?;
                    if id == 1 { Err(Failure::Refused) } else { insert(connection, id + 100) }
                },
                move |result| results.lock().unwrap().push(result.is_ok()),
            );
        }
    });
    db.close();
    assert_eq!(*results.lock().unwrap(), [false, true, true]);
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [2, 3, 102, 103]);
}

#[tokio::test]
async fn what_follows_from_others_comes_behind_them() {
    let (_database, _settings, db) = database();
    let begun = Arc::new(Mutex::new(Vec::new()));
    let note = |id: i64| {
        let begun = begun.clone();
        move |_: &mut Connection| {
            begun.lock().unwrap().push(id);
            Ok::<_, Failure>(())
        }
    };
    together(&db, |db| {
        db.submit(lane(db), note(1), |_| {});
        db.submit_as(Manner::Behind, lane(db), note(4), |_| {});
        db.submit(lane(db), note(2), |_| {});
        db.submit_as(Manner::Behind, lane(db), note(5), |_| {});
        db.submit(lane(db), note(3), |_| {});
    });
    db.close();
    assert_eq!(*begun.lock().unwrap(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_write_that_panics_takes_no_other_with_it() {
    let (_database, settings, db) = database();
    db.write(lane(&db), |connection| insert(connection, 1)).await.unwrap();
    let lost = db
        .write(lane(&db), |connection| -> Result<(), Failure> {
            insert(connection, 2)?;
            panic!("as asked");
        })
        .await;
    assert!(matches!(lost, Err(Failure::Db(DbError::Failed { .. }))));
    db.write(lane(&db), |connection| insert(connection, 3)).await.unwrap();
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [1, 3]);
}

/// Leaves savepoints behind, as a panic within them does.
fn panics_within(connection: &mut Connection) -> Result<i64, Failure> {
    connection.savepoint(|connection| {
        insert(connection, 7)?;
        panic!("as asked")
    })
}

#[tokio::test]
async fn after_a_panic_within_a_savepoint_nothing_is_answered_as_kept_that_is_not() {
    for place in 0..3 {
        let (_database, settings, db) = database();
        let (answer, answers) = mpsc::channel();
        together(&db, |db| {
            for id in 0..3 {
                let answer = answer.clone();
                let job = move |connection: &mut Connection| {
                    if id == place { panics_within(connection) } else { insert(connection, id) }
                };
                db.submit(lane(db), job, move |result| answer.send((id, result.is_ok())).unwrap());
            }
        });
        let answers: Vec<(i64, bool)> = answers.iter().take(3).collect();
        db.write(lane(&db), |connection| insert(connection, 9)).await.expect("the connection was replaced");
        db.close();
        let kept = answers.into_iter().filter(|(_, kept)| *kept).map(|(id, _)| id);
        assert_eq!(ids(&mut direct(&settings)).unwrap(), kept.chain([9]).collect::<Vec<_>>(), "{place}");
    }
}

#[tokio::test]
async fn a_savepoint_needs_a_transaction() {
    let (_database, settings, _db) = database();
    let alone = direct(&settings).savepoint(|connection| insert(connection, 1));
    assert!(alone.is_err());
    assert!(ids(&mut direct(&settings)).unwrap().is_empty());
}

#[tokio::test]
async fn a_read_sees_one_moment() {
    let (_database, settings, db) = database();
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
    let database = TestDatabase::new();
    let settings = DbSettings { queue: 2, ..settings(&database) };
    let db = Db::open(&settings).unwrap();
    let (answer, answers) = mpsc::channel();
    together(&db, |db| {
        for _ in 0..4 {
            let answer = answer.clone();
            db.submit(lane(db), |_| Ok::<_, Failure>(()), move |result| answer.send(result).unwrap());
        }
    });
    db.close();
    let busy = || Err(Failure::Db(DbError::Busy));
    assert_eq!(answers.try_iter().collect::<Vec<_>>(), [busy(), busy(), Ok(()), Ok(())]);
}

#[tokio::test]
async fn what_waited_too_long_is_answered_and_not_begun() {
    let database = TestDatabase::new();
    let settings = DbSettings { readers: 1, timeout: Duration::from_millis(50), ..settings(&database) };
    let db = Db::open(&settings).unwrap();
    let begun = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let begun = begun.clone();
        move |_: &mut Connection| {
            begun.lock().unwrap().push(what);
            Ok::<_, Failure>(())
        }
    };
    let (hold, held) = mpsc::channel::<()>();
    let (hold_read, held_read) = mpsc::channel::<()>();
    let late = || Err(Failure::Db(DbError::Timeout));
    // These two are begun and go on; their callers are told in time all the same.
    let holding = db.write(lane(&db), move |_| {
        let _ = held.recv();
        Ok::<_, Failure>(())
    });
    let reading = db.read(move |_| {
        let _ = held_read.recv();
        Ok::<_, Failure>(())
    });
    assert_eq!(tokio::join!(holding, reading), (late(), late()));
    assert_eq!(tokio::join!(db.write(lane(&db), note("write")), db.read(note("read"))), (late(), late()));
    drop((hold, hold_read));
    db.close();
    assert!(begun.lock().unwrap().is_empty());
}

#[tokio::test]
async fn closing_does_what_waits_and_takes_nothing_more() {
    let (_database, settings, db) = database();
    together(&db, |db| {
        for id in 1..=100 {
            db.submit(lane(db), move |connection| insert(connection, id), |result| assert!(result.is_ok()));
        }
    });
    db.close();
    assert_eq!(ids(&mut direct(&settings)).unwrap().len(), 100);
    assert_eq!(db.write(lane(&db), |_| Ok::<_, Failure>(())).await, Err(Failure::Db(DbError::Closed)));
    assert_eq!(db.read(|_| Ok::<_, Failure>(())).await, Err(Failure::Db(DbError::Closed)));
}

#[test]
fn work_of_one_name_is_one_schemas_alone() {
    let (here, elsewhere) = (TestDatabase::new(), TestDatabase::new());
    let mut first = direct(&settings(&here));
    let mut second = direct(&settings(&here));
    let mut other = direct(&settings(&elsewhere));
    let locked = |connection: &mut Connection| {
        connection.transaction(|connection| Ok::<_, Failure>(connection.try_lock("sweep")?))
    };
    first
        .transaction(|connection| {
            assert!(connection.try_lock("sweep")?);
            if let Connection::Postgres(_) = connection {
                assert!(!locked(&mut second)?);
            }
            assert!(locked(&mut other)?);
            other.transaction(|connection| Ok::<_, Failure>(connection.lock("sweep")?))
        })
        .unwrap();
    assert!(locked(&mut second).unwrap());
}
