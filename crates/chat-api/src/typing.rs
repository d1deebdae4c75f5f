//! Who writes now.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::NameRoom;

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::Problem;
use crate::input::FromAddress;
use crate::state::ApiState;

/// Says that the caller is writing
///
/// Those who have the room open are told by a `typing.started`, which holds for six seconds: a client says it again every few
/// seconds while its user writes. What comes more often than every three seconds is told nobody.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/typing", tag = "presence", operation_id = "typing.start",
    params(("room" = String, Path, description = "The room")),
    responses((status = 204, description = "Said")),
)]
pub(crate) async fn start(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::start_typing(state.chat(), signed.caller, signed.request.0).await)
}

/// Says that the caller no longer writes
///
/// By a `typing.stopped`. A message that was sent says it as well.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/typing", tag = "presence", operation_id = "typing.stop",
    params(("room" = String, Path, description = "The room")),
    responses((status = 204, description = "Said")),
)]
pub(crate) async fn stop(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::stop_typing(state.chat(), signed.caller, signed.request.0).await)
}
