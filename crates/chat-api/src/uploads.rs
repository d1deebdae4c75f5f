//! Uploads, by the tus protocol (version 1.0.0; its core, creation, creation with upload, termination and expiration): an open
//! one with ready clients, that goes on where it was cut off.

use std::future::{Ready, ready};
use std::time::{Duration, SystemTime};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue, HttpDate};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chat_core::{Timestamp, UploadId};
use chat_files::{FilesError, Transfer};
use chat_json::Time;
use chat_json::shape::Dimensions;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::Nothing;
use crate::metadata;
use crate::state::ApiState;

const VERSION: &str = "1.0.0";
const BYTES: &str = "application/offset+octet-stream";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// An upload, as its user sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Upload {
    /// Its id: what a message names it by.
    #[schema(example = "0f8fad5b-d9cb-469f-a165-70867728950e")]
    id: String,
    /// The file's name.
    #[schema(example = "holiday.jpg")]
    name: String,
    /// How many bytes it will have.
    #[schema(example = 123_456)]
    size: u64,
    /// How many of them are kept.
    #[schema(example = 123_456)]
    offset: u64,
    /// Whether all are there and were looked at: a message can have it then.
    complete: bool,
    /// What it is: found in the bytes. Left out until it is complete, as all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    /// How wide the picture is, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// How high it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// The small picture; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail: Option<Dimensions>,
    /// When it ends by itself; left out once a message has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
}

impl From<&Transfer> for Upload {
    fn from(transfer: &Transfer) -> Upload {
        let found = transfer.attachment.as_ref();
        let picture = found.and_then(|found| found.picture);
        Upload {
            id: transfer.id.to_string(),
            name: transfer.name.clone(),
            size: transfer.size,
            offset: transfer.offset,
            complete: found.is_some(),
            r#type: found.map(|found| found.media_type.clone()),
            width: picture.map(|picture| picture.width),
            height: picture.map(|picture| picture.height),
            thumbnail: found.and_then(|found| found.thumbnail).map(Dimensions::from),
            expires_at: transfer.expires_at.map(Time),
        }
    }
}

/// A request whose body is read piece by piece.
pub(crate) struct Streamed {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for Streamed {
    type Error = Problem;
    type Future = Ready<Result<Streamed, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(speaks_tus(request).map(|()| Streamed { request: request.clone(), payload: payload.take() }))
    }
}

/// A client that names another version of the protocol is told; one that names none, such as curl, is let through.
fn speaks_tus(request: &HttpRequest) -> Result<(), Problem> {
    match request.headers().get(RESUMABLE) {
        Some(version) if version.as_bytes() != VERSION.as_bytes() => Err(Problem::tus_version()),
        Some(_) | None => Ok(()),
    }
}

impl Streamed {
    fn number(&self, name: &HeaderName) -> Option<u64> {
        let text = self.request.headers().get(name)?.to_str().ok()?;
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    }

    fn has_bytes(&self) -> bool {
        let kind = self.request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(BYTES))
    }
}

/// The upload that the path names.
fn named(request: &HttpRequest) -> Result<UploadId, Problem> {
    let id = request.match_info().get("upload").and_then(|id| id.parse().ok());
    id.ok_or_else(|| FilesError::NotFound.into())
}

/// A response with the headers of the protocol.
fn response(status: StatusCode, transfer: &Transfer) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((RESUMABLE, VERSION));
    response.insert_header((OFFSET, transfer.offset));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(end) = transfer.expires_at.and_then(date) {
        response.insert_header((EXPIRES, end.to_string()));
    }
    response
}

fn date(at: Timestamp) -> Option<HttpDate> {
    let micros = u64::try_from(at.as_micros()).ok()?;
    Some(SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros))?.into())
}

fn of_tus<T: Into<Problem>>(problem: T) -> Problem {
    problem.into().and(RESUMABLE, HeaderValue::from_static(VERSION))
}

