//! The client protocol and the classic room socket over actix-ws.
//!
//! [`configure`] mounts both on any actix application:
//!
//! - `GET /connection/websocket`: the client protocol, in JSON;
//! - `GET /ws/joinRoom/{roomId}`: the socket of the classic API, where it is enabled.
//!
//! One task runs each connection. What it is told comes from its outbox in the hub; a peer that does not read
//! is cut off alone.

mod body;
mod classic;
mod commands;
mod error;
mod format;
mod handshake;
mod native;
mod session;
mod settings;
mod timers;
mod transport;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use chat_core::{Authenticator, Chat, WireFormat};

pub use settings::{ClassicSettings, SocketSettings};

/// What the connections work with. Cheap to clone; made once and given to every worker.
#[derive(Clone)]
pub struct Sockets(Arc<Inner>);

struct Inner {
    chat: Arc<Chat>,
    authenticator: Arc<dyn Authenticator>,
    settings: SocketSettings,
    native: Arc<dyn WireFormat>,
    classic: Arc<dyn WireFormat>,
}

impl Sockets {
    /// Sockets for this chat, with whoever knows whose a token is.
    #[must_use]
    pub fn new(chat: Arc<Chat>, authenticator: Arc<dyn Authenticator>, settings: SocketSettings) -> Sockets {
        if settings.classic.enabled && settings.classic.trust_query {
            log::warn!(
                "classic room sockets believe userId and username in their address: anyone can speak as anyone"
            );
        }
        Sockets(Arc::new(Inner {
            chat,
            authenticator,
            settings,
            native: Arc::new(format::ClientFormat),
            classic: Arc::new(format::ClassicFormat),
        }))
    }

    fn chat(&self) -> &Arc<Chat> {
        &self.0.chat
    }

    fn settings(&self) -> &SocketSettings {
        &self.0.settings
    }
}

/// Mounts the sockets on an application: `App::new().configure(chat_ws::configure(sockets.clone()))`.
pub fn configure(sockets: Sockets) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let classic = sockets.settings().classic.enabled;
        config.app_data(web::Data::new(sockets)).route("/connection/websocket", web::get().to(native::open));
        if classic {
            config.route("/ws/joinRoom/{room}", web::get().to(classic::open));
        }
    }
}
