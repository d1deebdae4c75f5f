//! The page as actix services.

use actix_web::guard::{self, Guard};
use actix_web::http::header::{self, AcceptEncoding, Encoding, EntityTag, Header, IfNoneMatch};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;

use crate::Page;
use crate::headers::{COMMON, NEVER};
use crate::page::File;

/// Mounts the page: its document at `/`, its files below `/web/`. Services for other paths may be registered before or after.
pub fn configure(page: Page) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config
            .app_data(Data::new(page))
            .service(
                web::resource("/")
                    .route(web::route().guard(reading()).to(document))
                    .default_service(web::to(not_allowed)),
            )
            .service(
                web::resource("/web/{address:.*}")
                    .route(web::route().guard(reading()).to(file))
                    .default_service(web::to(not_allowed)),
            );
    }
}

fn reading() -> impl Guard {
    guard::Any(guard::Get()).or(guard::Head())
}

async fn document(request: HttpRequest, page: Data<Page>) -> HttpResponse {
    answer(&request, page.document().await)
}

/// Addresses with a hash that is not in force have no file: of a page that was loaded from another version nothing is mixed with
/// this one's. Nobody keeps that answer, since the node beside this one may have that version.
async fn file(request: HttpRequest, page: Data<Page>) -> HttpResponse {
    // As it was written: what is escaped leads to no file.
    let address = request.path().strip_prefix("/web/").unwrap_or_default();
    answer(&request, page.file(address).await)
}

async fn not_allowed() -> HttpResponse {
    let mut response = with_common(HttpResponse::MethodNotAllowed());
    response.insert_header((header::ALLOW, "GET, HEAD")).finish()
}

fn answer(request: &HttpRequest, file: Option<File>) -> HttpResponse {
    let Some(file) = file else {
        let mut response = with_common(HttpResponse::NotFound());
        response.insert_header((header::CACHE_CONTROL, NEVER));
        return response.content_type("text/plain; charset=utf-8").body("there is no such file\n");
    };
    let tag = file.tag.map(EntityTag::new_weak);
    let known = tag.as_ref().is_some_and(|tag| knows(request, tag));
    let mut response = with_common(if known { HttpResponse::NotModified() } else { HttpResponse::Ok() });
    response.insert_header((header::CACHE_CONTROL, file.caching));
    if let Some(tag) = tag {
        response.insert_header(header::ETag(tag));
    }
    if file.packed.is_some() {
        response.insert_header((header::VARY, "Accept-Encoding"));
    }
    if known {
        return response.finish();
    }
    response.content_type(file.kind);
    let body: Bytes = match file.packed.filter(|_| takes_gzip(request)) {
        Some(packed) => {
            response.insert_header((header::CONTENT_ENCODING, "gzip"));
            packed
        }
        None => file.plain,
    };
    response.body(body)
}

fn with_common(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    for header in COMMON {
        response.insert_header(header);
    }
    response
}

/// Whether the client has this version. The comparison is the weak one, since a version is the same packed and not
/// (RFC 9110, section 13.1.2).
fn knows(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// A client that takes neither has it plain, which is better than nothing (RFC 9110, section 12.5.3).
fn takes_gzip(request: &HttpRequest) -> bool {
    let taken = AcceptEncoding::parse(request).ok();
    let ours = [Encoding::gzip(), Encoding::identity()];
    taken.and_then(|taken| taken.negotiate(ours.iter())) == Some(Encoding::gzip())
}
