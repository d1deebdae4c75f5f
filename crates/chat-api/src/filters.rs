//! Word filters.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{NameRoom, SetFilter};
use chat_json::shape::Filter;

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Which words are filtered in a room
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/filter", tag = "moderation", operation_id = "filter.get",
    params(("room" = String, Path, description = "The room")),
    responses(
        (status = 200, description = "The filter; one without words where nothing is filtered", body = Filter),
        (status = 403, description = "`not_a_member`, `forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_filter(state.chat(), signed.caller, signed.request.0).await)
}

/// Has messages filtered by their words
///
/// From now on, of all but moderators, when they are sent or edited. What was said before stays.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/filter", tag = "moderation", operation_id = "filter.set",
    params(("room" = String, Path, description = "The room")),
    request_body = SetFilter,
    responses(
        (status = 200, description = "The filter", body = Filter),
        (status = 403, description = "`not_a_member`, `forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`action_malformed`, `words_count`, `words_malformed`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set(
    state: ApiState,
    signed: Signed<FromBody<SetFilter>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::set_filter(state.chat(), signed.caller, signed.request.0).await)
}

/// Filters nothing any more
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/filter", tag = "moderation", operation_id = "filter.remove",
    params(("room" = String, Path, description = "The room")),
    responses(
        (status = 204, description = "Nothing is filtered"),
        (status = 403, description = "`not_a_member`, `forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_filter(state.chat(), signed.caller, signed.request.0).await)
}
