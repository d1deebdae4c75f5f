//! Databases that are not as they should be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;

use chat_db::DbUrl;
use chat_testdb::Engine;
use tempfile::TempDir;

use super::*;

/// A SQLite file that is not there yet.
fn file(name: &str) -> (TempDir, PathBuf, DbSettings) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    (dir, path.clone(), DbSettings::new(DbUrl::Sqlite(path)))
}

fn refused(settings: &DbSettings) -> DbError {
    match Db::open(settings) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[test]
fn a_new_file_is_opened_by_several_at_the_same_time() {
    for _ in 0..60 {
        let (_dir, _, settings) = file("chat.db");
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    direct(&settings);
                });
            }
        });
    }
}

#[test]
fn a_second_opening_applies_nothing_and_keeps_everything() {
    let (_database, settings, db) = database();
    insert(&mut direct(&settings), 1).unwrap();
    db.close();
    assert_eq!(Db::migrate(&settings).unwrap(), Vec::<String>::new());
    assert_eq!(ids(&mut direct(&settings)).unwrap(), [1]);
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let error = refused(&file("no/such/chat.db").2);
    assert!(matches!(error, DbError::Open { .. }));
    assert!(error.to_string().contains("no/such is not a directory"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let (_dir, path, settings) = file("chat.db");
    fs::write(path, "a letter to my aunt, much longer than the head of a database").unwrap();
    assert!(matches!(refused(&settings), DbError::Damaged { .. }));
}

#[test]
fn a_file_that_cannot_be_written_is_read_only() {
    let (_dir, path, settings) = file("chat.db");
    Db::open(&settings).unwrap().close();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // Root may write whatever the rights say: then the attempt proves nothing.
    if fs::OpenOptions::new().write(true).open(&path).is_err() {
        assert_eq!(refused(&settings), DbError::ReadOnly);
    }
}

#[test]
fn a_file_that_another_process_holds_is_locked() {
    let (_dir, _, mut settings) = file("chat.db");
    Db::open(&settings).unwrap().close();
    let mut other = direct(&settings);
    other.execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    settings.timeout = std::time::Duration::from_millis(1);
    assert_eq!(refused(&settings), DbError::Locked);
}

#[test]
fn a_database_of_a_newer_version_is_refused_by_name() {
    let (_database, settings, db) = database();
    db.close();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')";
    direct(&settings).execute(newer).unwrap();
    assert_eq!(refused(&settings), DbError::Newer { migration: "29990101000001".to_owned() });
}

/// A server's refusal as it is told, for a URL that differs from a good one.
fn told(change: impl Fn(&str) -> String) -> String {
    let database = TestDatabase::of(Engine::Postgres);
    let url = change(database.url());
    let told = refused(&DbSettings::new(url.parse().unwrap())).to_string();
    assert!(!told.contains("secret") && !told.contains('\n'), "{told}");
    told
}

#[test]
fn a_server_that_refuses_us_says_why_in_one_line_without_the_password() {
    let wrong = told(|url| url.replace(":secret@", ":wrong@"));
    assert!(wrong.contains("password authentication failed for user \"chat\""), "{wrong}");
    let missing = told(|url| url.replace("/postgres?", "/nowhere?"));
    assert!(missing.contains("database \"nowhere\" does not exist"), "{missing}");
    let away = told(|_| "postgres://chat:secret@127.0.0.1:1/chat".to_owned());
    assert!(away.contains("postgres://chat@127.0.0.1:1/chat") && away.contains("refused"), "{away}");
}

#[test]
fn a_server_that_keeps_no_utf_8_is_refused() {
    let database = TestDatabase::of(Engine::Postgres);
    let ascii = format!("ascii_{}", std::process::id());
    direct(&settings(&database))
        .execute(&format!("CREATE DATABASE {ascii} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"))
        .unwrap();
    let url = database.url().replace("/postgres?", &format!("/{ascii}?"));
    let error = refused(&DbSettings::new(url.parse().unwrap()));
    assert_eq!(error, DbError::Encoding { encoding: "SQL_ASCII".to_owned() });
}
