//! A chat in memory and the people in it.

use std::sync::Arc;

use async_trait::async_trait;
use chat_core::{AuthError, Chat, Directory, Hub, Limits, LocalBackplane, MemoryStore, Profile, UserId};
use chat_json::CallError;
use serde_json::Value;

/// Knows the users 1 to 9, and is away when asked for 9.
pub struct Nine;

#[async_trait]
impl Directory for Nine {
    async fn find(&self, user: UserId) -> Result<Option<Profile>, AuthError> {
        match user.get() {
            9 => Err(AuthError::Unavailable),
            number => Ok((number < 9).then(|| profile(number))),
        }
    }
}

pub fn profile(number: i64) -> Profile {
    Profile {
        id: UserId::new(number).unwrap(),
        username: format!("user{number}"),
        display_name: format!("User {number}"),
    }
}

pub fn chat() -> Arc<Chat> {
    chat_with(Limits::default())
}

pub fn chat_with(limits: Limits) -> Arc<Chat> {
    let (backplane, _) = LocalBackplane::new(16);
    let store = Arc::new(MemoryStore::new(limits.clone(), Arc::new(backplane)));
    let hub = Arc::new(Hub::new(limits.clone()));
    Arc::new(Chat::new(store, Arc::new(Nine), hub, limits))
}

/// Runs a call of a user and reads its answer.
pub async fn call(chat: &Arc<Chat>, user: i64, method: &str, data: &str) -> Result<Value, CallError> {
    let answer = chat_json::call(chat, &profile(user), method, data).await?;
    Ok(serde_json::from_str(&answer).unwrap())
}
