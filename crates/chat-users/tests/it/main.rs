//! Accounts on a real database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod accounts;
mod keys;
mod sessions;

use std::cell::Cell;
use std::time::Duration;

use chat_core::Timestamp;
use chat_db::{Db, DbSettings};
use chat_testdb::TestDatabase;
use chat_users::{LoggedIn, NewUser, TokenKey, User, Users, UsersSettings};

const PASSWORD: &str = "correct horse";

thread_local! {
    /// The moment that the accounts of this test believe it is, in seconds.
    static NOW: Cell<i64> = const { Cell::new(1_800_000_000) };
}

fn now() -> Timestamp {
    Timestamp::from_micros(NOW.get() * 1_000_000)
}

fn pass(duration: Duration) {
    NOW.set(NOW.get() + i64::try_from(duration.as_secs()).unwrap());
}

struct World {
    users: Users,
    db: Db,
    _database: TestDatabase,
}

fn world() -> World {
    world_with(UsersSettings::default())
}

/// Accounts with these settings but the cheapest hashes.
fn world_with(settings: UsersSettings) -> World {
    let database = TestDatabase::new();
    let db = Db::open(&DbSettings::new(database.url().parse().unwrap())).unwrap();
    let key = TokenKey::new([7; 32]).unwrap();
    let settings = UsersSettings { bcrypt_cost: 4, ..settings };
    let users = Users::with_clock(db.clone(), &key, settings, now).unwrap();
    World { users, db, _database: database }
}

fn new_user(name: &str) -> NewUser {
    NewUser { username: name.into(), email: format!("{name}@example.com"), password: PASSWORD.into() }
}

impl World {
    async fn sign_up(&self, name: &str) -> User {
        self.users.sign_up(new_user(name)).await.unwrap()
    }

    async fn log_in(&self, name: &str) -> LoggedIn {
        self.users.log_in(name, PASSWORD, "test").await.unwrap()
    }
}
