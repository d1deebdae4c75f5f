//! The schema's history: the same on both engines, forwards and backwards.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use super::*;

fn names(engine: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(engine);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(names("sqlite").len() >= 2);
}

const FILL: &str = r#"
    INSERT INTO users (username, username_key, email, email_key, display_name, password_hash, created_at)
        VALUES ('Ann', 'ann', 'Ann@x', 'ann@x', 'Ann', 'hash', 1);
    INSERT INTO sessions (user_id, label, created_at, last_used_at, expires_at) VALUES (1, '', 1, 1, 2);
    INSERT INTO rooms (id, name, topic, kind, created_at, owner_id, epoch, "offset", member_count, purged)
        VALUES ('r', 'R', '', 'public', 1, 1, 'e', 1, 1, 0);
    INSERT INTO members VALUES (1, 1, 'ann', 'Ann', 'owner', 1, 1, 'ann', 1);
    INSERT INTO sanctions VALUES (1, 2, 'ben', 'Ben', 1, NULL, '');
    INSERT INTO reports VALUES (1, 1, 2, 'ben', 'Ben', 1, 'why', 'text', NULL, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO audits VALUES (1, 1);
    INSERT INTO mentions VALUES (1, 1, 1, 2);
    INSERT INTO messages (room_key, "offset", created_at, sender_id, sender_username, sender_display_name, text, client_id, edited_at)
        VALUES (1, 1, 1, 1, 'ann', 'Ann', 'text', 'x', 2);
    INSERT INTO events VALUES (1, 2, 1, 1, 'ann', 'Ann', 'room.deleted', NULL);
    INSERT INTO reactions VALUES (1, 1, 'x', 3, 1);
    INSERT INTO pins VALUES (1, 1, 4);
    INSERT INTO bookmarks VALUES (1, 1, 1, 'later', 5);
    INSERT INTO scheduled VALUES ('s', 1, 'r', 'text', NULL, NULL, NULL, 1, 1, 1, FALSE, 0, NULL, NULL);
    INSERT INTO blocks VALUES (1, 2, 'ben', 'Ben', 1);
    INSERT INTO statuses VALUES (1, 'busy', TRUE, 1);
    INSERT INTO searchable (id, room_key, "offset") VALUES (1, 1, 1);
    INSERT INTO index_positions VALUES (1, 1);
    INSERT INTO uploads (id, user_id, name, size, received, parts, created_at, room_key, message)
        VALUES ('u', 1, 'a.png', 1, 1, 'p:1', 1, 1, 1);
    INSERT INTO follows VALUES (1, 1, 1);
    INSERT INTO versions VALUES (1, 1, 2, 'former', NULL);
"#;

#[test]
fn up_down_and_up_again_with_rows_in_every_table() {
    let database = TestDatabase::new();
    let settings = settings(&database);
    let first = names("sqlite").first().unwrap()[..17].replace('-', "");
    assert_eq!(direct(&settings).check_schema(), Err(DbError::Older { migration: first }));
    let applied = Db::migrate(&settings).unwrap();
    assert_eq!(direct(&settings).check_schema(), Ok(()));
    assert_eq!(applied.len(), names("sqlite").len());
    for _ in 0..2 {
        direct(&settings).execute(FILL).unwrap();
        let mut reverted = chat_db::revert_all(&settings).unwrap();
        reverted.reverse();
        assert_eq!(reverted, applied);
        assert!(direct(&settings).execute("SELECT 1 FROM users").is_err(), "no table is left");
        assert_eq!(Db::migrate(&settings).unwrap(), applied);
    }
    direct(&settings).execute(FILL).unwrap();
    assert_eq!(Db::migrate(&settings).unwrap(), Vec::<String>::new(), "and the rows stay");
    assert!(direct(&settings).execute(FILL).is_err(), "they are unique");
}

#[test]
fn programs_that_start_together_migrate_once() {
    let database = TestDatabase::new();
    let settings = settings(&database);
    let start = Barrier::new(4);
    let applied: usize = thread::scope(|scope| {
        let programs: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    Db::migrate(&settings).unwrap().len()
                })
            })
            .collect();
        programs.into_iter().map(|program| program.join().unwrap()).sum()
    });
    assert_eq!(applied, names("sqlite").len());
}
