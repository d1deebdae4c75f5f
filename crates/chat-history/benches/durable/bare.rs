//! The limit: the row of a message inserted in batches by a loop that does nothing else; no look-up, no rule, no
//! answer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chat_db::{Connection, Db, DbSettings};
use chat_testdb::{Durability, Engine, Server, TestDatabase};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use crate::sends::{ROOMS, TEXT};

diesel::table! {
    messages (room_key, offset) {
        room_key -> BigInt,
        offset -> BigInt,
        created_at -> BigInt,
        sender_id -> BigInt,
        sender_username -> Text,
        sender_display_name -> Text,
        text -> Text,
        data -> Nullable<Text>,
        reply_to -> Nullable<BigInt>,
        client_id -> Nullable<Text>,
    }
}

diesel::table! {
    rooms (key) {
        key -> BigInt,
        offset -> BigInt,
    }
}

/// Messages a second, with as many rows in the writers' hands as there are senders, at most a batch each.
pub fn run(engine: Engine, server: Option<&Server>, senders: usize, seconds: u64) -> f64 {
    let database = server.map_or_else(|| TestDatabase::of(engine), TestDatabase::on);
    let settings = DbSettings::new(database.url().parse().unwrap());
    Db::open(&settings).unwrap().close();
    let mut connection = Connection::open(&settings).unwrap();
    for room in 0..ROOMS {
        let columns =
            r#"key, id, name, topic, kind, created_at, owner_id, epoch, "offset", member_count, purged"#;
        let values = format!("{room}, 'r{room}', 'R', '', 'public', 1, 1, 'e', 0, 0, 0");
        connection.execute(&format!("INSERT INTO rooms ({columns}) VALUES ({values})")).unwrap();
    }
    let threads = if engine == Engine::Sqlite { 1 } else { settings.writers.min(senders) };
    let end = Instant::now() + Duration::from_secs(seconds);
    let total: u64 = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|thread| {
                let settings = &settings;
                // A room has one writer, as in the store.
                let senders = (0..senders).filter(|sender| sender % ROOMS % threads == thread).collect();
                scope.spawn(move || {
                    let mut connection = Connection::open(settings).unwrap();
                    let mut rows = Rows { senders, next: 0, offsets: HashMap::new() };
                    let batch = rows.senders.len().min(settings.batch);
                    let mut written = 0;
                    while Instant::now() < end {
                        insert(&mut connection, &rows.batch(batch));
                        written += batch as u64;
                    }
                    written
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    total as f64 / seconds as f64
}

/// The messages of some senders, who send by turns.
struct Rows {
    senders: Vec<usize>,
    next: usize,
    /// The ends of the rooms' logs.
    offsets: HashMap<i64, i64>,
}

struct Row {
    room: i64,
    offset: i64,
    sender: i64,
    client_id: String,
}

impl Rows {
    fn batch(&mut self, count: usize) -> (Vec<Row>, Vec<(i64, i64)>) {
        let mut moved = HashMap::new();
        let rows = (0..count)
            .map(|_| {
                let sender = self.senders[self.next % self.senders.len()];
                let client_id = format!("{sender}-{}", self.next / self.senders.len());
                self.next += 1;
                let room = (sender % ROOMS) as i64;
                let offset = self.offsets.entry(room).or_default();
                *offset += 1;
                moved.insert(room, *offset);
                Row { room, offset: *offset, sender: sender as i64 + 1, client_id }
            })
            .collect();
        (rows, moved.into_iter().collect())
    }
}

fn insert(connection: &mut Connection, (rows, moved): &(Vec<Row>, Vec<(i64, i64)>)) {
    connection
        .transaction(|connection| match connection {
            Connection::Sqlite(c) => {
                for Row { room, offset, sender, client_id } in rows {
                    diesel::insert_into(messages::table)
                        .values((
                            messages::room_key.eq(room),
                            messages::offset.eq(offset),
                            messages::created_at.eq(1),
                            messages::sender_id.eq(sender),
                            messages::sender_username.eq("username"),
                            messages::sender_display_name.eq("Display Name"),
                            messages::text.eq(TEXT),
                            messages::data.eq(None::<&str>),
                            messages::reply_to.eq(None::<i64>),
                            messages::client_id.eq(Some(client_id)),
                        ))
                        .execute(c)?;
                }
                for (key, offset) in moved {
                    diesel::update(rooms::table.find(key)).set(rooms::offset.eq(offset)).execute(c)?;
                }
                QueryResult::Ok(())
            }
            Connection::Postgres(c) => {
                let keys: Vec<i64> = rows.iter().map(|row| row.room).collect();
                let offsets: Vec<i64> = rows.iter().map(|row| row.offset).collect();
                let senders: Vec<i64> = rows.iter().map(|row| row.sender).collect();
                let ones = vec![1_i64; rows.len()];
                sql_query(
                    "INSERT INTO messages SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind::<Array<BigInt>, _>(&keys)
                .bind::<Array<BigInt>, _>(&offsets)
                .bind::<Array<BigInt>, _>(&ones)
                .bind::<Array<BigInt>, _>(&senders)
                .bind::<Array<Text>, _>(vec!["username"; rows.len()])
                .bind::<Array<Text>, _>(vec!["Display Name"; rows.len()])
                .bind::<Array<Text>, _>(vec![TEXT; rows.len()])
                .bind::<Array<Nullable<Text>>, _>(vec![None::<&str>; rows.len()])
                .bind::<Array<Nullable<BigInt>>, _>(vec![None::<i64>; rows.len()])
                .bind::<Array<Text>, _>(rows.iter().map(|row| row.client_id.as_str()).collect::<Vec<_>>())
                .execute(c)?;
                sql_query(
                    r#"UPDATE rooms SET "offset" = moved.at FROM unnest($1, $2) AS moved (key, at)
                       WHERE rooms.key = moved.key"#,
                )
                .bind::<Array<BigInt>, _>(moved.iter().map(|room| room.0).collect::<Vec<_>>())
                .bind::<Array<BigInt>, _>(moved.iter().map(|room| room.1).collect::<Vec<_>>())
                .execute(c)?;
                Ok(())
            }
        })
        .unwrap();
}

/// A server that waits for its disk, if this engine needs one.
pub fn server(engine: Engine) -> Option<Server> {
    (engine == Engine::Postgres).then(|| Server::start(Durability::On))
}
