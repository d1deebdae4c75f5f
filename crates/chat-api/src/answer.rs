//! From what a call answers to a response.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use chat_json::calls::{self, Answer};

use crate::error::Problem;

/// The response to a call.
pub(crate) fn answer(result: calls::Result) -> Result<HttpResponse, Problem> {
    Ok(match result? {
        Answer::Found(json) => HttpResponse::Ok().content_type(ContentType::json()).body(json),
        Answer::Created(json) => HttpResponse::Created().content_type(ContentType::json()).body(json),
        Answer::Done => HttpResponse::NoContent().finish(),
    })
}
