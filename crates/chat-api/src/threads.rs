//! Threads.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{GetMessage, ListOwn, ListReplies, NameMessage};
use chat_json::shape::{FollowedThread, Message, Page, ThreadView};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::Problem;
use crate::input::FromAddress;
use crate::state::ApiState;

/// Shows a thread
///
/// The message that it began with, which has the counts, and who takes part.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/thread", tag = "threads", operation_id = "thread.get",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "Any message of the thread"),
        GetMessage,
    ),
    responses((status = 200, description = "The thread", body = ThreadView)),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<GetMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_thread(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the replies of a thread
///
/// The latest ones, those before an offset or those after one, always in ascending order, paged as the messages of a room.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/thread/messages", tag = "threads",
    operation_id = "thread.messages",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "Any message of the thread"),
        ListReplies,
    ),
    responses((status = 200, description = "A page of replies", body = Page<Message>)),
)]
pub(crate) async fn messages(
    state: ApiState,
    signed: Signed<FromAddress<ListReplies>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_replies(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the threads that the caller follows
///
/// Those first where somebody replied last, each with how many replies are unread.
#[utoipa::path(
    get, path = "/api/v1/threads", tag = "threads", operation_id = "thread.list",
    params(ListOwn),
    responses((status = 200, description = "A page of threads", body = Page<FollowedThread>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListOwn>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_threads(state.chat(), signed.caller, signed.request.0).await)
}

/// Follows a thread
///
/// Who begins a thread or replies in it follows it by that.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/messages/{offset}/thread/follow", tag = "threads",
    operation_id = "thread.follow",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "Any message of the thread"),
    ),
    responses((status = 204, description = "The caller follows it")),
)]
pub(crate) async fn follow(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::follow_thread(state.chat(), signed.caller, signed.request.0).await)
}

/// Ends following a thread
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/messages/{offset}/thread/follow", tag = "threads",
    operation_id = "thread.unfollow",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "Any message of the thread"),
    ),
    responses((status = 204, description = "The caller does not follow it")),
)]
pub(crate) async fn unfollow(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::unfollow_thread(state.chat(), signed.caller, signed.request.0).await)
}
