//! Accounts, passwords, sessions and tokens.
//!
//! [`Users`] is the door: sign up, log in, renew, log out. It is also the chat's
//! [`Authenticator`](chat_core::Authenticator) and [`Directory`](chat_core::Directory).

mod account;
mod acts;
mod admin;
mod error;
mod key;
mod password;
#[cfg(test)]
mod plans;
mod repository;
mod schema;
mod session;
mod settings;
mod token;
pub mod transfer;
mod users;

pub use account::{NewUser, User};
pub use acts::{Act, NewAct};
pub use admin::{AccountAct, Listed, Overseen};
pub use error::UsersError;
pub use key::TokenKey;
pub use session::{LoggedIn, Session};
pub use settings::UsersSettings;
pub use users::{Refreshed, Users};
