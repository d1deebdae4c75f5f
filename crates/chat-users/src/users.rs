//! What can be done with accounts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chat_core::{
    AuthError, Authenticator, Directory, Identity, Profile, SessionId, Timestamp, UserId, Violation,
};
use chat_db::{Connection, Db};

use crate::account::{check_beginning, check_display_name};
use crate::password::Hasher;
use crate::repository::{self, session_id, session_row};
use crate::token::{Signer, refresh_hash, refresh_token};
use crate::{LoggedIn, NewUser, Session, TokenKey, User, UsersError, UsersSettings, password};

/// The longest label of a session that is kept, in characters; what is longer is cut.
const LABEL_CHARS: usize = 200;

/// The accounts. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    hasher: Hasher,
    signer: Signer,
    settings: UsersSettings,
    clock: fn() -> Timestamp,
}

impl Users {
    /// How many users are found by the beginning of their names, at most.
    pub const FOUND: i64 = 20;

    /// The accounts in a database, with tokens signed by this key. Starts the threads that hash.
    ///
    /// # Errors
    /// [`UsersError::System`] when the threads cannot be started.
    pub fn new(db: Db, key: &TokenKey, settings: UsersSettings) -> Result<Users, UsersError> {
        Users::with_clock(db, key, settings, Timestamp::now)
    }

    /// As [`Users::new`], going by another clock.
    ///
    /// # Errors
    /// As [`Users::new`].
    pub fn with_clock(
        db: Db,
        key: &TokenKey,
        settings: UsersSettings,
        clock: fn() -> Timestamp,
    ) -> Result<Users, UsersError> {
        let hasher = Hasher::start(&settings)?;
        Ok(Users { inner: Arc::new(Inner { db, hasher, signer: Signer::new(key), settings, clock }) })
    }

    /// Makes an account. Its display name is its username.
    ///
    /// # Errors
    /// [`UsersError::Invalid`], [`UsersError::UsernameTaken`], [`UsersError::EmailTaken`],
    /// [`UsersError::Busy`], [`UsersError::Db`].
    pub async fn sign_up(&self, new: NewUser) -> Result<User, UsersError> {
        self.make(new, false).await
    }

    /// As [`Users::sign_up`]; the very first account of all becomes an administrator. Of two at once, only one is the first.
    ///
    /// # Errors
    /// As [`Users::sign_up`].
    pub async fn sign_up_or_found(&self, new: NewUser) -> Result<User, UsersError> {
        self.make(new, true).await
    }

    /// Makes an account; with `founds` the very first one an administrator's.
    async fn make(&self, new: NewUser, founds: bool) -> Result<User, UsersError> {
        refuse(new.check())?;
        let hash = self.inner.hasher.hash(&new.password).await?;
        let now = self.now();
        self.write(move |connection| {
            let admin = founds && repository::is_first(connection)?;
            repository::insert_user(connection, &new, &hash, now, admin)
        })
        .await
    }

    /// Begins a session. `label` says what logs in, for the user's list of sessions.
    ///
    /// # Errors
    /// [`UsersError::WrongCredentials`], [`UsersError::Disabled`], [`UsersError::Busy`], [`UsersError::Db`].
    pub async fn log_in(
        &self,
        email_or_username: &str,
        password: &str,
        label: &str,
    ) -> Result<LoggedIn, UsersError> {
        let user = self.verify(email_or_username, password).await?;
        let refresh = refresh_token()?;
        let hash = refresh_hash(&refresh);
        let settings = &self.inner.settings;
        let (session, ended) = self.begin_session(user.id(), label, settings.refresh, Some(hash)).await?;
        Ok(LoggedIn { ended, ..self.logged_in(user, session, refresh)? })
    }