/// Says what of the protocol is spoken
#[utoipa::path(
    options, path = "/api/v1/uploads", tag = "files", operation_id = "upload.options", security(()),
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`")),
)]
pub(crate) async fn options(state: ApiState) -> Result<HttpResponse, Problem> {
    let most = state.files()?.settings().max_bytes;
    Ok(HttpResponse::NoContent()
        .insert_header((RESUMABLE, VERSION))
        .insert_header(("Tus-Version", VERSION))
        .insert_header(("Tus-Extension", "creation,creation-with-upload,termination,expiration"))
        .insert_header(("Tus-Max-Size", most))
        .finish())
}

/// Begins an upload
///
/// By tus 1.0.0: `Upload-Length` says how many bytes will come, and `filename` in `Upload-Metadata` how the file is called. A body
/// of the type `application/offset+octet-stream` holds its first bytes, or all of them. `Location` says where it goes on. What the
/// file is, is found in its bytes, whatever the client says.
#[utoipa::path(
    post, path = "/api/v1/uploads", tag = "files", operation_id = "upload.create",
    params(
        ("Upload-Length" = u64, Header, description = "How many bytes will come"),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` and the name in Base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 201, description = "The new upload", body = Upload),
        (status = 409, description = "`limit_reached`: of uploads that no message has", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 415, description = "`type_not_allowed`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`picture_too_large`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(state: ApiState, signed: Signed<Streamed>) -> Result<HttpResponse, Problem> {
    let (files, owner, streamed) = (state.files()?, signed.caller.id, signed.request);
    let size = streamed.number(&LENGTH);
    let size =
        size.ok_or_else(|| Problem::malformed_header("Upload-Length must be how many bytes will come"))?;
    let name = match streamed.request.headers().get(METADATA) {
        Some(value) => metadata::filename(value.as_bytes()).ok_or_else(|| {
            Problem::malformed_header("Upload-Metadata must be keys with values in Base64, of UTF-8")
        })?,
        None => None,
    };
    let mut transfer =
        files.create(owner, name.as_deref().unwrap_or_default(), size).await.map_err(of_tus)?;
    if streamed.has_bytes() && size > 0 {
        transfer = files.receive(owner, transfer.id, 0, streamed.payload).await.map_err(of_tus)?;
    }
    Ok(response(StatusCode::CREATED, &transfer)
        .insert_header((header::LOCATION, format!("/api/v1/uploads/{}", transfer.id)))
        .json(Upload::from(&transfer)))
}

/// Shows an upload
///
/// Only to its user. `HEAD` says by the headers alone how many bytes are kept: after a cut, or a restart of the server, too.
#[utoipa::path(
    get, path = "/api/v1/uploads/{upload}", tag = "files", operation_id = "upload.get",
    params(("upload" = String, Path, description = "The upload's id")),
    responses(
        (status = 200, description = "The upload", body = Upload),
        (status = 404, description = "`upload_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    state: ApiState,
    request: HttpRequest,
    signed: Signed<Nothing>,
) -> Result<HttpResponse, Problem> {
    speaks_tus(&request)?;
    let transfer = state.files()?.upload(signed.caller.id, named(&request)?).await.map_err(of_tus)?;
    Ok(response(StatusCode::OK, &transfer)
        .insert_header((LENGTH, transfer.size))
        .json(Upload::from(&transfer)))
}

/// Brings bytes
///
/// Those that follow `Upload-Offset`, which must be where the kept ones end. With the last one the file is looked at: what it is,
/// and how large the picture.
#[utoipa::path(
    patch, path = "/api/v1/uploads/{upload}", tag = "files", operation_id = "upload.receive",
    params(
        ("upload" = String, Path, description = "The upload's id"),
        ("Upload-Offset" = u64, Header, description = "Where the bytes belong"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "They are kept; `Upload-Offset` says where it goes on"),
        (status = 404, description = "`upload_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 408, description = "`body_incomplete`: no more came", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`wrong_offset`: `Upload-Offset` says where it goes on", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`, `too_many_parts`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 415, description = "`type_not_allowed`, `unsupported_media_type`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`picture_too_large`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn receive(state: ApiState, signed: Signed<Streamed>) -> Result<HttpResponse, Problem> {
    let (files, owner, streamed) = (state.files()?, signed.caller.id, signed.request);
    if !streamed.has_bytes() {
        return Err(of_tus(Problem::not_upload_bytes()));
    }
    let id = named(&streamed.request)?;
    let offset = streamed.number(&OFFSET);
    let offset =
        offset.ok_or_else(|| Problem::malformed_header("Upload-Offset must be where the bytes belong"))?;
    let transfer = files.receive(owner, id, offset, streamed.payload).await.map_err(of_tus)?;
    Ok(response(StatusCode::NO_CONTENT, &transfer).finish())
}

/// Ends an upload
///
/// With all that is kept of it. One that a message has ends with the message.
#[utoipa::path(
    delete, path = "/api/v1/uploads/{upload}", tag = "files", operation_id = "upload.remove",
    params(("upload" = String, Path, description = "The upload's id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "`upload_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`upload_attached`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    state: ApiState,
    request: HttpRequest,
    signed: Signed<Nothing>,
) -> Result<HttpResponse, Problem> {
    speaks_tus(&request)?;
    state.files()?.remove(signed.caller.id, named(&request)?).await.map_err(of_tus)?;
    Ok(HttpResponse::NoContent().insert_header((RESUMABLE, VERSION)).finish())
}
