//! Blocks: whose direct messages one wants to have no more.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListUsers, NameUser};
use chat_json::shape::{Block, Page};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Blocks a user
///
/// What they send to the direct room of the two from now on, the caller is not shown: of such a message there is only its place,
/// `withheld`. They are not told.
#[utoipa::path(
    put, path = "/api/v1/blocks/{user}", tag = "blocks", operation_id = "block.add",
    params(("user" = String, Path, description = "The user")),
    responses(
        (status = 200, description = "The block, which was there before", body = Block),
        (status = 201, description = "The block", body = Block),
        (status = 409, description = "`limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`user_unknown`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    state: ApiState,
    signed: Signed<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_block(state.chat(), signed.caller, signed.request.0).await)
}

/// Ends a block
///
/// What was sent meanwhile stays unseen.
#[utoipa::path(
    delete, path = "/api/v1/blocks/{user}", tag = "blocks", operation_id = "block.remove",
    params(("user" = String, Path, description = "The user")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_block(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists whom the caller has blocked
///
/// In the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/blocks", tag = "blocks", operation_id = "block.list",
    params(ListUsers),
    responses((status = 200, description = "A page of users", body = Page<Block>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListUsers>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_blocks(state.chat(), signed.caller, signed.request.0).await)
}
