//! How the classic calls say what went wrong.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;

/// A [`Problem`] in the classic form.
#[derive(Debug)]
pub(crate) struct ClassicError(Problem);

/// An error of the classic API.
#[derive(Serialize, ToSchema)]
#[schema(as = ClassicError)]
pub(crate) struct ClassicErrorBody<'a> {
    /// One sentence for people.
    #[schema(example = "a room with this id exists already")]
    error: &'a str,
}

impl<E: Into<Problem>> From<E> for ClassicError {
    fn from(error: E) -> ClassicError {
        ClassicError(error.into())
    }
}

impl fmt::Display for ClassicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ClassicError {
    fn status_code(&self) -> StatusCode {
        // The original knows one status for whatever is wrong with a body.
        match self.0.status_code() {
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::BAD_REQUEST,
            status => status,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for header in self.0.headers() {
            response.append_header(header.clone());
        }
        response.json(ClassicErrorBody { error: self.0.detail() })
    }
}
