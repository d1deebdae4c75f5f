//! Messages, and the log they stand in.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{
    EditMessage, GetMessage, ListEvents, ListMessages, ListVersions, NameMessage, SendMessage,
};
use chat_json::shape::{LogPage, Message, Page, Version};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Sends a message
///
/// It is on disk when this answers. A send that is repeated with the same `client_id` answers with the message
/// of the first.
#[utoipa::path(
    post, path = "/api/v1/rooms/{room}/messages", tag = "messages", operation_id = "message.send",
    params(("room" = String, Path, description = "The room")),
    request_body = SendMessage,
    responses(
        (status = 200, description = "The message, which was sent before", body = Message),
        (status = 201, description = "The new message", body = Message),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn send(
    state: ApiState,
    signed: Signed<FromBody<SendMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::send_message(&state.chat(), &signed.caller, signed.request.0).await)
}

/// Lists messages
///
/// The latest ones, those before an offset or those after one, always in ascending order. `next` is the
/// offset to continue with: as `after` where `after` was given, as `before` otherwise.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages", tag = "messages", operation_id = "message.list",
    params(("room" = String, Path, description = "The room"), ListMessages),
    responses((status = 200, description = "A page of messages", body = Page<Message>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListMessages>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_messages(state.chat(), signed.caller, signed.request.0).await)
}

/// Shows a message
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}", tag = "messages", operation_id = "message.get",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        GetMessage,
    ),
    responses((status = 200, description = "The message", body = Message)),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<GetMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_message(state.chat(), signed.caller, signed.request.0).await)
}

/// Edits a message
///
/// Its text, and its data where that is given. Authors may for as long as `messages.edit_seconds` says, moderators any
/// message at any time. Members are told by a `message.edited`.
#[utoipa::path(
    patch, path = "/api/v1/rooms/{room}/messages/{offset}", tag = "messages", operation_id = "message.edit",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    request_body = EditMessage,
    responses(
        (status = 200, description = "The message as it is now", body = Message),
        (status = 403, description = "`too_late`, `forbidden`, `not_a_member`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`message_deleted`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn edit(
    state: ApiState,
    signed: Signed<FromBody<EditMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::edit_message(state.chat(), signed.caller, signed.request.0).await)
}

/// Deletes a message
///
/// Only its place stays, empty and with a `deleted_at`. Authors may for as long as `messages.edit_seconds` says, moderators
/// any message at any time. Members are told by a `message.deleted`.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/messages/{offset}", tag = "messages", operation_id = "message.delete",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`too_late`, `forbidden`, `not_a_member`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::delete_message(state.chat(), signed.caller, signed.request.0).await)
}

/// Shows what a message said before
///
/// Each of its texts that was edited away or deleted, the oldest first, with who replaced it. Takes a moderator. Empty where
/// `messages.keep_versions` is off.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/versions", tag = "messages", operation_id = "message.versions",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ListVersions,
    ),
    responses(
        (status = 200, description = "A page of versions", body = Page<Version>),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn versions(
    state: ApiState,
    signed: Signed<FromAddress<ListVersions>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_versions(state.chat(), signed.caller, signed.request.0).await)
}

/// Reads the log of a room
///
/// What a client that polls, or a bot, reads: everything that happened after an offset. `offset` is the log's
/// end; another `epoch` than before means that the log was restored from an older copy and is to be read anew.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/events", tag = "messages", operation_id = "event.list",
    params(("room" = String, Path, description = "The room"), ListEvents),
    responses(
        (status = 200, description = "A page of events", body = LogPage),
        (status = 410, description = "`events_gone`: some of what follows is kept no longer", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn events(
    state: ApiState,
    signed: Signed<FromAddress<ListEvents>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_events(state.chat(), signed.caller, signed.request.0).await)
}
