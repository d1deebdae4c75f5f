//! The one table from what went wrong to a status, and how that is written.
//!
//! Which error goes where: what a use case refuses is a [`CallError`] whose kind has its status here; what is
//! wrong with the request as HTTP is made by the functions of [`Problem`]; everything else is our bug, and a
//! [`Problem::internal`] that says nothing of the inside.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chat_core::{AuthError, ChatError};
use chat_files::FilesError;
use chat_json::{CallError, ErrorKind, FieldError};
use chat_users::UsersError;
use serde::Serialize;
use utoipa::ToSchema;

/// The content type of a problem document.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// An error answer: a problem document (RFC 9457) with its status and headers.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is written of a problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The status.
    #[schema(example = 404)]
    status: u16,
    /// One sentence for people; it may change.
    #[schema(example = "there is no such room")]
    detail: &'a str,
    /// The stable word that clients switch on.
    #[schema(example = "room_not_found")]
    code: &'static str,
    /// What is wrong with which field; left out where it is not about fields.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(value_type = Vec<FieldError>, required = false)]
    errors: &'a [FieldError],
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    fn retry_after(self, wait: Duration) -> Problem {
        // Whole seconds, and never one too few.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The stable word that clients switch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// One sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether it is that nobody knows who calls.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// The headers that go with it.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// There is nothing at this path.
    pub(crate) fn path_not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "path_not_found", "there is nothing at this path")
    }

    /// The path is there, but not for this method; `allow` lists those it is there for.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Problem {
        let detail = format!("this path takes {allow}");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
            .with(header::ALLOW, HeaderValue::from_static(allow))
    }

    /// A body that is not sent as JSON.
    pub(crate) fn unsupported_media_type() -> Problem {
        let detail = "the body must be sent as application/json, in UTF-8 and without an encoding";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// A body longer than is taken.
    pub(crate) fn body_too_large(limit: usize) -> Problem {
        let error = CallError::new(
            ErrorKind::TooLarge,
            "body_too_large",
            format!("the body must be at most {limit} bytes long"),
        );
        Problem::from(error)
    }

    /// A body that did not come whole.
    pub(crate) fn body_incomplete() -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", "the body did not come whole")
    }

    /// A body that is no UTF-8.
    pub(crate) fn invalid_utf8() -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_utf8", "the body is not UTF-8")
    }

    /// A query that cannot be read.
    pub(crate) fn malformed_query() -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "malformed_query", "the query is not made of names and values")
    }

    /// A call without any token.
    pub(crate) fn unauthorized() -> Problem {
        let detail = "log in, and send the access token as `Authorization: Bearer …` or in the cookie";
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// A page of somebody else's that uses the cookie of the user who looks at it.
    pub(crate) fn cross_origin() -> Problem {
        let detail = "a call that changes something with the cookie needs an Origin of this server's own, \
                      or one that the server is set to trust";
        Problem::new(StatusCode::FORBIDDEN, "cross_origin", detail)
    }

    /// New accounts are made by the operator alone.
    pub(crate) fn sign_up_closed() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "sign_up_closed", "new accounts are made by the operator")
    }

    /// The password that was to be changed is another.
    pub(crate) fn wrong_password() -> Problem {
        // Not 401: the caller is known, and a client that logs out on 401 must not.
        Problem::new(StatusCode::FORBIDDEN, "wrong_password", "this is not the current password")
    }

    /// The call is for administrators.
    pub(crate) fn not_admin() -> Problem {
        UsersError::NotAdmin.into()
    }

    /// No files are kept here.
    pub(crate) fn files_disabled() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "files_disabled", "this server takes no files")
    }

    /// What a link leads to was deleted.
    pub(crate) fn file_not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "file_not_found", "there is no such file any more")
    }

    /// A header that is missing, or not of its form.
    pub(crate) fn malformed_header(detail: &'static str) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "malformed_header", detail)
    }

    /// Another version of the protocol for uploads.
    pub(crate) fn tus_version() -> Problem {
        let detail = "Tus-Resumable must be 1.0.0";
        let version = HeaderValue::from_static("1.0.0");
        Problem::new(StatusCode::PRECONDITION_FAILED, "tus_version", detail)
            .with(HeaderName::from_static("tus-version"), version)
    }

    /// A body that is not sent as the bytes of an upload.
    pub(crate) fn not_upload_bytes() -> Problem {
        let detail = "the bytes must be sent as application/offset+octet-stream";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// A range behind the end of a file.
    pub(crate) fn range_not_satisfiable(size: u64) -> Problem {
        let range = HeaderValue::try_from(format!("bytes */{size}"));
        let problem = Problem::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "range_not_satisfiable",
            format!("the file has {size} bytes"),
        );
        match range {
            Ok(range) => problem.with(header::CONTENT_RANGE, range),
            Err(_) => problem,
        }
    }

    /// The same with one more header.
    pub(crate) fn and(self, name: HeaderName, value: HeaderValue) -> Problem {
        self.with(name, value)
    }

    /// Our bug.
    pub(crate) fn internal() -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on this side")
    }
}

