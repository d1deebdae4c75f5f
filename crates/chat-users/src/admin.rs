//! What administrators do to accounts, and the log of all that they do.

use std::collections::HashMap;

use chat_core::{Profile, SessionId, Timestamp, UserId};
use chat_db::Connection;

use crate::account::check_any_beginning;
use crate::acts::{self, Act, NewAct};
use crate::repository::{self, OPERATORS};
use crate::users::refuse;
use crate::{User, Users, UsersError};

/// What an administrator does to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountAct {
    /// Keeps it from logging in, and ends its sessions.
    Disable,
    /// Lets it log in again.
    Enable,
    /// Ends its sessions.
    EndSessions,
    /// Makes it an administrator.
    GiveAdmin,
    /// Makes it one no longer.
    TakeAdmin,
}

impl AccountAct {
    fn word(self) -> &'static str {
        match self {
            AccountAct::Disable => "user.disable",
            AccountAct::Enable => "user.enable",
            AccountAct::EndSessions => "session.end_all",
            AccountAct::GiveAdmin => "admin.give",
            AccountAct::TakeAdmin => "admin.take",
        }
    }
}

/// An account as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overseen {
    /// The account.
    pub user: User,
    /// How many log-ins of it live.
    pub sessions: u64,
}

/// Which accounts to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Those whose usernames begin so, whatever the case, in the order of these.
    ByUsername(String),
    /// Those whose e-mail addresses begin so, whatever the case, in the order of these.
    ByEmail(String),
}

impl Users {
    /// Does something to an account, and keeps in the log that it was done, both or neither. Returns the account as it is then, and
    /// the sessions that have ended. What is so already is no act.
    ///
    /// Nobody can disable themselves or take from themselves that they are an administrator, so one is always left.
    ///
    /// # Errors
    /// [`UsersError::NotAdmin`], [`UsersError::Oneself`], [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn operate(
        &self,
        by: &Profile,
        user: UserId,
        act: AccountAct,
    ) -> Result<(Overseen, Vec<SessionId>), UsersError> {
        let (by, now) = (by.clone(), self.now());
        if by.id == user && matches!(act, AccountAct::Disable | AccountAct::TakeAdmin) {
            return Err(UsersError::Oneself);
        }
        self.write(move |connection| {
            // Two who take it from one another at once, at two nodes, would leave nobody.
            connection.lock(OPERATORS)?;
            let may = |user: &User| user.admin && user.disabled_at.is_none();
            if !repository::find_user(connection, by.id)?.as_ref().is_some_and(may) {
                return Err(UsersError::NotAdmin);
            }
            let before = repository::find_user(connection, user)?.ok_or(UsersError::UserNotFound)?;
            let mut ended = Vec::new();
            match act {
                AccountAct::Disable if before.disabled_at.is_none() => {
                    repository::set_disabled(connection, user, Some(now))?;
                }
                AccountAct::Enable => repository::set_disabled(connection, user, None)?,
                AccountAct::GiveAdmin => repository::set_admin(connection, user, true)?,
                AccountAct::TakeAdmin => repository::set_admin(connection, user, false)?,
                AccountAct::Disable | AccountAct::EndSessions => {}
            }
            if matches!(act, AccountAct::Disable | AccountAct::EndSessions) {
                ended = repository::end_other_sessions(connection, user, None)?;
            }
            let after = look(connection, user, now)?;
            if after.user != before || !ended.is_empty() {
                let new = NewAct { user: Some(after.user.profile.clone()), ..NewAct::of(act.word()) };
                acts::insert(connection, &by, &new, now)?;
            }
            Ok((after, ended))
        })
        .await
    }

    /// A page of all accounts behind the name or address `after`, at most `limit`.
    ///
    /// # Errors
    /// [`UsersError::Invalid`] for a beginning longer than what it is looked for in; [`UsersError::Db`].
    pub async fn overseen(
        &self,
        listed: Listed,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Overseen>, UsersError> {
        let now = self.now();
        refuse(check_any_beginning(&listed).into_iter().collect())?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            let users = repository::list_users(connection, &listed, after.as_deref(), limit)?;
            let ids: Vec<UserId> = users.iter().map(User::id).collect();
            let counts = repository::count_sessions(connection, &ids, now)?;
            let counts: HashMap<UserId, u64> = counts.into_iter().collect();
            let overseen =
                |user: User| Overseen { sessions: counts.get(&user.id()).copied().unwrap_or(0), user };
            Ok(users.into_iter().map(overseen).collect())
        })
        .await
    }

    /// One account.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn oversee(&self, user: UserId) -> Result<Overseen, UsersError> {
        let now = self.now();
        self.read(move |connection| look(connection, user, now)).await
    }

    /// Keeps in the log that an administrator does something that is not about accounts.
    ///
    /// # Errors
    /// [`UsersError::Db`].
    pub async fn note_act(&self, by: &Profile, act: NewAct) -> Result<(), UsersError> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| acts::insert(connection, &by, &act, now)).await
    }

    /// What administrators have done, the latest first, before the act of the number `before`, at most `limit`. Nothing changes or
    /// removes an act.
    ///
    /// # Errors
    /// [`UsersError::Db`].
    pub async fn acts(&self, before: Option<i64>, limit: usize) -> Result<Vec<Act>, UsersError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| acts::list(connection, before, limit)).await
    }
}

/// An account as it is now.
fn look(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<Overseen, UsersError> {
    let found = repository::find_user(connection, user)?.ok_or(UsersError::UserNotFound)?;
    let counts = repository::count_sessions(connection, &[user], now)?;
    Ok(Overseen { user: found, sessions: counts.first().map_or(0, |(_, count)| *count) })
}
