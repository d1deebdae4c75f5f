//! The log of what administrators have done. It is appended to and read, and nothing else.

use chat_core::{Profile, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::UsersError;
use crate::schema::operator_acts;
use crate::transfer::AccountRecord;

/// Something that an administrator has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its number; later ones have greater numbers.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, as they were called then.
    pub by: Profile,
    /// What, and to whom or what.
    pub what: NewAct,
}

/// What is done, and to whom or what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAct {
    /// What: a stable word such as `user.disable`.
    pub act: String,
    /// The user to whom it is done, as they are called then.
    pub user: Option<Profile>,
    /// The room in which it is done.
    pub room: Option<String>,
    /// The message in it.
    pub message: Option<i64>,
    /// What else there is to say: a deleted room's name, a verdict.
    pub detail: Option<String>,
}

impl NewAct {
    /// An act of this word, done to nobody yet.
    #[must_use]
    pub fn of(act: &str) -> NewAct {
        NewAct { act: act.to_owned(), user: None, room: None, message: None, detail: None }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = operator_acts)]
pub(crate) struct ActRow {
    pub id: i64,
    at: i64,
    actor_id: i64,
    actor_username: String,
    actor_display_name: String,
    act: String,
    user_id: Option<i64>,
    username: Option<String>,
    display_name: Option<String>,
    room: Option<String>,
    message: Option<i64>,
    detail: Option<String>,
}

impl ActRow {
    /// An id that is none comes of a damaged table only.
    fn act(self) -> Result<Act, UsersError> {
        let profile = |id, username, display_name| {
            let id = UserId::new(id).map_err(|_| UsersError::UserNotFound)?;
            Ok::<_, UsersError>(Profile { id, username, display_name })
        };
        let user = self
            .user_id
            .map(|id| profile(id, self.username.unwrap_or_default(), self.display_name.unwrap_or_default()))
            .transpose()?;
        let by = profile(self.actor_id, self.actor_username, self.actor_display_name)?;
        let what =
            NewAct { act: self.act, user, room: self.room, message: self.message, detail: self.detail };
        Ok(Act { id: self.id, at: Timestamp::from_micros(self.at), by, what })
    }
}

impl ActRow {
    /// The row on its way to another database.
    pub fn record(self) -> AccountRecord {
        let name = |name: Option<String>| name.unwrap_or_default();
        AccountRecord::Act {
            id: self.id,
            at: self.at,
            by: self.actor_id,
            username: self.actor_username,
            display_name: self.actor_display_name,
            act: self.act,
            user: self.user_id.map(|id| (id, name(self.username), name(self.display_name))),
            room: self.room,
            message: self.message,
            detail: self.detail,
        }
    }
}

/// A page of the rows, the first ones first.
pub(crate) fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<ActRow>> {
    let page = operator_acts::table.filter(operator_acts::id.gt(after)).order(operator_acts::id).limit(limit);
    on_backend!(connection, c => page.select(ActRow::as_select()).load(c))
}

/// Appends an act.
pub(crate) fn insert(
    connection: &mut Connection,
    by: &Profile,
    act: &NewAct,
    now: Timestamp,
) -> Result<(), UsersError> {
    let user = act.user.as_ref();
    let row = (
        operator_acts::at.eq(now.as_micros()),
        operator_acts::actor_id.eq(by.id.get()),
        operator_acts::actor_username.eq(&by.username),
        operator_acts::actor_display_name.eq(&by.display_name),
        operator_acts::act.eq(&act.act),
        operator_acts::user_id.eq(user.map(|user| user.id.get())),
        operator_acts::username.eq(user.map(|user| user.username.as_str())),
        operator_acts::display_name.eq(user.map(|user| user.display_name.as_str())),
        operator_acts::room.eq(act.room.as_deref()),
        operator_acts::message.eq(act.message),
        operator_acts::detail.eq(act.detail.as_deref()),
    );
    on_backend!(connection, c => diesel::insert_into(operator_acts::table).values(row).execute(c))?;
    Ok(())
}

/// A page of the log, the latest first.
pub(crate) fn list(
    connection: &mut Connection,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Act>, UsersError> {
    let page = operator_acts::table
        .filter(operator_acts::id.lt(before.unwrap_or(i64::MAX)))
        .order(operator_acts::id.desc())
        .limit(limit);
    let rows: Vec<ActRow> = on_backend!(connection, c => page.select(ActRow::as_select()).load(c))?;
    rows.into_iter().map(ActRow::act).collect()
}
