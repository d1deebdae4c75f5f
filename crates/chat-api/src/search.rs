//! Searches.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::SearchMessages;
use chat_json::shape::{Found, Page};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Searches messages
///
/// In all rooms that the caller may read, or one: the messages as they stand now, what fits best first or what was sent last.
/// What fits best is chosen from the newest 1,000 messages that fit. With `order=recent` all can be paged through, and a page
/// that is not full may have a `next`.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "messages", operation_id = "message.search",
    params(SearchMessages),
    responses(
        (status = 200, description = "A page of messages", body = Page<Found>),
        (status = 403, description = "`banned`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "`search_disabled`, `room_not_found`", body = ProblemBody,
         content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn search(
    state: ApiState,
    signed: Signed<FromAddress<SearchMessages>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::search_messages(state.chat(), signed.caller, signed.request.0).await)
}
