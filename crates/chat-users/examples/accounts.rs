//! Accounts inside another service: sign up, log in, and who a token belongs to; no web.

use std::error::Error;

use chat_core::Authenticator;
use chat_db::{Db, DbSettings, DbUrl};
use chat_users::{NewUser, TokenKey, Users, UsersSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::temp_dir().join(format!("accounts-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let db = Db::open(&DbSettings::new(DbUrl::Sqlite(directory.join("accounts.db"))))?;
    let (key, _) = TokenKey::load_or_create(&directory.join("token.key"))?;
    let users = Users::new(db.clone(), &key, UsersSettings::default())?;
    let password = "correct horse".to_owned();
    users.sign_up(NewUser { username: "ann".into(), email: "ann@example.com".into(), password }).await?;
    let session = users.log_in("ann@example.com", "correct horse", "an example").await?;
    let identity = users.authenticate(&session.access_token).await?;
    println!("the token is {}'s", identity.profile.username);
    db.close();
    Ok(std::fs::remove_dir_all(directory)?)
}
