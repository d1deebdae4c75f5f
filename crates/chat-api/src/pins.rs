//! Pins: messages that a room keeps in sight.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListPins, NameMessage};
use chat_json::shape::{Page, Pin};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Pins a message
///
/// One that is pinned stays so. Takes a moderator; in a direct room anyone may. Members are told by a `message.pinned`.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/pins/{offset}", tag = "pins", operation_id = "pin.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    responses(
        (status = 204, description = "It is pinned"),
        (status = 403, description = "`not_a_member`, `forbidden`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`message_deleted`, `limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_pin(state.chat(), signed.caller, signed.request.0).await)
}

/// Unpins a message
///
/// Members are told by a `message.unpinned`. A message that is deleted is unpinned by that.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/pins/{offset}", tag = "pins", operation_id = "pin.remove",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    responses(
        (status = 204, description = "It is not pinned"),
        (status = 403, description = "`not_a_member`, `forbidden`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_pin(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the pinned messages
///
/// The one pinned last first.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/pins", tag = "pins", operation_id = "pin.list",
    params(("room" = String, Path, description = "The room"), ListPins),
    responses((status = 200, description = "A page of pinned messages", body = Page<Pin>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListPins>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_pins(state.chat(), signed.caller, signed.request.0).await)
}
