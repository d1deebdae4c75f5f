//! Files over real databases; their bytes in memory, or in a directory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod ending;
mod looking;
mod receiving;

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chat_core::*;
use chat_db::{Db, DbError, DbSettings};
use chat_files::{Files, FilesError, FilesSettings, Storage, Transfer};
use chat_history::History;
use chat_testdb::TestDatabase;
use futures_util::{Stream, TryStreamExt, stream};

const KEY: [u8; 32] = [7; 32];

thread_local! {
    /// How far the clock of this test is ahead.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

fn now() -> Timestamp {
    Timestamp::now().after(AHEAD.get())
}

/// Lets time go by for the files of this test.
fn advance(duration: Duration) {
    AHEAD.set(AHEAD.get() + duration);
}

struct World {
    files: Files,
    storage: Storage,
    db: Db,
    settings: FilesSettings,
    _database: TestDatabase,
}

impl World {
    fn new() -> World {
        World::with(FilesSettings { part_bytes: 10, ..FilesSettings::default() })
    }

    fn with(settings: FilesSettings) -> World {
        World::over(settings, Storage::memory())
    }

    fn over(settings: FilesSettings, storage: Storage) -> World {
        let database = TestDatabase::new();
        let db = Db::open(&DbSettings::new(database.url().parse().unwrap())).unwrap();
        let files = Files::with_clock(db.clone(), storage.clone(), &KEY, settings.clone(), now).unwrap();
        World { files, storage, db, settings, _database: database }
    }

    /// Another process over the same database and the same bytes.
    fn another(&self) -> Files {
        let settings = self.settings.clone();
        Files::with_clock(self.db.clone(), self.storage.clone(), &KEY, settings, now).unwrap()
    }

    /// A whole file in one go.
    async fn put(&self, owner: i64, name: &str, bytes: &[u8]) -> Result<Transfer, FilesError> {
        let begun = self.files.create(user(owner), name, bytes.len() as u64).await?;
        self.files.receive(user(owner), begun.id, 0, body(bytes)).await
    }

    /// All bytes that a link gives.
    async fn get(&self, id: UploadId, variant: Variant) -> Result<Vec<u8>, FilesError> {
        let link = self.files.link(id, variant).unwrap();
        let found = self.files.download(link.url.strip_prefix("/files/").unwrap()).await?;
        let pieces: Vec<Bytes> = self.files.read(&found, 0..found.size).try_collect().await?;
        Ok(pieces.concat())
    }

    async fn run(&self, sql: &str) {
        let sql = sql.to_owned();
        let job = move |connection: &mut chat_db::Connection| Ok::<_, DbError>(connection.execute(&sql)?);
        self.db.write(self.db.lane("test"), job).await.unwrap();
    }
}

fn user(number: i64) -> UserId {
    UserId::new(number).unwrap()
}

fn profile(number: i64) -> Profile {
    Profile { id: user(number), username: format!("u{number}"), display_name: String::new() }
}

/// A body that comes in pieces of three bytes.
fn body(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces: Vec<_> = bytes.chunks(3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}
