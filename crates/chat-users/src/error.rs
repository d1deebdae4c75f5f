//! What can go wrong with accounts.

use chat_core::Violation;
use chat_db::DbError;

/// Why a call about accounts was refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsersError {
    /// Values break a rule; each one is named. Never empty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Violation>),
    /// Another user has this name, but for upper and lower case.
    #[error("this username is taken")]
    UsernameTaken,
    /// Another user has this e-mail address, but for upper and lower case.
    #[error("this email is taken")]
    EmailTaken,
    /// There is no such user, or the password is another; which of the two is not told.
    #[error("wrong email or password")]
    WrongCredentials,
    /// The password is right and the account was disabled.
    #[error("this account is disabled")]
    Disabled,
    /// The refresh token is not known, was used before, or its session has ended.
    #[error("this refresh token is not valid")]
    InvalidRefreshToken,
    /// The user has no such session.
    #[error("there is no such session")]
    SessionNotFound,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// The call is for administrators, and the caller is none.
    #[error("this is for administrators")]
    NotAdmin,
    /// An administrator cannot do this to themselves: another one can.
    #[error("nobody does this to their own account: another administrator can")]
    Oneself,
    /// Too many passwords wait to be hashed: try again later.
    #[error("too many are logging in: try again")]
    Busy,
    /// The file of the signing key cannot be read or made, or the key is too short.
    #[error("the signing key: {detail}")]
    Key {
        /// What is wrong with it.
        detail: String,
    },
    /// The system gave no random bits, no thread, or no hash.
    #[error("{detail}")]
    System {
        /// What it says.
        detail: String,
    },
    /// The database cannot be used now.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for UsersError {
    fn from(error: diesel::result::Error) -> UsersError {
        UsersError::Db(error.into())
    }
}
