//! Messages that are sent later.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ChangeScheduled, ListScheduled, NameScheduled, ScheduleMessage};
use chat_json::shape::{Page, Scheduled};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Has a message sent later
///
/// At `send_at`, or as soon as possible after it, exactly once. What would be refused now is refused at once; what is refused
/// then stays in the list with `failed`.
#[utoipa::path(
    post, path = "/api/v1/rooms/{room}/scheduled", tag = "scheduled", operation_id = "scheduled.add",
    params(("room" = String, Path, description = "The room")),
    request_body = ScheduleMessage,
    responses(
        (status = 200, description = "The message, which was scheduled before", body = Scheduled),
        (status = 201, description = "The message", body = Scheduled),
        (status = 403, description = "`not_a_member`, `forbidden`, `read_only`, `muted`, `banned`, `cross_origin`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`send_at_malformed`, and what is wrong with the message", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    state: ApiState,
    signed: Signed<FromBody<ScheduleMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_scheduled(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the caller's messages that are sent later
///
/// By the time at which they are sent, with those that were refused.
#[utoipa::path(
    get, path = "/api/v1/scheduled", tag = "scheduled", operation_id = "scheduled.list",
    params(ListScheduled),
    responses((status = 200, description = "A page of messages", body = Page<Scheduled>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListScheduled>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_scheduled(state.chat(), signed.caller, signed.request.0).await)
}

/// Shows a message that is sent later
#[utoipa::path(
    get, path = "/api/v1/scheduled/{id}", tag = "scheduled", operation_id = "scheduled.get",
    params(("id" = String, Path, description = "The message's name")),
    responses(
        (status = 200, description = "The message", body = Scheduled),
        (status = 404, description = "`scheduled_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<NameScheduled>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_scheduled(state.chat(), signed.caller, signed.request.0).await)
}

/// Changes a message that is sent later
///
/// One that was refused waits again, and is sent at once if its time has passed.
#[utoipa::path(
    patch, path = "/api/v1/scheduled/{id}", tag = "scheduled", operation_id = "scheduled.change",
    params(("id" = String, Path, description = "The message's name")),
    request_body = ChangeScheduled,
    responses(
        (status = 200, description = "The message as it is now", body = Scheduled),
        (status = 404, description = "`scheduled_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`being_sent`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`send_at_malformed`, and what is wrong with the message", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change(
    state: ApiState,
    signed: Signed<FromBody<ChangeScheduled>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::change_scheduled(state.chat(), signed.caller, signed.request.0).await)
}

/// Removes a message that is sent later
///
/// It is not sent.
#[utoipa::path(
    delete, path = "/api/v1/scheduled/{id}", tag = "scheduled", operation_id = "scheduled.remove",
    params(("id" = String, Path, description = "The message's name")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "`scheduled_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`being_sent`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameScheduled>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_scheduled(state.chat(), signed.caller, signed.request.0).await)
}
