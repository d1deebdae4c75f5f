//! Previews of links.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::NameMessage;
use chat_json::shape::Previews;

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Lists previews of links
///
/// What the pages say of themselves to which the first three links of the message lead, those that say something. The server
/// asks them when it is asked, unless it did lately; a page that takes too long has no preview. Off unless `previews.enabled`.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/previews", tag = "messages", operation_id = "preview.list",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    responses(
        (status = 200, description = "The previews", body = Previews),
        (status = 404, description = "`previews_disabled`, `room_not_found`, `message_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_previews(state.chat(), signed.caller, signed.request.0).await)
}
