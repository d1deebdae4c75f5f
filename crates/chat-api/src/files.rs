//! Downloads over signed links: no log-in, and headers with which a browser runs nothing of what it gets.

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use chat_core::{Timestamp, Variant};
use chat_files::{Download, FilesError};
use futures_util::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Problem, ProblemBody};
use crate::state::ApiState;

/// What stays as it is in the value of a parameter: `attr-char` of RFC 5987.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Gives the bytes of an attachment
///
/// To whoever has the link, until it ends; then a new one is to be had from `attachment.link`. One range may be asked for. What a
/// browser could run is only downloaded, never shown.
#[utoipa::path(
    get, path = "/files/{link}", tag = "files", operation_id = "file.get", security(()),
    params(("link" = String, Path, description = "As `attachment.link` gave it")),
    responses(
        (status = 200, description = "The bytes", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The range of them", body = Vec<u8>,
            content_type = "application/octet-stream"),
        (status = 403, description = "`link_invalid`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`file_not_found`: it was deleted meanwhile", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 410, description = "`link_expired`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 416, description = "`range_not_satisfiable`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn download(state: ApiState, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let files = state.files()?;
    let link = request.match_info().get("link").unwrap_or_default();
    let gone =
        |error| if error == FilesError::NotFound { Problem::file_not_found() } else { Problem::from(error) };
    let found = files.download(link).await.map_err(gone)?;
    let tag = tag(&found);
    let headers = request.headers();
    let names_tag = |name| headers.get_all(name).any(|value| lists(value, &tag));
    let mut response = if names_tag(header::IF_NONE_MATCH) {
        HttpResponse::build(StatusCode::NOT_MODIFIED)
    } else {
        HttpResponse::build(StatusCode::OK)
    };
    response.insert_header((header::ETAG, tag.as_str()));
    let seconds = found.expires_at.until(Timestamp::now()).as_secs();
    response.insert_header((header::CACHE_CONTROL, format!("private, max-age={seconds}, immutable")));
    if names_tag(header::IF_NONE_MATCH) {
        return Ok(response.finish());
    }
    let range = match range(headers, found.size, &tag) {
        Asked::All => 0..found.size,
        Asked::Part(range) => {
            let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, found.size);
            response.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, shown));
            range
        }
        Asked::Nothing => return Err(Problem::range_not_satisfiable(found.size)),
    };
    // A page of another origin may show it where the server is set to trust pages of others.
    let policy = if state.settings().origins.is_empty() { "same-origin" } else { "cross-origin" };
    response
        .insert_header((header::CONTENT_TYPE, content_type(&found.media_type)))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&found)))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("Cross-Origin-Resource-Policy", policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    let length = range.end - range.start;
    if request.method() == Method::HEAD {
        let nothing = stream::empty::<Result<_, FilesError>>();
        return Ok(response.body(SizedStream::new(length, nothing)));
    }
    Ok(response.body(SizedStream::new(length, files.read(&found, range))))
}

/// What names these bytes: they never change.
fn tag(found: &Download) -> String {
    match found.variant {
        Variant::Original => format!("\"{}\"", found.id),
        Variant::Thumbnail => format!("\"{}-thumbnail\"", found.id),
    }
}

/// Whether a list of tags has this one; weak ones compare alike (RFC 9110, section 13.1.2).
fn lists(value: &HeaderValue, tag: &str) -> bool {
    let tags = value.to_str().unwrap_or_default().split(',');
    tags.map(str::trim).any(|listed| listed == "*" || listed.trim_start_matches("W/") == tag)
}

/// Which bytes a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    /// None that there are.
    Nothing,
}

/// One range of bytes (RFC 9110, section 14.2); what is not of its form, and several, are all of them.
fn range(headers: &HeaderMap, size: u64, tag: &str) -> Asked {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(asked) = text(header::RANGE) else { return Asked::All };
    if text(header::IF_RANGE).is_some_and(|has| has != tag) {
        return Asked::All;
    }
    let digits = |text: &str| {
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| {
            // What is beyond all measure is beyond the end.
            text.parse().unwrap_or(u64::MAX)
        })
    };
    let bounds = asked.strip_prefix("bytes=").and_then(|bounds| bounds.trim().split_once('-'));
    let part = match bounds {
        Some(("", last)) => digits(last).map(|last| size.saturating_sub(last)..size),
        Some((first, "")) => digits(first).map(|first| first..size),
        Some((first, last)) => match digits(first).zip(digits(last)) {
            Some((first, last)) if first <= last => Some(first..last.saturating_add(1).min(size)),
            Some(_) | None => None,
        },
        None => None,
    };
    match part {
        None => Asked::All,
        Some(part) if part.start >= part.end => Asked::Nothing,
        Some(part) => Asked::Part(part),
    }
}

/// The type as it is said to browsers: markup, which they could run, is bytes to them.
fn content_type(media_type: &str) -> &str {
    match media_type {
        "text/html" | "text/xml" | "image/svg+xml" => "application/octet-stream",
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    }
}

/// Whether to show or to save it, and under which name (RFC 6266).
fn disposition(found: &Download) -> String {
    let what = if found.inline { "inline" } else { "attachment" };
    if found.variant == Variant::Thumbnail {
        return "inline".to_owned();
    }
    let plain =
        |c: char| if c.is_ascii_alphanumeric() || " !#$&+-.^_`|~()[]{}@,'=".contains(c) { c } else { '_' };
    let ascii: String = found.name.chars().map(plain).collect();
    let encoded = utf8_percent_encode(&found.name, ATTRIBUTE);
    format!("{what}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range_header: &str, if_range: Option<&str>) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range_header).unwrap());
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, HeaderValue::from_str(tag).unwrap());
        }
        range(&headers, 10, "\"t\"")
    }

    #[test]
    fn one_range_is_understood() {
        for (header, part) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-5", Asked::Part(2..6)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("bytes=5-99999999999999999999999", Asked::Part(5..10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-2", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("bytes=a-b", Asked::All),
            ("bytes=+1-2", Asked::All),
            ("bytes=-", Asked::All),
            ("pages=1-2", Asked::All),
        ] {
            assert_eq!(asked(header, None), part, "{header}");
        }
        assert_eq!(asked("bytes=0-0", Some("\"t\"")), Asked::Part(0..1));
        assert_eq!(asked("bytes=0-0", Some("\"other\"")), Asked::All);
    }
}