    /// Begins a session of the classic API: one token with the original's claims, which cannot be renewed.
    ///
    /// # Errors
    /// As [`Users::log_in`].
    pub async fn log_in_classic(
        &self,
        email: &str,
        password: &str,
        label: &str,
    ) -> Result<LoggedIn, UsersError> {
        let user = self.verify(email, password).await?;
        let life = self.inner.settings.classic;
        let (session, ended) = self.begin_session(user.id(), label, life, None).await?;
        let access_token = self.inner.signer.classic(&user.profile, session, self.now(), life)?;
        let session = session_id(session);
        Ok(LoggedIn { user, session, access_token, expires_in: life, refresh_token: None, ended })
    }

    /// Renews an access token. The refresh token is used up; a new one comes with it. One that was used
    /// before has been stolen, or its thief has: its session ends, and comes back in place of a token. Unless the one that came with it
    /// never was used: then the answer was lost, and there is another one, with another token. Whoever has the lost one after all,
    /// ends the session by it.
    ///
    /// # Errors
    /// [`UsersError::InvalidRefreshToken`], [`UsersError::Disabled`], [`UsersError::Busy`] while another node renews the same
    /// session, [`UsersError::Db`].
    pub async fn refresh(&self, token: &str) -> Result<Refreshed, UsersError> {
        let (old, next) = (refresh_hash(token), refresh_token()?);
        let new = refresh_hash(&next);
        let now = self.now();
        let expires_at = now.after(self.inner.settings.refresh);
        let turn = move |connection: &mut Connection| {
            let Some((session, user)) = repository::find_refresh_token(connection, &old, now)? else {
                return Err(UsersError::InvalidRefreshToken);
            };
            if user.disabled_at.is_some() {
                return Err(UsersError::Disabled);
            }
            if !repository::use_refresh_token(connection, &old, session, now, expires_at)? {
                repository::end_session(connection, user.id(), session)?;
                return Ok((user, session, false));
            }
            repository::insert_refresh_token(connection, session, &new, Some(&old))?;
            Ok((user, session, true))
        };
        let (user, session, renewed) = self.write(turn).await?;
        if renewed {
            return Ok(Refreshed::Renewed(self.logged_in(user, session, next)?));
        }
        log::warn!("a refresh token of user {} was used twice: its session has ended", user.id());
        Ok(Refreshed::Reused { user: user.id(), session: session_id(session) })
    }

    /// A user's sessions that live, the latest used first.
    ///
    /// # Errors
    /// [`UsersError::Db`].
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>, UsersError> {
        let now = self.now();
        self.read(move |connection| repository::sessions_of(connection, user, now)).await
    }

    /// Ends one session of a user.
    ///
    /// # Errors
    /// [`UsersError::SessionNotFound`], [`UsersError::Db`].
    pub async fn end_session(&self, user: UserId, session: &SessionId) -> Result<(), UsersError> {
        let session = session_row(session).ok_or(UsersError::SessionNotFound)?;
        let ended = self.write(move |connection| repository::end_session(connection, user, session)).await?;
        if ended { Ok(()) } else { Err(UsersError::SessionNotFound) }
    }

    /// Changes the password of someone who knows it, and ends all sessions but `current`; returns those.
    ///
    /// # Errors
    /// [`UsersError::WrongCredentials`], [`UsersError::Invalid`] (field `new_password`), [`UsersError::Busy`],
    /// [`UsersError::Db`].
    pub async fn change_password(
        &self,
        user: UserId,
        current: Option<&SessionId>,
        old: &str,
        new: &str,
    ) -> Result<Vec<SessionId>, UsersError> {
        refuse(password::check("new_password", new).into_iter().collect())?;
        let hash = self.read(move |connection| repository::password_hash(connection, user)).await?;
        if !self.inner.hasher.verify(old, hash).await? {
            return Err(UsersError::WrongCredentials);
        }
        self.keep_password(user, new, current.and_then(session_row)).await
    }

    /// Gives a user another password and ends all their sessions; returns those. For the operator.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Invalid`], [`UsersError::Busy`], [`UsersError::Db`].
    pub async fn set_password(&self, user: UserId, new: &str) -> Result<Vec<SessionId>, UsersError> {
        refuse(password::check("password", new).into_iter().collect())?;
        self.keep_password(user, new, None).await
    }

