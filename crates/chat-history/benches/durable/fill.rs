//! A database of many messages: 10,000 rooms of the same length, 20 members each, one user in 500 of them.

use chat_db::{Connection, Db, DbSettings};

pub const ROOMS: u64 = 10_000;

/// The user who is in every twentieth room.
pub const VISITOR: i64 = 1_000_000;

/// Makes the schema and the rows; quickly, since nobody needs them after a power cut.
pub fn run(settings: &DbSettings, messages: u64) {
    Db::open(settings).unwrap().close();
    let mut connection = Connection::open(settings).unwrap();
    let each = messages / ROOMS;
    let tuning = match connection {
        Connection::Sqlite(_) => "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000",
        Connection::Postgres(_) => {
            "SET statement_timeout = 0; SET synchronous_commit = off; SET enable_seqscan = on"
        }
    };
    let numbers =
        |last| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
    let text =
        format!("n.i || ' in room ' || r.key || ', and as much more as people say: {}'", "x".repeat(50));
    connection.execute(tuning).unwrap();
    connection
        .execute(&format!(
            r#"{} INSERT INTO rooms
                   (id, name, topic, kind, created_at, owner_id, epoch, "offset", member_count, purged)
               SELECT 'room-' || i, 'Room ' || i, 'What it is about', 'private', i, 1, 'epoch', {each} + 1, 20, 0
               FROM n"#,
            numbers(ROOMS)
        ))
        .unwrap();
    connection
        .execute(&format!(
            "{} INSERT INTO members (room_key, user_id, username, display_name, role, joined_at)
                 SELECT r.key, n.i + r.key, 'user' || n.i, 'User ' || n.i, 'member', 1
                 FROM rooms r CROSS JOIN n;
             INSERT INTO members (room_key, user_id, username, display_name, role, joined_at)
                 SELECT key, {VISITOR}, 'visitor', 'Visitor', 'member', 1 FROM rooms
                 WHERE key % 20 = 0",
            numbers(20)
        ))
        .unwrap();
    // In portions: one statement of all would need as much room again.
    for first in (1..=ROOMS).step_by(500) {
        let rooms = format!("rooms r CROSS JOIN n WHERE r.key BETWEEN {first} AND {first} + 499");
        let numbers = numbers(each);
        connection
            .execute(&format!(
                "{numbers} INSERT INTO messages
                     (room_key, \"offset\", created_at, sender_id, sender_username, sender_display_name, text, client_id)
                     SELECT r.key, n.i + 1, n.i, n.i % 20 + r.key, 'username', 'Display Name', {text}, 'client-' || n.i
                     FROM {rooms} ORDER BY 1, 2;"
            ))
            .unwrap();
    }
    connection
        .execute(
            "INSERT INTO events SELECT key, 1, 1, 1, 'username', 'Display Name', 'room.changed',
                 '{\"name\":\"R\",\"topic\":\"\",\"kind\":\"private\"}' FROM rooms",
        )
        .unwrap();
    match &connection {
        Connection::Sqlite(_) => connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap(),
        Connection::Postgres(_) => connection.execute("VACUUM ANALYZE").unwrap(),
    }
}
