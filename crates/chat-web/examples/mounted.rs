//! The page inside another actix application: <http://127.0.0.1:8080/>. It finds nobody to speak to until the HTTP API and the
//! socket are mounted beside it.

use actix_web::{App, HttpServer};
use chat_web::{Page, configure};

#[actix_rt::main]
async fn main() -> std::io::Result<()> {
    let page = Page::built_in();
    let app = move || App::new().configure(configure(page.clone()));
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    HttpServer::new(app).bind(address)?.run().await
}