    /// Disables an account and ends its sessions, which are returned; or enables it again. For the operator.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn set_disabled(&self, user: UserId, disabled: bool) -> Result<Vec<SessionId>, UsersError> {
        let since = disabled.then(|| self.now());
        self.write(move |connection| {
            repository::set_disabled(connection, user, since)?;
            if disabled { repository::end_other_sessions(connection, user, None) } else { Ok(Vec::new()) }
        })
        .await
    }

    /// Makes a user an administrator, or one no longer. For the operator at the machine: who is asked over the network is an
    /// administrator, and [`Users::operate`] is for them.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn set_admin(&self, user: UserId, admin: bool) -> Result<(), UsersError> {
        self.write(move |connection| repository::set_admin(connection, user, admin)).await
    }

    /// An account.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn user(&self, user: UserId) -> Result<User, UsersError> {
        let found = self.read(move |connection| repository::find_user(connection, user)).await?;
        found.ok_or(UsersError::UserNotFound)
    }

    /// The users whose usernames begin so, whatever the case, in the order of these, at most [`Users::FOUND`]; without those whose
    /// accounts are disabled.
    ///
    /// # Errors
    /// [`UsersError::Invalid`] for a beginning that is empty or longer than a username; [`UsersError::Db`].
    pub async fn named(&self, beginning: &str) -> Result<Vec<Profile>, UsersError> {
        if let Some(wrong) = check_beginning(beginning) {
            return Err(UsersError::Invalid(vec![wrong]));
        }
        let beginning = beginning.to_owned();
        let found =
            self.read(move |connection| repository::find_named(connection, &beginning, Users::FOUND)).await?;
        Ok(found.into_iter().map(|user| user.profile).collect())
    }

    /// The account with this e-mail address or username.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Db`].
    pub async fn find_by_name(&self, email_or_username: &str) -> Result<User, UsersError> {
        let name = email_or_username.to_owned();
        let found = self.read(move |connection| repository::find_credentials(connection, &name)).await?;
        found.map(|(user, _)| user).ok_or(UsersError::UserNotFound)
    }

    /// Changes the name that is shown.
    ///
    /// # Errors
    /// [`UsersError::UserNotFound`], [`UsersError::Invalid`], [`UsersError::Db`].
    pub async fn set_display_name(&self, user: UserId, name: &str) -> Result<User, UsersError> {
        refuse(check_display_name(name).into_iter().collect())?;
        let name = name.to_owned();
        let changed =
            self.write(move |connection| repository::set_display_name(connection, user, &name)).await?;
        changed.ok_or(UsersError::UserNotFound)
    }

    /// Forgets sessions that have ended, and tokens that were used longer ago than a session lives unused; to be called now and then.
    /// Returns how many sessions.
    ///
    /// # Errors
    /// [`UsersError::Db`].
    pub async fn sweep(&self) -> Result<usize, UsersError> {
        let now = self.now();
        let used_before = now.before(self.inner.settings.refresh);
        self.write(move |connection| repository::sweep(connection, now, used_before)).await
    }

    async fn verify(&self, email_or_username: &str, password: &str) -> Result<User, UsersError> {
        let name = email_or_username.to_owned();
        let found = self.read(move |connection| repository::find_credentials(connection, &name)).await?;
        let (user, hash) = found.unzip();
        // Also for nobody: the answer takes as long.
        let right = self.inner.hasher.verify(password, hash).await?;
        let user = user.filter(|_| right).ok_or(UsersError::WrongCredentials)?;
        if user.disabled_at.is_some() { Err(UsersError::Disabled) } else { Ok(user) }
    }

    async fn begin_session(
        &self,
        user: UserId,
        label: &str,
        life: Duration,
        refresh: Option<Vec<u8>>,
    ) -> Result<(i64, Vec<SessionId>), UsersError> {
        let label: String = label.chars().filter(|c| !c.is_control()).take(LABEL_CHARS).collect();
        let now = self.now();
        let most = self.inner.settings.sessions_per_user.max(1);
        self.write(move |connection| {
            let mut ended = Vec::new();
            for old in repository::sessions_of(connection, user, now)?.into_iter().skip(most - 1) {
                if let Some(row) = session_row(&old.id) {
                    repository::end_session(connection, user, row)?;
                    ended.push(old.id);
                }
            }
            let session = repository::insert_session(connection, user, &label, now, now.after(life))?;
            if let Some(hash) = refresh {
                repository::insert_refresh_token(connection, session, &hash, None)?;
            }
            Ok((session, ended))
        })
        .await
    }

    fn logged_in(&self, user: User, session: i64, refresh_token: String) -> Result<LoggedIn, UsersError> {
        let expires_in = self.inner.settings.access;
        let access_token = self.inner.signer.access(user.id(), session, self.now(), expires_in)?;
        let (session, refresh_token) = (session_id(session), Some(refresh_token));
        Ok(LoggedIn { user, session, access_token, expires_in, refresh_token, ended: Vec::new() })
    }

    async fn keep_password(
        &self,
        user: UserId,
        new: &str,
        but: Option<i64>,
    ) -> Result<Vec<SessionId>, UsersError> {
        let hash = self.inner.hasher.hash(new).await?;
        self.write(move |connection| {
            repository::set_password(connection, user, &hash)?;
            repository::end_other_sessions(connection, user, but)
        })
        .await
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, UsersError> + Send + 'static,
    ) -> Result<T, UsersError> {
        self.inner.db.read(job).await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, UsersError> + Send + 'static,
    ) -> Result<T, UsersError> {
        // One lane for all: two that renew the same token at once must see each other.
        self.inner.db.write(self.inner.db.lane("accounts"), job).await
    }
}

