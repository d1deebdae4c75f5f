//! Accounts on their way from one database to another: records that say all that the tables hold.

use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

use crate::account::key;
use crate::acts::{self, ActRow};
use crate::schema::{operator_acts, refresh_tokens, sessions, users};

/// How many rows are read at once.
const PAGE: i64 = 1000;

/// The tables whose numbers are never given twice.
const NUMBERED: [&str; 3] = ["users", "sessions", "operator_acts"];

/// One row, or the last number that a table has given. Times are microseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the tables, as migrations/ makes them")]
pub enum AccountRecord {
    /// An account.
    User {
        id: i64,
        username: String,
        email: String,
        display_name: String,
        password_hash: String,
        created_at: i64,
        disabled_at: Option<i64>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        admin: bool,
    },
    /// A log-in.
    Session { id: i64, user: i64, label: String, created_at: i64, last_used_at: i64, expires_at: i64 },
    /// The hash of a token that renews one, in hexadecimal digits.
    RefreshToken {
        #[serde(with = "hexadecimal")]
        hash: Vec<u8>,
        session: i64,
        used: bool,
    },
    /// What an administrator has done.
    Act {
        id: i64,
        at: i64,
        by: i64,
        username: String,
        display_name: String,
        act: String,
        /// The id, username and display name of the user to whom it was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<(i64, String, String)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// The greatest number that was ever given to a row of this table.
    Sequence { table: String, last: i64 },
}

impl AccountRecord {
    /// The word that its `type` is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            AccountRecord::User { .. } => "user",
            AccountRecord::Session { .. } => "session",
            AccountRecord::RefreshToken { .. } => "refresh_token",
            AccountRecord::Act { .. } => "act",
            AccountRecord::Sequence { .. } => "sequence",
        }
    }
}

/// Gives all records, each table in the order of its key, so that equal tables give equal records.
///
/// # Errors
/// The database's, and those of `give`.
pub fn export<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(AccountRecord) -> Result<(), E>,
) -> Result<(), E> {
    type UserColumns = (i64, String, String, String, String, i64, Option<i64>, bool);
    let columns = (
        users::id,
        users::username,
        users::email,
        users::display_name,
        users::password_hash,
        users::created_at,
        users::disabled_at,
        users::admin,
    );
    let mut after = 0;
    loop {
        let page = users::table.filter(users::id.gt(after)).order(users::id).limit(PAGE).select(columns);
        let rows: Vec<UserColumns> = on_backend!(&mut *connection, c => page.load(c))?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (id, username, email, display_name, password_hash, created_at, disabled_at, admin) in rows {
            give(AccountRecord::User {
                id,
                username,
                email,
                display_name,
                password_hash,
                created_at,
                disabled_at,
                admin,
            })?;
        }
    }
    let mut after = 0;
    loop {
        let page = sessions::table.filter(sessions::id.gt(after)).order(sessions::id).limit(PAGE);
        let rows: Vec<(i64, i64, String, i64, i64, i64)> = on_backend!(&mut *connection, c => page.load(c))?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (id, user, label, created_at, last_used_at, expires_at) in rows {
            give(AccountRecord::Session { id, user, label, created_at, last_used_at, expires_at })?;
        }
    }
    let mut after = Vec::new();
    loop {
        let page = refresh_tokens::table.filter(refresh_tokens::hash.gt(&after)).order(refresh_tokens::hash);
        let columns = (refresh_tokens::hash, refresh_tokens::session_id, refresh_tokens::used);
        let rows: Vec<(Vec<u8>, i64, bool)> =
            on_backend!(&mut *connection, c => page.limit(PAGE).select(columns).load(c))?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.0);
        for (hash, session, used) in rows {
            give(AccountRecord::RefreshToken { hash, session, used })?;
        }
    }
    let mut after = 0;
    loop {
        let page = acts::page(connection, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        page.into_iter().map(ActRow::record).try_for_each(&mut *give)?;
    }
    for table in NUMBERED {
        give(AccountRecord::Sequence { table: table.to_owned(), last: last_number(connection, table)? })?;
    }
    Ok(())
}