/// The status of each kind of refusal.
fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound | ErrorKind::UnknownMethod => StatusCode::NOT_FOUND,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Problem {
        let CallError { kind, code, detail, errors, retry_after } = error;
        let problem = Problem { errors, ..Problem::new(status(kind), code, detail) };
        let problem = match retry_after {
            Some(wait) => problem.retry_after(wait),
            None => problem,
        };
        if kind == ErrorKind::Unauthorized {
            return problem.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        problem
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Problem {
        CallError::from(error).into()
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Problem {
        let code = match error {
            AuthError::Expired => "token_expired",
            AuthError::Invalid => "token_invalid",
            AuthError::Unavailable => return CallError::unavailable().into(),
            // What chat-core may add later is, until it stands here, a check that did not work.
            _ => return CallError::unavailable().into(),
        };
        // RFC 6750, section 3.1.
        Problem::new(StatusCode::UNAUTHORIZED, code, error.to_string())
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Problem {
        let detail = error.to_string();
        let of = |status, code| Problem::new(status, code, detail.clone());
        match error {
            FilesError::NotFound => of(StatusCode::NOT_FOUND, "upload_not_found"),
            FilesError::WrongOffset { offset } => of(StatusCode::CONFLICT, "wrong_offset")
                .with(HeaderName::from_static("upload-offset"), HeaderValue::from(offset)),
            FilesError::TooLarge { .. } => of(StatusCode::PAYLOAD_TOO_LARGE, "upload_too_large"),
            FilesError::TooManyParts { .. } => of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_parts"),
            FilesError::TypeNotAllowed { .. } => of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "type_not_allowed"),
            FilesError::PictureTooLarge { .. } => of(StatusCode::UNPROCESSABLE_ENTITY, "picture_too_large"),
            FilesError::LimitReached { .. } => of(StatusCode::CONFLICT, "limit_reached"),
            FilesError::Attached => of(StatusCode::CONFLICT, "upload_attached"),
            FilesError::LinkInvalid => of(StatusCode::FORBIDDEN, "link_invalid"),
            FilesError::LinkExpired => of(StatusCode::GONE, "link_expired"),
            FilesError::Cut { offset } => of(StatusCode::REQUEST_TIMEOUT, "body_incomplete")
                .with(HeaderName::from_static("upload-offset"), HeaderValue::from(offset)),
            FilesError::Busy => CallError { detail, ..CallError::unavailable() }.into(),
            FilesError::Storage { .. } | FilesError::Db(_) => {
                log::warn!("files cannot be used: {detail}");
                CallError::unavailable().into()
            }
            // What chat-files may add later is, until it stands here, something nobody foresaw.
            _ => {
                log::error!("files: {detail}");
                Problem::internal()
            }
        }
    }
}

impl From<UsersError> for Problem {
    fn from(error: UsersError) -> Problem {
        let detail = error.to_string();
        let (kind, code) = match error {
            UsersError::Invalid(violations) => return CallError::invalid(&violations).into(),
            UsersError::UsernameTaken => (ErrorKind::Conflict, "username_taken"),
            UsersError::EmailTaken => (ErrorKind::Conflict, "email_taken"),
            UsersError::WrongCredentials => (ErrorKind::Unauthorized, "wrong_credentials"),
            UsersError::Disabled => (ErrorKind::Forbidden, "account_disabled"),
            UsersError::InvalidRefreshToken => (ErrorKind::Unauthorized, "refresh_token_invalid"),
            UsersError::SessionNotFound => (ErrorKind::NotFound, "session_not_found"),
            UsersError::NotAdmin => (ErrorKind::Forbidden, "forbidden"),
            UsersError::Oneself => (ErrorKind::Conflict, "own_account"),
            UsersError::UserNotFound => (ErrorKind::NotFound, "user_not_found"),
            UsersError::Busy => return CallError { detail, ..CallError::unavailable() }.into(),
            UsersError::Db(_) => {
                log::warn!("the accounts cannot be used: {detail}");
                return CallError::unavailable().into();
            }
            UsersError::Key { .. } | UsersError::System { .. } => {
                log::error!("accounts: {detail}");
                return Problem::internal();
            }
            // What chat-users may add later is, until it stands here, something nobody foresaw.
            _ => {
                log::error!("accounts: {detail}");
                return Problem::internal();
            }
        };
        CallError::new(kind, code, detail).into()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in &self.headers {
            response.append_header(header.clone());
        }
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
        };
        // Writing this to memory cannot fail; an empty body under the right status would still be an answer.
        let body = serde_json::to_string(&body).unwrap_or_default();
        response.content_type(PROBLEM_JSON).body(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_written_in_whole_seconds_and_never_one_too_few() {
        for (wait, written) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (60_000, "60")] {
            let problem = Problem::from(CallError::too_many_requests(Duration::from_millis(wait)));
            let response = problem.error_response();
            assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), written);
        }
    }
}
