//! Bookmarks: messages that one keeps for oneself, of all rooms.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{AddBookmark, ListOwn, NameMessage};
use chat_json::shape::{Bookmark, Page};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Bookmarks a message
///
/// Any that the caller may read. One that is bookmarked stays so, with another note where one is given. Nobody else knows; the
/// caller's own connections are told by a `bookmark.added`.
#[utoipa::path(
    put, path = "/api/v1/bookmarks/{room}/{offset}", tag = "bookmarks", operation_id = "bookmark.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    request_body = AddBookmark,
    responses(
        (status = 200, description = "The bookmark, which was there before", body = Bookmark),
        (status = 201, description = "The bookmark", body = Bookmark),
        (status = 409, description = "`message_deleted`, `limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`note_too_long`, `note_forbidden_character`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    state: ApiState,
    signed: Signed<FromBody<AddBookmark>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_bookmark(state.chat(), signed.caller, signed.request.0).await)
}

/// Ends a bookmark
#[utoipa::path(
    delete, path = "/api/v1/bookmarks/{room}/{offset}", tag = "bookmarks", operation_id = "bookmark.remove",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
    ),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(
    state: ApiState,
    signed: Signed<FromAddress<NameMessage>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_bookmark(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the caller's bookmarks
///
/// The latest first, of all rooms that the caller may read now; those in others are kept and left out. Of a deleted message there
/// is its place.
#[utoipa::path(
    get, path = "/api/v1/bookmarks", tag = "bookmarks", operation_id = "bookmark.list",
    params(ListOwn),
    responses((status = 200, description = "A page of bookmarks", body = Page<Bookmark>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListOwn>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_bookmarks(state.chat(), signed.caller, signed.request.0).await)
}
