//! The queries. Each takes a connection, so that several make one transaction.

use chat_core::{Profile, SessionId, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::account::key;
use crate::schema::{refresh_tokens, sessions, users};
use crate::{Listed, NewUser, Session, User, UsersError};

/// The lock of whatever decides who the administrators are.
pub(crate) const OPERATORS: &str = "operators";

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    username: String,
    email: String,
    display_name: String,
    created_at: i64,
    disabled_at: Option<i64>,
    admin: bool,
}

impl UserRow {
    /// An id that is none comes of a damaged table only.
    fn user(self) -> Result<User, UsersError> {
        let id = UserId::new(self.id).map_err(|_| UsersError::UserNotFound)?;
        Ok(User {
            profile: Profile { id, username: self.username, display_name: self.display_name },
            email: self.email,
            created_at: Timestamp::from_micros(self.created_at),
            disabled_at: self.disabled_at.map(Timestamp::from_micros),
            admin: self.admin,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: i64,
    label: String,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

/// The name of a session's row.
pub(crate) fn session_id(row: i64) -> SessionId {
    SessionId::from(row.to_string().as_str())
}

/// The row of a session's name; none for a text that was never one.
pub(crate) fn session_row(id: &SessionId) -> Option<i64> {
    id.as_str().parse().ok()
}

pub(crate) fn insert_user(
    connection: &mut Connection,
    new: &NewUser,
    password_hash: &str,
    now: Timestamp,
    admin: bool,
) -> Result<User, UsersError> {
    // A violation would end the transaction on PostgreSQL; nothing to return says as much.
    let row: Option<UserRow> = on_backend!(&mut *connection, c => diesel::insert_into(users::table)
        .values((
            users::username.eq(&new.username),
            users::username_key.eq(key(&new.username)),
            users::email.eq(&new.email),
            users::email_key.eq(key(&new.email)),
            users::display_name.eq(&new.username),
            users::password_hash.eq(password_hash),
            users::created_at.eq(now.as_micros()),
            users::admin.eq(admin),
        ))
        .on_conflict_do_nothing()
        .returning(UserRow::as_returning())
        .get_result(c)
        .optional())?;
    match row {
        Some(row) => row.user(),
        None => Err(taken(connection, new)?),
    }
}

/// Which of the two is taken; the username when both are.
fn taken(connection: &mut Connection, new: &NewUser) -> Result<UsersError, UsersError> {
    let same_name = users::table.filter(users::username_key.eq(key(&new.username)));
    let name_taken: bool =
        on_backend!(connection, c => diesel::select(diesel::dsl::exists(same_name)).get_result(c))?;
    Ok(if name_taken { UsersError::UsernameTaken } else { UsersError::EmailTaken })
}

/// The user with this e-mail address or username, and the hash of the password.
pub(crate) fn find_credentials(
    connection: &mut Connection,
    email_or_username: &str,
) -> Result<Option<(User, String)>, UsersError> {
    let name = key(email_or_username);
    let row: Option<(UserRow, String)> = on_backend!(connection, c => {
        let query = users::table.select((UserRow::as_select(), users::password_hash));
        // Usernames have no @.
        if name.contains('@') {
            query.filter(users::email_key.eq(name)).first(c)
        } else {
            query.filter(users::username_key.eq(name)).first(c)
        }
    })
    .optional()?;
    row.map(|(row, hash)| Ok((row.user()?, hash))).transpose()
}

pub(crate) fn find_user(connection: &mut Connection, user: UserId) -> Result<Option<User>, UsersError> {
    let row = on_backend!(connection, c => users::table
        .find(user.get())
        .select(UserRow::as_select())
        .first(c))
    .optional()?;
    row.map(UserRow::user).transpose()
}

/// The first users whose usernames begin so, in the order of these, who may log in.
pub(crate) fn find_named(
    connection: &mut Connection,
    beginning: &str,
    limit: i64,
) -> Result<Vec<User>, UsersError> {
    let (from, to) = beginning_so(beginning);
    let rows: Vec<UserRow> = on_backend!(connection, c => users::table
        .filter(users::username_key.ge(from).and(users::username_key.lt(to)))
        .filter(users::disabled_at.is_null())
        .order(users::username_key)
        .limit(limit)
        .select(UserRow::as_select())
        .load(c))?;
    rows.into_iter().map(UserRow::user).collect()
}

/// The first key that begins so, and what is behind all that do: neither a username nor an address has the last character.
fn beginning_so(beginning: &str) -> (String, String) {
    let from = key(beginning);
    let behind = format!("{from}{}", char::MAX);
    (from, behind)
}

/// A page of all accounts in the order of their usernames or e-mail addresses, behind the one that is `after`.
pub(crate) fn list_users(
    connection: &mut Connection,
    listed: &Listed,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<User>, UsersError> {
    let (Listed::ByUsername(beginning) | Listed::ByEmail(beginning)) = listed;
    let (from, to) = beginning_so(beginning);
    let after = after.map(key).unwrap_or_default();
    let rows: Vec<UserRow> = match listed {
        Listed::ByUsername(_) => on_backend!(connection, c => users::table
            .filter(users::username_key.ge(from).and(users::username_key.lt(to)))
            .filter(users::username_key.gt(after))
            .order(users::username_key)
            .limit(limit)
            .select(UserRow::as_select())
            .load(c))?,
        Listed::ByEmail(_) => on_backend!(connection, c => users::table
            .filter(users::email_key.ge(from).and(users::email_key.lt(to)))
            .filter(users::email_key.gt(after))
            .order(users::email_key)
            .limit(limit)
            .select(UserRow::as_select())
            .load(c))?,
    };
    rows.into_iter().map(UserRow::user).collect()
}

/// How many sessions of these users live, of those of whom any does, in no order.
pub(crate) fn count_sessions(
    connection: &mut Connection,
    of: &[UserId],
    now: Timestamp,
) -> Result<Vec<(UserId, u64)>, UsersError> {
    let of: Vec<i64> = of.iter().map(|user| user.get()).collect();
    let rows: Vec<(i64, i64)> = on_backend!(connection, c => sessions::table
        .filter(sessions::user_id.eq_any(of))
        .filter(sessions::expires_at.gt(now.as_micros()))
        .group_by(sessions::user_id)
        .select((sessions::user_id, diesel::dsl::count_star()))
        .load(c))?;
    let counted = |(id, count)| Some((UserId::new(id).ok()?, u64::try_from(count).ok()?));
    Ok(rows.into_iter().filter_map(counted).collect())
}

pub(crate) fn password_hash(connection: &mut Connection, user: UserId) -> Result<Option<String>, UsersError> {
    let hash = on_backend!(connection, c => users::table
        .find(user.get())
        .select(users::password_hash)
        .first(c));
    Ok(hash.optional()?)
}

/// Changes the display name; none when there is no such user.
pub(crate) fn set_display_name(
    connection: &mut Connection,
    user: UserId,
    name: &str,
) -> Result<Option<User>, UsersError> {
    on_backend!(&mut *connection, c => diesel::update(users::table.find(user.get()))
        .set(users::display_name.eq(name))
        .execute(c))?;
    find_user(connection, user)
}

pub(crate) fn set_password(connection: &mut Connection, user: UserId, hash: &str) -> Result<(), UsersError> {
    let set = diesel::update(users::table.find(user.get())).set(users::password_hash.eq(hash));
    if on_backend!(connection, c => set.execute(c))? == 0 { Err(UsersError::UserNotFound) } else { Ok(()) }
}

pub(crate) fn set_disabled(
    connection: &mut Connection,
    user: UserId,
    since: Option<Timestamp>,
) -> Result<(), UsersError> {
    let since = since.map(Timestamp::as_micros);
    let set = diesel::update(users::table.find(user.get())).set(users::disabled_at.eq(since));
    if on_backend!(connection, c => set.execute(c))? == 0 { Err(UsersError::UserNotFound) } else { Ok(()) }
}

/// Makes a user an administrator, or one no longer.
pub(crate) fn set_admin(connection: &mut Connection, user: UserId, admin: bool) -> Result<(), UsersError> {
    let set = diesel::update(users::table.find(user.get())).set(users::admin.eq(admin));
    if on_backend!(connection, c => set.execute(c))? == 0 { Err(UsersError::UserNotFound) } else { Ok(()) }
}

/// Whether there is no account yet. Until the transaction ends nobody else is told so, at whatever node.
pub(crate) fn is_first(connection: &mut Connection) -> Result<bool, UsersError> {
    if any_user(connection)? {
        return Ok(false);
    }
    connection.lock(OPERATORS)?;
    // Whoever had it meanwhile may have made one.
    Ok(!any_user(connection)?)
}

fn any_user(connection: &mut Connection) -> Result<bool, UsersError> {
    let any = users::table.filter(users::id.gt(0)).select(users::id).limit(1);
    let found: Option<i64> = on_backend!(connection, c => any.first(c)).optional()?;
    Ok(found.is_some())
}

pub(crate) fn insert_session(
    connection: &mut Connection,
    user: UserId,
    label: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<i64, UsersError> {
    Ok(on_backend!(connection, c => diesel::insert_into(sessions::table)
        .values((
            sessions::user_id.eq(user.get()),
            sessions::label.eq(label),
            sessions::created_at.eq(now.as_micros()),
            sessions::last_used_at.eq(now.as_micros()),
            sessions::expires_at.eq(expires_at.as_micros()),
        ))
        .returning(sessions::id)
        .get_result(c))?)
}

/// The user of a session that lives, and is its user's.
pub(crate) fn find_session_user(
    connection: &mut Connection,
    session: i64,
    user: UserId,
    now: Timestamp,
) -> Result<Option<User>, UsersError> {
    let row = on_backend!(connection, c => sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(session))
        .filter(sessions::user_id.eq(user.get()))
        .filter(sessions::expires_at.gt(now.as_micros()))
        .filter(users::disabled_at.is_null())
        .select(UserRow::as_select())
        .first(c))
    .optional()?;
    row.map(UserRow::user).transpose()
}

/// Those of these sessions that live, of users who may log in.
pub(crate) fn living_sessions(
    connection: &mut Connection,
    of: &[i64],
    now: Timestamp,
) -> Result<Vec<i64>, UsersError> {
    Ok(on_backend!(connection, c => sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq_any(of))
        .filter(sessions::expires_at.gt(now.as_micros()))
        .filter(users::disabled_at.is_null())
        .select(sessions::id)
        .load(c))?)
}

/// A user's sessions that live, the latest used first.
pub(crate) fn sessions_of(
    connection: &mut Connection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, UsersError> {
    let rows: Vec<SessionRow> = on_backend!(connection, c => sessions::table
        .filter(sessions::user_id.eq(user.get()))
        .filter(sessions::expires_at.gt(now.as_micros()))
        .order((sessions::last_used_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(c))?;
    let session = |row: SessionRow| Session {
        id: session_id(row.id),
        label: row.label,
        created_at: Timestamp::from_micros(row.created_at),
        last_used_at: Timestamp::from_micros(row.last_used_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Ends a user's sessions but one; returns those that were.
pub(crate) fn end_other_sessions(
    connection: &mut Connection,
    user: UserId,
    but: Option<i64>,
) -> Result<Vec<SessionId>, UsersError> {
    let others =
        sessions::table.filter(sessions::user_id.eq(user.get()).and(sessions::id.ne(but.unwrap_or(0))));
    let ended: Vec<i64> =
        on_backend!(connection, c => diesel::delete(others).returning(sessions::id).get_results(c))?;
    Ok(ended.into_iter().map(session_id).collect())
}

/// Ends one session of a user; false if there is none.
pub(crate) fn end_session(
    connection: &mut Connection,
    user: UserId,
    session: i64,
) -> Result<bool, UsersError> {
    let one = sessions::table.filter(sessions::id.eq(session).and(sessions::user_id.eq(user.get())));
    Ok(on_backend!(connection, c => diesel::delete(one).execute(c))? > 0)
}

/// Keeps a refresh token, with the one that it was given for.
pub(crate) fn insert_refresh_token(
    connection: &mut Connection,
    session: i64,
    hash: &[u8],
    parent: Option<&[u8]>,
) -> Result<(), UsersError> {
    on_backend!(connection, c => diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(hash),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::used.eq(false),
            refresh_tokens::parent.eq(parent),
        ))
        .execute(c))?;
    Ok(())
}

/// The session and user of a refresh token.
pub(crate) fn find_refresh_token(
    connection: &mut Connection,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<(i64, User)>, UsersError> {
    let row: Option<(i64, UserRow)> = on_backend!(connection, c => refresh_tokens::table
        .inner_join(sessions::table.inner_join(users::table))
        .filter(refresh_tokens::hash.eq(hash))
        .filter(sessions::expires_at.gt(now.as_micros()))
        .select((sessions::id, UserRow::as_select()))
        .first(c))
    .optional()?;
    row.map(|(session, user)| Ok((session, user.user()?))).transpose()
}

/// Marks a refresh token as used and lets its session live on. One that was used before may be used again as long as the token
/// that was given for it was not: the answer was lost, and that token is worth nothing any more. False for any other that was used.
pub(crate) fn use_refresh_token(
    connection: &mut Connection,
    hash: &[u8],
    session: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, UsersError> {
    if let Connection::Postgres(c) = connection {
        // Jobs share a commit: two nodes that wait for each other's sessions would never end.
        let own = sessions::table.find(session).select(sessions::id).for_update().skip_locked();
        own.first::<i64>(c).optional()?.ok_or(UsersError::Busy)?;
    }
    on_backend!(&mut *connection, c => diesel::update(sessions::table.find(session))
        .set((sessions::last_used_at.eq(now.as_micros()), sessions::expires_at.eq(expires_at.as_micros())))
        .execute(c))?;
    let unused = refresh_tokens::used.eq(false);
    let used = (refresh_tokens::used.eq(true), refresh_tokens::used_at.eq(now.as_micros()));
    let marked = diesel::update(refresh_tokens::table.find(hash).filter(unused)).set(used);
    if on_backend!(&mut *connection, c => marked.execute(c))? > 0 {
        return Ok(true);
    }
    let successor = refresh_tokens::session_id.eq(session).and(refresh_tokens::parent.eq(hash));
    let dropped = diesel::update(refresh_tokens::table.filter(successor).filter(unused)).set(used);
    Ok(on_backend!(connection, c => dropped.execute(c))? > 0)
}

/// Forgets sessions that have ended, with their tokens, and of others the tokens that were used before a moment; returns how many
/// sessions: none while another node does.
pub(crate) fn sweep(
    connection: &mut Connection,
    now: Timestamp,
    used_before: Timestamp,
) -> Result<usize, UsersError> {
    if !connection.try_lock("sessions")? {
        return Ok(0);
    }
    let old = refresh_tokens::table.filter(refresh_tokens::used_at.lt(used_before.as_micros()));
    on_backend!(&mut *connection, c => diesel::delete(old).execute(c))?;
    let over = sessions::table.filter(sessions::expires_at.le(now.as_micros()));
    Ok(on_backend!(connection, c => diesel::delete(over).execute(c))?)
}
