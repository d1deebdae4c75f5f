//! Who is there.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListMembers, NameUser, SetPresence};
use chat_json::shape::{Page, Present, UserPresence};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Shows who is here
///
/// The users who are connected to the room now, in the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/presence", tag = "presence", operation_id = "presence.get",
    params(("room" = String, Path, description = "The room"), ListMembers),
    responses((status = 200, description = "A page of users", body = Page<Present>)),
)]
pub(crate) async fn in_room(
    state: ApiState,
    signed: Signed<FromAddress<ListMembers>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_presence(state.chat(), signed.caller, signed.request.0).await)
}

/// Shows whether a user is there
///
/// `online`, `away` where none of their connections has done anything for five minutes, or `offline`; and what they say of
/// themselves. Those who hide are offline to all but themselves.
#[utoipa::path(
    get, path = "/api/v1/users/{user}/presence", tag = "presence", operation_id = "user.presence",
    params(("user" = String, Path, description = "The user")),
    responses(
        (status = 200, description = "The user as others see them", body = UserPresence),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn of_user(
    state: ApiState,
    signed: Signed<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_user_presence(state.chat(), signed.caller, signed.request.0).await)
}

/// Changes what the caller says of themselves
///
/// And whether they hide. What is left out stays.
#[utoipa::path(
    patch, path = "/api/v1/users/me/presence", tag = "presence", operation_id = "presence.set",
    request_body = SetPresence,
    responses(
        (status = 200, description = "The caller as they are now", body = UserPresence),
        (status = 422, description = "`status_too_long`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set(
    state: ApiState,
    signed: Signed<FromBody<SetPresence>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::set_presence(state.chat(), signed.caller, signed.request.0).await)
}
