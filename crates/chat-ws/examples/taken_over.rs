//! A server of one's own that takes its sockets over from actix-http: a write costs its system call, and an idle
//! connection two or three KiB. The token is a user's number.

use std::sync::Arc;

use actix_http::HttpService;
use actix_service::map_config;
use actix_web::{App, dev::AppConfig, web};
use chat_core::*;
use chat_ws::{SocketSettings, Sockets, configure, takeover};

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
    println!("ws://127.0.0.1:8088/connection/websocket");
    let http = move || {
        let plain = map_config(app(), |()| AppConfig::default());
        HttpService::build().upgrade(takeover(app())).h1(plain).tcp()
    };
    actix_server::Server::build().bind("chat", ("127.0.0.1", 8088), http)?.run().await
}
