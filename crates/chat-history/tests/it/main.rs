//! The store on real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod conversations;
mod durability;
mod model;
mod power_loss;
mod reading;
mod scheduled;
mod search;
mod terms;
mod upgrade;

use std::sync::{Arc, Mutex};

use chat_core::*;
use chat_db::{Db, DbError, DbSettings, on_backend};
use chat_history::History;
use chat_testdb::{Durability, Engine, Server, TestDatabase};

/// Keeps what is published, for a test to look at.
#[derive(Default)]
struct Published(Mutex<Vec<Arc<Event>>>);

impl Backplane for Published {
    fn publish(&self, events: &[Arc<Event>]) {
        self.0.lock().unwrap().extend_from_slice(events);
    }

    fn behind(&self, _: &[RoomId]) {}
}

struct World {
    store: Arc<History>,
    published: Arc<Published>,
    db: Db,
    settings: DbSettings,
    _database: Option<TestDatabase>,
}

fn world() -> World {
    world_with(Limits::default(), 2)
}

fn world_with(limits: Limits, writers: usize) -> World {
    world_at(limits, writers, Clock::system())
}

fn world_at(limits: Limits, writers: usize, clock: Clock) -> World {
    let database = TestDatabase::new();
    let settings = DbSettings { readers: 2, writers, ..DbSettings::new(database.url().parse().unwrap()) };
    World { _database: Some(database), ..open(settings, limits, clock) }
}

fn open(settings: DbSettings, limits: Limits, clock: Clock) -> World {
    let db = Db::open(&settings).unwrap();
    let published = Arc::new(Published::default());
    let store = Arc::new(History::with_clock(db.clone(), limits, published.clone(), clock));
    World { store, published, db, settings, _database: None }
}

impl World {
    /// The same database, closed and opened again.
    fn reopen(self) -> World {
        self.db.close();
        World { _database: self._database, ..open(self.settings, Limits::default(), Clock::system()) }
    }
}

fn profile(number: i64) -> Profile {
    let name = format!("u{number}");
    Profile { id: UserId::new(number).unwrap(), username: name.clone(), display_name: name.to_uppercase() }
}

fn room_id(name: &str) -> RoomId {
    name.parse().unwrap()
}

fn command(user: i64, room: &str, action: Action) -> Command {
    Command { room: room_id(room), actor: profile(user), action }
}

fn create(user: i64, room: &str, kind: RoomKind) -> Command {
    let new = NewRoom { name: room.to_uppercase(), topic: String::new(), kind };
    command(user, room, Action::CreateRoom(new))
}

fn send(user: i64, room: &str, text: &str) -> Command {
    command(
        user,
        room,
        Action::Send { message: NewMessage { text: text.into(), ..NewMessage::default() }, present: vec![] },
    )
}

fn send_named(user: i64, room: &str, text: &str, client_id: &str) -> Command {
    let client_id = Some(client_id.parse().unwrap());
    command(
        user,
        room,
        Action::Send {
            message: NewMessage { text: text.into(), client_id, ..NewMessage::default() },
            present: vec![],
        },
    )
}

fn offset(number: u64) -> Offset {
    Offset::new(number).unwrap()
}

async fn whole_log(store: &dyn RoomStore, room: &str) -> Vec<Arc<Event>> {
    let all = Range::After(Offset::START);
    store.log(&room_id(room), None, all, usize::MAX).await.unwrap().map_or(Vec::new(), |log| log.events)
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Holds up the thread of a lane until what is returned goes: all that is submitted meanwhile is one batch.
fn hold(db: &Db, lane: chat_db::Lane) -> std::sync::mpsc::Sender<()> {
    let (go, held) = std::sync::mpsc::channel::<()>();
    let wait = move |_: &mut chat_db::Connection| {
        let _ = held.recv();
        Ok::<_, DbError>(())
    };
    db.submit(lane, wait, |_| ());
    go
}

/// The answer of a query to the column `count`.
fn count(connection: &mut chat_db::Connection, query: &str) -> Result<i64, DbError> {
    use diesel::RunQueryDsl;
    Ok(on_backend!(connection, c => diesel::sql_query(query).get_result::<Count>(c))?.count)
}
