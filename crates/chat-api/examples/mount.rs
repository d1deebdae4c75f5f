//! The chat's HTTP API inside another actix application: <http://127.0.0.1:8080/api/docs/>.

use std::error::Error;
use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use chat_api::{ApiState, Settings, configure};
use chat_core::{Chat, Hub, Limits, LocalBackplane, MemoryStore};
use chat_db::{Db, DbSettings, DbUrl};
use chat_users::{TokenKey, Users, UsersSettings};

#[actix_rt::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let (key, _) = TokenKey::load_or_create(&directory.path().join("token.key"))?;
    let db = Db::open(&DbSettings::new(DbUrl::Sqlite(directory.path().join("chat.db"))))?;
    let users = Users::new(db, &key, UsersSettings::default())?;

    let limits = Limits::default();
    let (backplane, _arrivals) = LocalBackplane::new(limits.fan_out_queue);
    let store = Arc::new(MemoryStore::new(limits.clone(), Arc::new(backplane)));
    let hub = Arc::new(Hub::new(limits.clone()));
    let chat = Arc::new(Chat::new(store, Arc::new(users.clone()), hub, limits));

    let state = ApiState::new(chat, users, Settings::default());
    let own_page = || async { "the rest of the application" };
    let app = move || App::new().configure(configure(state.clone())).route("/", web::get().to(own_page));
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    Ok(HttpServer::new(app).bind(address)?.run().await?)
}