/// What became of a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// It was good.
    Renewed(LoggedIn),
    /// It had been used before: the session it belonged to has ended.
    Reused {
        /// Whose.
        user: UserId,
        /// Which.
        session: SessionId,
    },
}

pub(crate) fn refuse(violations: Vec<Violation>) -> Result<(), UsersError> {
    if violations.is_empty() { Ok(()) } else { Err(UsersError::Invalid(violations)) }
}

#[async_trait]
impl Authenticator for Users {
    /// The signature, the end, and that the session still lives: who has logged out is out at once.
    async fn authenticate(&self, token: &str) -> Result<Identity, AuthError> {
        let now = self.now();
        let proof = self.inner.signer.check(token, now)?;
        let (user, session) = (proof.user, proof.session);
        let found =
            self.read(move |connection| repository::find_session_user(connection, session, user, now)).await;
        match found {
            Ok(Some(user)) => Ok(Identity {
                profile: user.profile,
                session: Some(session_id(session)),
                expires_at: Some(proof.expires_at),
            }),
            Ok(None) => Err(AuthError::Invalid),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn ended(&self, sessions: &[(UserId, SessionId)]) -> Result<Vec<(UserId, SessionId)>, AuthError> {
        let now = self.now();
        let rows: Vec<i64> = sessions.iter().filter_map(|(_, session)| session_row(session)).collect();
        let living = self.read(move |connection| repository::living_sessions(connection, &rows, now)).await;
        let living: HashSet<i64> = living.map_err(|error| unavailable(&error))?.into_iter().collect();
        let lives = |session| session_row(session).is_some_and(|row| living.contains(&row));
        Ok(sessions.iter().filter(|(_, session)| !lives(session)).cloned().collect())
    }
}

#[async_trait]
impl Directory for Users {
    async fn find(&self, user: UserId) -> Result<Option<Profile>, AuthError> {
        let found = self.read(move |connection| repository::find_user(connection, user)).await;
        // Nobody can be invited who cannot log in.
        let enabled = |user: &User| user.disabled_at.is_none();
        let found = found.map_err(|error| unavailable(&error))?;
        Ok(found.filter(enabled).map(|user| user.profile))
    }
}

fn unavailable(error: &UsersError) -> AuthError {
    // The database says once that it is away.
    log::debug!("the accounts cannot be asked: {error}");
    AuthError::Unavailable
}
