//! Files that are not as they should be.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use diesel::connection::SimpleConnection;

use super::*;

fn refused(settings: &DbSettings) -> DbError {
    match Db::open(settings) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[test]
fn a_second_opening_applies_nothing_and_keeps_everything() {
    let (_dir, settings, db) = database();
    insert(&mut direct(&settings), 1).unwrap();
    db.close();
    assert_eq!(Db::migrate(&settings).unwrap(), Vec::<String>::new());
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [1]);
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = refused(&DbSettings::new(dir.path().join("no/such/chat.db")));
    assert!(matches!(error, DbError::Open { .. }));
    assert!(error.to_string().contains("no/such is not a directory"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let settings = DbSettings::new(dir.path().join("chat.db"));
    fs::write(&settings.path, "a letter to my aunt, much longer than the head of a database").unwrap();
    assert!(matches!(refused(&settings), DbError::Damaged { .. }));
}

#[test]
fn a_file_that_cannot_be_written_is_read_only() {
    let (_dir, settings, db) = database();
    db.close();
    fs::set_permissions(&settings.path, fs::Permissions::from_mode(0o444)).unwrap();
    // Root may write whatever the rights say: then the attempt proves nothing.
    if fs::OpenOptions::new().write(true).open(&settings.path).is_err() {
        assert_eq!(refused(&settings), DbError::ReadOnly);
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_by_name() {
    let (_dir, settings, db) = database();
    db.close();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')";
    direct(&settings).batch_execute(newer).unwrap();
    assert_eq!(refused(&settings), DbError::Newer { migration: "29990101000001".to_owned() });
}

#[test]
fn a_file_that_another_process_holds_is_locked() {
    let (_dir, mut settings, db) = database();
    db.close();
    let mut other = direct(&settings);
    other.batch_execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    settings.timeout = std::time::Duration::from_millis(1);
    assert_eq!(refused(&settings), DbError::Locked);
}
