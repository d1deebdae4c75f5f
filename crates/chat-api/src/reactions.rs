//! Reactions to messages.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListReacted, NameReaction};
use chat_json::shape::{Page, Reacted, ReactionCount};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Puts a reaction on a message
///
/// One emoji, or a short code of the application's own between colons, such as `:shipit:`. Members are told by a
/// `reaction.added`.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/messages/{offset}/reactions/{reaction}", tag = "reactions",
    operation_id = "reaction.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ("reaction" = String, Path, description = "The emoji, or the code"),
    ),
    responses(
        (status = 200, description = "The reaction, which was there before", body = ReactionCount),
        (status = 201, description = "The reaction", body = ReactionCount),
        (status = 409, description = "`message_deleted`, `limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    state: ApiState,
    signed: Signed<FromAddress<NameReaction>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_reaction(state.chat(), signed.caller, signed.request.0).await)
}

/// Takes a reaction back
///
/// Members are told by a `reaction.removed`.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/messages/{offset}/reactions/{reaction}", tag = "reactions",
    operation_id = "reaction.remove",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ("reaction" = String, Path, description = "The emoji, or the code"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`message_deleted`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameReaction>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_reaction(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists who has put a reaction on a message
///
/// In the order in which they did.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/reactions/{reaction}", tag = "reactions",
    operation_id = "reaction.list",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ("reaction" = String, Path, description = "The emoji, or the code"),
        ListReacted,
    ),
    responses((status = 200, description = "A page of users", body = Page<Reacted>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListReacted>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_reacted(state.chat(), signed.caller, signed.request.0).await)
}
