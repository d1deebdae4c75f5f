//! How accounts are kept.

use std::time::Duration;

/// The settings of accounts. [`UsersSettings::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersSettings {
    /// The cost of a password hash, 4 to 31: each step doubles the time. Default 12.
    pub bcrypt_cost: u32,
    /// Threads that hash passwords; at least 1. Default 2.
    pub bcrypt_threads: usize,
    /// How many passwords may wait for them; what comes beyond is
    /// [`UsersError::Busy`](crate::UsersError::Busy). At least 1. Default 64.
    pub bcrypt_queue: usize,
    /// How long an access token lives. Default 15 minutes.
    pub access: Duration,
    /// How long a session lives that is not used. Default 30 days.
    pub refresh: Duration,
    /// How long a session of the classic API lives, whose token cannot be renewed. Default 24 hours.
    pub classic: Duration,
    /// How many sessions a user may have; a further one ends the oldest. Default 100.
    pub sessions_per_user: usize,
}

impl Default for UsersSettings {
    fn default() -> UsersSettings {
        UsersSettings {
            bcrypt_cost: 12,
            bcrypt_threads: 2,
            bcrypt_queue: 64,
            access: Duration::from_secs(15 * 60),
            refresh: Duration::from_secs(30 * 24 * 3600),
            classic: Duration::from_secs(24 * 3600),
            sessions_per_user: 100,
        }
    }
}
