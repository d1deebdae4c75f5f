//! An application with the page and something else.

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::{App, web};
use chat_web::{Page, configure};

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }
}

pub async fn call(page: &Page, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let app = App::new()
        .configure(configure(page.clone()))
        .route("/api/v1/rooms", web::get().to(async || "the rest of the application"));
    let service = test::init_service(app).await;
    let request = TestRequest::with_uri(path).method(method);
    let request = headers.iter().fold(request, |request, header| request.append_header(*header));
    let response = service.call(request.to_request()).await.unwrap().into_parts().1.map_into_boxed_body();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, bytes: to_bytes(response.into_body()).await.unwrap().to_vec() }
}

pub async fn get(page: &Page, path: &str) -> Reply {
    call(page, Method::GET, path, &[]).await
}

/// What every answer must say, whatever it is.
#[track_caller]
pub fn is_strict(reply: &Reply) {
    let policy: Vec<&str> = reply.header("content-security-policy").split("; ").collect();
    assert_eq!(
        policy,
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    );
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
}
