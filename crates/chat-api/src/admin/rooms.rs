//! All rooms, as administrators see them.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListAllRooms, ListAudit, NameRoom};
use chat_json::shape::{Event, OverseenRoom, Page};
use chat_users::NewAct;

use super::Admin;
use crate::answer::answer;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Lists all rooms
///
/// Also private and direct ones, in the order of their ids. What is said in them is not shown.
#[utoipa::path(
    get, path = "/api/v1/admin/rooms", tag = "admin", operation_id = "admin.room.list",
    params(ListAllRooms),
    responses((status = 200, description = "A page of rooms", body = Page<OverseenRoom>)),
)]
pub(crate) async fn list(
    state: ApiState,
    admin: Admin<FromAddress<ListAllRooms>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_all_rooms(state.chat(), admin.request.0).await)
}

/// Deletes a room
///
/// Any but a direct one, with its messages; its id stays taken. Its members are told as when its owner deletes it.
#[utoipa::path(
    delete, path = "/api/v1/admin/rooms/{room}", tag = "admin", operation_id = "admin.room.delete",
    params(("room" = String, Path, description = "The room")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`forbidden`, `direct_room`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    state: ApiState,
    admin: Admin<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    let Admin { caller, request: FromAddress(NameRoom { room: id }) } = admin;
    let chat = state.chat();
    let room = chat.any_room(&caller, &id).await?;
    // Before it is done: nothing else is left that could say who did it.
    let act = NewAct { room: Some(id.to_string()), detail: Some(room.name), ..NewAct::of("room.delete") };
    state.users().note_act(&caller, act).await?;
    chat.close_room(&caller, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists what the moderators of a room have done
///
/// As they see it, the latest first. Of direct rooms, which have none, there is nothing.
#[utoipa::path(
    get, path = "/api/v1/admin/rooms/{room}/audit", tag = "admin", operation_id = "admin.room.audit",
    params(("room" = String, Path, description = "The room"), ListAudit),
    responses(
        (status = 200, description = "A page of events", body = Page<Event>),
        (status = 403, description = "`forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn audit(
    state: ApiState,
    admin: Admin<FromAddress<ListAudit>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_any_audit(state.chat(), admin.caller, admin.request.0).await)
}
