//! What users say of themselves, in its table.

use chat_core::{Status, StatusChanges, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row;
use crate::schema::statuses;

type Result<T> = std::result::Result<T, HistoryError>;

type StatusRow = (i64, String, bool, Option<i64>);

/// What is kept of these users.
pub(crate) fn find(connection: &mut Connection, users: &[UserId]) -> Result<Vec<(UserId, Status)>> {
    let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
    // One is prepared once, many are not.
    let rows: Vec<StatusRow> = match ids.as_slice() {
        [one] => on_backend!(connection, c => statuses::table.find(one).load(c))?,
        many => {
            let of_users = statuses::table.filter(statuses::user_id.eq_any(many));
            on_backend!(connection, c => of_users.load(c))?
        }
    };
    let status = |(user, text, hidden, last_seen): StatusRow| {
        let last_seen = last_seen.map(Timestamp::from_micros);
        Ok((row::user_id("statuses", user)?, Status { text, hidden, last_seen }))
    };
    rows.into_iter().map(status).collect()
}

/// Changes what is kept of a user; all of it as it stands then.
pub(crate) fn change(connection: &mut Connection, user: UserId, changes: StatusChanges) -> Result<Status> {
    let StatusChanges { text, hidden } = changes;
    let new = (
        statuses::user_id.eq(user.get()),
        statuses::text.eq(text.clone().unwrap_or_default()),
        statuses::hidden.eq(hidden.unwrap_or_default()),
    );
    let insert = diesel::insert_into(statuses::table).values(new).on_conflict_do_nothing();
    on_backend!(&mut *connection, c => insert.execute(c))?;
    let row = statuses::table.find(user.get());
    if let Some(text) = text {
        on_backend!(&mut *connection, c => diesel::update(row).set(statuses::text.eq(&text)).execute(c))?;
    }
    if let Some(hidden) = hidden {
        on_backend!(&mut *connection, c => diesel::update(row).set(statuses::hidden.eq(hidden)).execute(c))?;
    }
    Ok(find(connection, &[user])?.pop().map(|(_, status)| status).unwrap_or_default())
}

/// Keeps when users were there; none is taken back to an earlier time.
pub(crate) fn saw(connection: &mut Connection, users: &[(UserId, Timestamp)]) -> Result<()> {
    // Two nodes that write the same rows must do it in the same order.
    let mut users = users.to_vec();
    users.sort_unstable();
    for (user, at) in users {
        let at = at.as_micros();
        let row = statuses::table.find(user.get());
        let later = row.filter(statuses::last_seen.is_null().or(statuses::last_seen.lt(at)));
        let set = diesel::update(later).set(statuses::last_seen.eq(at));
        if on_backend!(&mut *connection, c => set.execute(c))? == 0 {
            let new = (
                statuses::user_id.eq(user.get()),
                statuses::text.eq(""),
                statuses::hidden.eq(false),
                statuses::last_seen.eq(at),
            );
            let insert = diesel::insert_into(statuses::table).values(new).on_conflict_do_nothing();
            on_backend!(&mut *connection, c => insert.execute(c))?;
        }
    }
    Ok(())
}
