//! A chat mounted in someone else's actix application: whoever the application says you are, you are.

use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use chat_core::*;
use chat_ws::{SocketSettings, Sockets, configure};

struct Tokens;
#[async_trait::async_trait]
impl Authenticator for Tokens {
    async fn authenticate(&self, token: &str) -> Result<Identity, AuthError> {
        let id = token.parse().map_err(|_| AuthError::Invalid)?;
        let (username, display_name) = (format!("user {id}"), format!("User {id}"));
        Ok(Identity { profile: Profile { id, username, display_name }, session: None, expires_at: None })
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let chat = Arc::new(Chat::in_memory(Limits::default()));
    let sockets = Sockets::new(chat, Arc::new(Tokens), SocketSettings::default());
    let app = move || {
        App::new().route("/", web::get().to(|| async { "mine" })).configure(configure(sockets.clone()))
    };
    println!("ws://127.0.0.1:8088/connection/websocket, the token is a user's number");
    HttpServer::new(app).bind(("127.0.0.1", 8088))?.run().await
}
