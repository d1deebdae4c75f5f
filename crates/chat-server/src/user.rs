//! The commands that manage accounts, beside a running server or without one.

use chat_users::{NewUser, Users};

use crate::cli::UserCommand;
use crate::error::ServerError;
use crate::settings::Settings;
use crate::{open, password};

/// Carries out a command and says in one line what was done. Blocks.
///
/// # Errors
/// [`ServerError::Password`], [`ServerError::DataDir`], [`ServerError::Db`], [`ServerError::Users`]
pub fn run(command: &UserCommand, settings: &Settings) -> Result<String, ServerError> {
    let db = open::database(settings)?;
    let users = open::users(settings, db.clone(), &open::token_key(settings)?)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(ServerError::Runtime)?;
    let done = runtime.block_on(carry_out(command, &users));
    db.close();
    done
}

async fn carry_out(command: &UserCommand, users: &Users) -> Result<String, ServerError> {
    match command {
        UserCommand::Add { username, email } => {
            let password = password::read().map_err(ServerError::Password)?;
            let new = NewUser { username: username.clone(), email: email.clone(), password };
            let user = users.sign_up(new).await?;
            Ok(format!("added {} with the id {}", user.profile.username, user.id()))
        }
        UserCommand::Password { user } => {
            let user = users.find_by_name(user).await?;
            let password = password::read().map_err(ServerError::Password)?;
            let ended = users.set_password(user.id(), &password).await?;
            Ok(format!("set the password of {}, ended {} sessions", user.profile.username, ended.len()))
        }
        UserCommand::Disable { user } => {
            let user = users.find_by_name(user).await?;
            let ended = users.set_disabled(user.id(), true).await?;
            Ok(format!("disabled {}, ended {} sessions", user.profile.username, ended.len()))
        }
        UserCommand::Enable { user } => {
            let user = users.find_by_name(user).await?;
            users.set_disabled(user.id(), false).await?;
            Ok(format!("enabled {}", user.profile.username))
        }
        UserCommand::Admin { user } => {
            let user = users.find_by_name(user).await?;
            users.set_admin(user.id(), true).await?;
            Ok(format!("{} is an administrator", user.profile.username))
        }
        UserCommand::NoAdmin { user } => {
            let user = users.find_by_name(user).await?;
            users.set_admin(user.id(), false).await?;
            Ok(format!("{} is no administrator", user.profile.username))
        }
    }
}
