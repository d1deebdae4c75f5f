//! Which path and method leads to which handler.
//!
//! Each table makes both the registration and the list of handlers that the OpenAPI document is made from, so
//! that none can be in one of them alone. That the two name the same paths and methods, a test checks.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::error::Problem;

/// The tag of the classic calls, whose errors have a form of their own.
pub(crate) const CLASSIC: &str = "classic";

/// A table of paths, methods and handlers, as a module of this name.
macro_rules! routes {
    (
        $(#[$doc:meta])*
        mod $name:ident {
            $($path:literal { $($method:ident $($handler:ident)::+),+ $(,)? })*
        }
    ) => {
        $(#[$doc])*
        pub(crate) mod $name {
            use actix_web::http::Method;
            use actix_web::middleware::from_fn;
            use actix_web::web::{self, ServiceConfig};

            use super::{catch_panics, takes};
            use crate::error::Problem;

            /// The handlers' own descriptions.
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($(crate::$($handler)::+),+),*))]
            pub(crate) struct Handlers;

            /// Registers every handler.
            pub(crate) fn register(config: &mut ServiceConfig) {
                $(
                    config.service(
                        web::resource($path)
                            .wrap(from_fn(catch_panics))
                            $(.route(
                                web::route().guard(takes(&Method::$method)).to(crate::$($handler)::+),
                            ))+
                            .default_service(web::to(|| async {
                                Err::<&str, Problem>(Problem::method_not_allowed(allow!($($method)+)))
                            })),
                    );
                )*
            }
        }
    };
}

/// A list of methods as the header Allow has it.
macro_rules! allow {
    (GET $($rest:ident)*) => { concat!("GET, HEAD", $(", ", stringify!($rest)),*) };
    ($first:ident $($rest:ident)*) => { concat!(stringify!($first), $(", ", stringify!($rest)),*) };
}

