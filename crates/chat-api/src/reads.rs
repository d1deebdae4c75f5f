//! How far people have read.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListOwn, ListReaders, NameMessage};
use chat_json::shape::{InboxRoom, Page, ReadMark, User};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Marks a room as read
///
/// Up to this event. A mark that is further already stays. The caller's other devices are told by a `read.marked`.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/read/{offset}", tag = "reads", operation_id = "read.mark",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The last event that was read"),
    ),
    responses(
        (status = 200, description = "The mark as it is now", body = ReadMark),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mark(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::mark_read(state.chat(), signed.caller, signed.request.0).await)
}

/// Marks a message as unread
///
/// With all that follows it. A mark that is before it already stays. The caller's other devices are told by a
/// `read.marked`.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/unread/{offset}", tag = "reads", operation_id = "read.unmark",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The first event that is not read"),
    ),
    responses(
        (status = 200, description = "The mark as it is now", body = ReadMark),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn unmark(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::mark_unread(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists who has read a message
///
/// Members who have read up to it or further, but its sender, in the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/readers", tag = "reads", operation_id = "reader.list",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ListReaders,
    ),
    responses(
        (status = 200, description = "A page of users", body = Page<User>),
        (status = 403, description = "`not_a_member`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn readers(
    state: ApiState,
    signed: Signed<FromAddress<ListReaders>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_readers(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the caller's rooms by their activity
///
/// Those first where somebody wrote last, each with its last message and how many messages are unread.
#[utoipa::path(
    get, path = "/api/v1/inbox", tag = "reads", operation_id = "inbox.list",
    params(ListOwn),
    responses((status = 200, description = "A page of rooms", body = Page<InboxRoom>)),
)]
pub(crate) async fn inbox(
    state: ApiState,
    signed: Signed<FromAddress<ListOwn>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_inbox(state.chat(), signed.caller, signed.request.0).await)
}