/// Keeps a record, with the numbers it has.
///
/// # Errors
/// The database's: a number or name that is there already, a session of no user.
pub fn import(connection: &mut Connection, record: &AccountRecord) -> QueryResult<()> {
    match record {
        AccountRecord::User {
            id,
            username,
            email,
            display_name,
            password_hash,
            created_at,
            disabled_at,
            admin,
        } => {
            let row = (
                users::id.eq(id),
                users::username.eq(username),
                users::username_key.eq(key(username)),
                users::email.eq(email),
                users::email_key.eq(key(email)),
                users::display_name.eq(display_name),
                users::password_hash.eq(password_hash),
                users::created_at.eq(created_at),
                users::disabled_at.eq(*disabled_at),
                users::admin.eq(admin),
            );
            on_backend!(connection, c => diesel::insert_into(users::table).values(row).execute(c))?;
        }
        AccountRecord::Session { id, user, label, created_at, last_used_at, expires_at } => {
            let row = (
                sessions::id.eq(id),
                sessions::user_id.eq(user),
                sessions::label.eq(label),
                sessions::created_at.eq(created_at),
                sessions::last_used_at.eq(last_used_at),
                sessions::expires_at.eq(expires_at),
            );
            on_backend!(connection, c => diesel::insert_into(sessions::table).values(row).execute(c))?;
        }
        AccountRecord::RefreshToken { hash, session, used } => {
            let row = (
                refresh_tokens::hash.eq(hash),
                refresh_tokens::session_id.eq(session),
                refresh_tokens::used.eq(used),
            );
            on_backend!(connection, c => diesel::insert_into(refresh_tokens::table).values(row).execute(c))?;
        }
        AccountRecord::Act { id, at, by, username, display_name, act, user, room, message, detail } => {
            let row = (
                operator_acts::id.eq(id),
                operator_acts::at.eq(at),
                operator_acts::actor_id.eq(by),
                operator_acts::actor_username.eq(username),
                operator_acts::actor_display_name.eq(display_name),
                operator_acts::act.eq(act),
                operator_acts::user_id.eq(user.as_ref().map(|user| user.0)),
                operator_acts::username.eq(user.as_ref().map(|user| user.1.as_str())),
                operator_acts::display_name.eq(user.as_ref().map(|user| user.2.as_str())),
                operator_acts::room.eq(room.as_deref()),
                operator_acts::message.eq(*message),
                operator_acts::detail.eq(detail.as_deref()),
            );
            on_backend!(connection, c => diesel::insert_into(operator_acts::table).values(row).execute(c))?;
        }
        AccountRecord::Sequence { table, last } => set_last_number(connection, table, *last)?,
    }
    Ok(())
}

/// How many records there are, but for those of the sequences.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut Connection) -> QueryResult<u64> {
    let users: i64 = on_backend!(&mut *connection, c => users::table.count().get_result(c))?;
    let sessions: i64 = on_backend!(&mut *connection, c => sessions::table.count().get_result(c))?;
    let tokens: i64 = on_backend!(&mut *connection, c => refresh_tokens::table.count().get_result(c))?;
    let acts: i64 = on_backend!(connection, c => operator_acts::table.count().get_result(c))?;
    Ok(u64::try_from(users + sessions + tokens + acts).unwrap_or(0))
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// Zero before the first.
fn last_number(connection: &mut Connection, table: &str) -> QueryResult<i64> {
    let sql = match connection {
        Connection::Sqlite(_) => "SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = ?",
        Connection::Postgres(_) => {
            "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass), 0) AS last"
        }
    };
    let number =
        on_backend!(connection, c => diesel::sql_query(sql).bind::<Text, _>(table).get_result::<Number>(c))?;
    Ok(number.last)
}

/// A table that we do not number has nothing to set.
fn set_last_number(connection: &mut Connection, table: &str, last: i64) -> QueryResult<()> {
    if !NUMBERED.contains(&table) || last == 0 {
        return Ok(());
    }
    let sql: &[&str] = match connection {
        Connection::Sqlite(_) => &[
            "DELETE FROM sqlite_sequence WHERE name = ? AND ? IS NOT NULL",
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
        ],
        Connection::Postgres(_) => &["SELECT setval(pg_get_serial_sequence($1, 'id'), $2)"],
    };
    for sql in sql {
        let query = diesel::sql_query(*sql).bind::<Text, _>(table).bind::<BigInt, _>(last);
        on_backend!(&mut *connection, c => query.execute(c))?;
    }
    Ok(())
}

/// Bytes as hexadecimal digits.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom("must be pairs of hexadecimal digits");
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0).ok_or_else(wrong)?;
        Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
    }

    #[cfg(test)]
    mod tests {
        use serde::{Deserialize, Serialize};

        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Bytes(#[serde(with = "super")] Vec<u8>);

        #[test]
        fn bytes_survive_and_anything_else_is_refused() {
            let bytes = Bytes((0..=255).collect());
            let text = serde_json::to_string(&bytes).unwrap();
            assert!(text.starts_with("\"000102") && text.ends_with("feff\""));
            assert_eq!(serde_json::from_str::<Bytes>(&text).unwrap(), bytes);
            for wrong in ["\"0\"", "\"0g\"", "\"é\"", "7"] {
                assert!(serde_json::from_str::<Bytes>(wrong).is_err(), "{wrong}");
            }
        }
    }
}