routes! {
    /// The native API and the health checks.
    mod native {
        "/api/v1/users" { GET accounts::find, POST accounts::sign_up }
        "/api/v1/users/me" { GET accounts::me, PATCH accounts::change_me }
        "/api/v1/users/me/password" { PUT accounts::change_password }
        "/api/v1/users/me/presence" { PATCH presence::set }
        "/api/v1/users/{user}" { GET accounts::get }
        "/api/v1/users/{user}/presence" { GET presence::of_user }
        "/api/v1/sessions" { GET sessions::list, POST sessions::log_in }
        "/api/v1/sessions/refresh" { POST sessions::refresh }
        "/api/v1/sessions/current" { DELETE sessions::log_out }
        "/api/v1/sessions/{session}" { DELETE sessions::end }
        "/api/v1/rooms" { GET rooms::list, POST rooms::create }
        "/api/v1/direct" { POST rooms::open_direct }
        "/api/v1/rooms/{room}" { GET rooms::get, PATCH rooms::change, DELETE rooms::delete }
        "/api/v1/rooms/{room}/members" { GET rooms::list_members }
        "/api/v1/rooms/{room}/members/{user}" {
            PUT rooms::add_member, PATCH rooms::set_member, DELETE rooms::remove_member
        }
        "/api/v1/rooms/{room}/members/{user}/mute" { PUT moderation::mute, DELETE moderation::unmute }
        "/api/v1/rooms/{room}/bans" { GET moderation::bans }
        "/api/v1/rooms/{room}/bans/{user}" { PUT moderation::ban, DELETE moderation::unban }
        "/api/v1/rooms/{room}/filter" { GET filters::get, PUT filters::set, DELETE filters::remove }
        "/api/v1/rooms/{room}/reports" { GET reports::list }
        "/api/v1/rooms/{room}/reports/{offset}" { PUT reports::settle }
        "/api/v1/rooms/{room}/messages/{offset}/reports" { POST reports::report }
        "/api/v1/rooms/{room}/audit" { GET moderation::audit }
        "/api/v1/rooms/{room}/presence" { GET presence::in_room }
        "/api/v1/rooms/{room}/typing" { PUT typing::start, DELETE typing::stop }
        "/api/v1/rooms/{room}/messages" { GET messages::list, POST messages::send }
        "/api/v1/rooms/{room}/messages/{offset}" {
            GET messages::get, PATCH messages::edit, DELETE messages::delete
        }
        "/api/v1/rooms/{room}/messages/{offset}/versions" { GET messages::versions }
        "/api/v1/rooms/{room}/messages/{offset}/thread" { GET threads::get }
        "/api/v1/rooms/{room}/messages/{offset}/thread/messages" { GET threads::messages }
        "/api/v1/rooms/{room}/messages/{offset}/thread/follow" {
            PUT threads::follow, DELETE threads::unfollow
        }
        "/api/v1/rooms/{room}/messages/{offset}/reactions/{reaction}" {
            GET reactions::list, PUT reactions::add, DELETE reactions::remove
        }
        "/api/v1/rooms/{room}/messages/{offset}/previews" { GET previews::list }
        "/api/v1/rooms/{room}/messages/{offset}/readers" { GET reads::readers }
        "/api/v1/rooms/{room}/pins" { GET pins::list }
        "/api/v1/rooms/{room}/pins/{offset}" { PUT pins::add, DELETE pins::remove }
        "/api/v1/rooms/{room}/read/{offset}" { PUT reads::mark }
        "/api/v1/rooms/{room}/unread/{offset}" { PUT reads::unmark }
        "/api/v1/rooms/{room}/messages/{offset}/attachments/{attachment}" { GET attachments::link }
        "/api/v1/uploads" { POST uploads::create, OPTIONS uploads::options }
        "/api/v1/uploads/{upload}" { GET uploads::get, PATCH uploads::receive, DELETE uploads::remove }
        "/files/{link}" { GET files::download }
        "/api/v1/threads" { GET threads::list }
        "/api/v1/rooms/{room}/scheduled" { POST scheduled::add }
        "/api/v1/scheduled" { GET scheduled::list }
        "/api/v1/scheduled/{id}" { GET scheduled::get, PATCH scheduled::change, DELETE scheduled::remove }
        "/api/v1/bookmarks" { GET bookmarks::list }
        "/api/v1/bookmarks/{room}/{offset}" { PUT bookmarks::add, DELETE bookmarks::remove }
        "/api/v1/blocks" { GET blocks::list }
        "/api/v1/blocks/{user}" { PUT blocks::add, DELETE blocks::remove }
        "/api/v1/search" { GET search::search }
        "/api/v1/inbox" { GET reads::inbox }
        "/api/v1/rooms/{room}/events" { GET messages::events }
        "/api/v1/admin/users" { GET admin::users::list }
        "/api/v1/admin/users/{user}" { GET admin::users::get }
        "/api/v1/admin/users/{user}/disabled" { PUT admin::users::disable, DELETE admin::users::enable }
        "/api/v1/admin/users/{user}/sessions" { DELETE admin::users::end_sessions }
        "/api/v1/admin/users/{user}/admin" { PUT admin::users::give, DELETE admin::users::take }
        "/api/v1/admin/rooms" { GET admin::rooms::list }
        "/api/v1/admin/rooms/{room}" { DELETE admin::rooms::delete }
        "/api/v1/admin/rooms/{room}/audit" { GET admin::rooms::audit }
        "/api/v1/admin/rooms/{room}/reports/{offset}" { PUT admin::reports::settle }
        "/api/v1/admin/reports" { GET admin::reports::list }
        "/api/v1/admin/stats" { GET admin::stats::get }
        "/api/v1/admin/log" { GET admin::log::list }
        "/health/live" { GET health::live }
        "/health/ready" { GET health::ready }
    }
}

routes! {
    /// The classic API. Its socket is not of HTTP.
    mod classic {
        "/signup" { POST classic::accounts::sign_up }
        "/login" { POST classic::accounts::log_in }
        "/logout" { GET classic::accounts::log_out }
        "/ws/createRoom" { POST classic::rooms::create }
        "/ws/getRooms" { GET classic::rooms::list }
        "/ws/getClients/{roomId}" { GET classic::rooms::clients }
    }
}

/// A guard for a method; what can be got, can be asked for its head.
fn takes(method: &Method) -> impl Guard + use<> {
    let guard = guard::Any(guard::Method(method.clone()));
    if method == Method::GET { guard.or(guard::Head()) } else { guard }
}

/// A handler that panics is our bug: the caller is told so, and the log has the panic's own words.
async fn catch_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let path = request.match_pattern().unwrap_or_default();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer,
        Err(_) => {
            log::error!("a handler of {path} panicked");
            Err(Problem::internal().into())
        }
    }
}
