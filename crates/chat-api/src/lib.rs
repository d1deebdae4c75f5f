//! The HTTP API as actix services.

mod accounts;
mod admin;
mod answer;
mod attachments;
mod auth;
mod blocks;
mod bookmarks;
mod classic;
mod docs;
mod error;
mod files;
mod filters;
mod health;
mod input;
mod messages;
mod metadata;
mod moderation;
mod peer;
mod pins;
mod presence;
mod previews;
mod reactions;
mod reads;
mod reports;
mod rooms;
mod routes;
mod scheduled;
mod search;
mod sessions;
mod settings;
mod state;
mod threads;
mod typing;
mod uploads;

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, guard};

pub use admin::stats::NodeFigures;
pub use docs::openapi;
pub use error::Problem;
pub use settings::{ClassicSettings, Settings};
pub use state::ApiState;

/// Mounts the HTTP API: everything of [`openapi`], the document itself at `/api/openapi.json`, and the page to
/// browse it at `/api/docs/`. Below `/api` everything else is answered with a problem document.
///
/// Services for other paths may be registered before or after.
pub fn configure(state: ApiState) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let with_classic = state.settings().classic.is_some();
        config.app_data(state);
        routes::native::register(config);
        if with_classic {
            routes::classic::register(config);
        }
        config.service(docs::page(with_classic));
        config.service(web::resource("/api/docs").guard(guard::Get()).to(|| async {
            HttpResponse::PermanentRedirect().append_header((header::LOCATION, "/api/docs/")).finish()
        }));
        config.service(
            web::scope("/api")
                .default_service(web::to(|| async { Err::<&str, Problem>(Problem::path_not_found()) })),
        );
    }
}
