//! Reads a request: its path, its query and its body.

use std::borrow::Cow;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use chat_json::parse;
use futures_util::StreamExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::error::Problem;
use crate::state::ApiState;

/// A request whose fields stand in the path and the query.
pub(crate) struct FromAddress<T>(pub T);

/// A request whose fields stand in the path and the body.
pub(crate) struct FromBody<T>(pub T);

/// A request without fields.
pub(crate) struct Nothing;

impl FromRequest for Nothing {
    type Error = Problem;
    type Future = Ready<Result<Nothing, Problem>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Nothing))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for FromAddress<T> {
    type Error = Problem;
    type Future = Ready<Result<FromAddress<T>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let query = Query::<Vec<(String, String)>>::from_query(req.query_string())
                .map_err(|_| Problem::malformed_query())?;
            let path = path(req);
            let mut address: Vec<(&str, &str)> = path.iter().map(|(name, value)| (*name, &**value)).collect();
            address.extend(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            Ok(FromAddress(parse(&address, "")?))
        };
        ready(read())
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for FromBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<FromBody<T>, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let body = body(&req, payload).await?;
            // A body of nothing needs no content type: which fields are missing says more.
            if !body.is_empty() && !is_json(&req) {
                return Err(Problem::unsupported_media_type());
            }
            let path = path(&req);
            let address: Vec<(&str, &str)> = path.iter().map(|(name, value)| (*name, &**value)).collect();
            Ok(FromBody(parse(&address, &body)?))
        })
    }
}

/// The fields of the path. The router leaves what it must not split at, such as `%2F`, encoded.
fn path(req: &HttpRequest) -> Vec<(&str, Cow<'_, str>)> {
    let decoded = |value| percent_decode_str(value).decode_utf8().unwrap_or(Cow::Borrowed(value));
    req.match_info().iter().map(|(name, value)| (name, decoded(value))).collect()
}

/// A body as text, at most [`Settings::body_bytes`](crate::Settings::body_bytes) long.
pub(crate) async fn body(req: &HttpRequest, mut payload: Payload) -> Result<String, Problem> {
    let limit = ApiState::of(req)?.settings().body_bytes;
    let announced = req.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(Problem::body_too_large(limit));
    }
    let mut body = Vec::new();
    while let Some(part) = payload.next().await {
        // A connection that broke, or does not keep to HTTP.
        let part = part.map_err(|_| Problem::body_incomplete())?;
        if body.len() + part.len() > limit {
            return Err(Problem::body_too_large(limit));
        }
        body.extend_from_slice(&part);
    }
    String::from_utf8(body).map_err(|_| Problem::invalid_utf8())
}

/// Whether the body is said to be JSON, in UTF-8 and not compressed.
fn is_json(req: &HttpRequest) -> bool {
    let encoded = req
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let content_type = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        Some(_) | None => true,
    });
    json && utf8 && !encoded
}
