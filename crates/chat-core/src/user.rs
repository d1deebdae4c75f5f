//! Who somebody is, and the ports that say so. Accounts live elsewhere: in `chat-users`, or with whoever
//! embeds this crate.

use async_trait::async_trait;

use crate::{SessionId, Timestamp, UserId};

/// What others see of a user. Events keep it as it was when they happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Profile {
    /// The account.
    pub id: UserId,
    /// The unique name.
    pub username: String,
    /// The name to show; the username where the user chose none.
    pub display_name: String,
}

impl Profile {
    /// The username in lower case: by it the user is called, whatever the case.
    #[must_use]
    pub fn name_key(&self) -> String {
        self.username.to_lowercase()
    }
}

/// Who a token belongs to, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub profile: Profile,
    /// The log-in that the token came from; none for tokens that belong to no log-in.
    pub session: Option<SessionId>,
    /// When the token ends; none for never.
    pub expires_at: Option<Timestamp>,
}

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// It was good once: get a new one.
    #[error("the token has expired")]
    Expired,
    /// It never was, or its session has ended.
    #[error("the token is not valid")]
    Invalid,
    /// The accounts cannot be asked now: try again later.
    #[error("the accounts are unavailable")]
    Unavailable,
}

/// Says who a token belongs to.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Checks a token as the client sent it.
    ///
    /// # Errors
    /// See [`AuthError`]; never tells the client more than that.
    async fn authenticate(&self, token: &str) -> Result<Identity, AuthError>;

    /// Which of these log-ins have ended; asked now and then about those that have connections, of which nobody may have
    /// told. Where tokens belong to no log-in, there is nothing to say.
    ///
    /// # Errors
    /// Only [`AuthError::Unavailable`].
    async fn ended(&self, _sessions: &[(UserId, SessionId)]) -> Result<Vec<(UserId, SessionId)>, AuthError> {
        Ok(Vec::new())
    }
}

/// Knows the users by their ids: who is invited must exist.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The user's profile; none if there is no such user.
    ///
    /// # Errors
    /// Only [`AuthError::Unavailable`].
    async fn find(&self, user: UserId) -> Result<Option<Profile>, AuthError>;
}

/// Knows nobody: for a chat into which nobody is invited by their id.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn find(&self, _: UserId) -> Result<Option<Profile>, AuthError> {
        Ok(None)
    }
}
