//! The calls of a chat in memory, read from standard input: `room.create {"id":"general","name":"General"}`.

use std::sync::Arc;

use chat_core::{AuthError, Chat, Directory, Hub, Limits, LocalBackplane, MemoryStore, Profile, UserId};

struct Nobody;

#[async_trait::async_trait]
impl Directory for Nobody {
    async fn find(&self, _: UserId) -> Result<Option<Profile>, AuthError> {
        Ok(None)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let limits = Limits::default();
    let (backplane, _arrivals) = LocalBackplane::new(limits.fan_out_queue);
    let store = Arc::new(MemoryStore::new(limits.clone(), Arc::new(backplane)));
    let chat = Arc::new(Chat::new(store, Arc::new(Nobody), Arc::new(Hub::new(limits.clone())), limits));
    let ada = Profile { id: UserId::new(1)?, username: "ada".into(), display_name: "Ada".into() };
    for line in std::io::stdin().lines() {
        let line = line?;
        let (method, data) = line.split_once(' ').unwrap_or((&line, ""));
        match chat_json::call(&chat, &ada, method, data).await {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("{}: {error}", error.code),
        }
    }
    Ok(())
}
