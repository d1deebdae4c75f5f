//! Rooms and their members.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{
    AddMember, ChangeRoom, CreateRoom, ListMembers, ListRooms, NameMember, NameRoom, OpenDirect, SetMember,
};
use chat_json::shape::{Member, Page, Room};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Lists rooms
///
/// The public ones, or those the caller is a member of, in the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/rooms", tag = "rooms", operation_id = "room.list",
    params(ListRooms),
    responses((status = 200, description = "A page of rooms", body = Page<Room>)),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListRooms>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_rooms(state.chat(), signed.caller, signed.request.0).await)
}

/// Makes a room
///
/// The caller becomes its owner.
#[utoipa::path(
    post, path = "/api/v1/rooms", tag = "rooms", operation_id = "room.create",
    request_body = CreateRoom,
    responses(
        (status = 201, description = "The new room", body = Room),
        (status = 409, description = "`room_exists`, `limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    state: ApiState,
    signed: Signed<FromBody<CreateRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::create_room(state.chat(), signed.caller, signed.request.0).await)
}

/// Opens a direct room
///
/// The room of the caller and these others, at most ten people in all; made where there is none yet. Whoever of them asks, and in
/// whatever order, it is the same. Its people, roles and name stay as they are, and nobody deletes it.
#[utoipa::path(
    post, path = "/api/v1/direct", tag = "rooms", operation_id = "direct.open",
    request_body = OpenDirect,
    responses(
        (status = 200, description = "The room, which was there before", body = Room),
        (status = 201, description = "The new room", body = Room),
        (status = 409, description = "`limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`users_count`, `users_unknown`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn open_direct(
    state: ApiState,
    signed: Signed<FromBody<OpenDirect>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::open_direct(state.chat(), signed.caller, signed.request.0).await)
}

/// Shows a room
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}", tag = "rooms", operation_id = "room.get",
    params(("room" = String, Path, description = "The room")),
    responses((status = 200, description = "The room", body = Room)),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::get_room(state.chat(), signed.caller, signed.request.0).await)
}

/// Changes a room
///
/// What is left out stays. Takes a moderator.
#[utoipa::path(
    patch, path = "/api/v1/rooms/{room}", tag = "rooms", operation_id = "room.change",
    params(("room" = String, Path, description = "The room")),
    request_body = ChangeRoom,
    responses((status = 200, description = "The room as it is now", body = Room)),
)]
pub(crate) async fn change(
    state: ApiState,
    signed: Signed<FromBody<ChangeRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::change_room(state.chat(), signed.caller, signed.request.0).await)
}

/// Deletes a room
///
/// With its messages; its id stays taken. Takes the owner.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}", tag = "rooms", operation_id = "room.delete",
    params(("room" = String, Path, description = "The room")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(
    state: ApiState,
    signed: Signed<FromAddress<NameRoom>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::delete_room(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists the members of a room
///
/// In the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/members", tag = "members", operation_id = "member.list",
    params(("room" = String, Path, description = "The room"), ListMembers),
    responses((status = 200, description = "A page of members", body = Page<Member>)),
)]
pub(crate) async fn list_members(
    state: ApiState,
    signed: Signed<FromAddress<ListMembers>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_members(state.chat(), signed.caller, signed.request.0).await)
}

/// Makes a user a member
///
/// With the caller's own id this joins, and takes a public room and no body. With another's it invites; any
/// member may do that in a public room, a moderator in a private one. Who is a member stays as they are.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/members/{user}", tag = "members", operation_id = "member.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The user's id"),
    ),
    request_body(content = Option<AddMember>),
    responses(
        (status = 200, description = "The member, who was one before", body = Member),
        (status = 201, description = "The new member", body = Member),
        (status = 409, description = "`limit_reached`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add_member(
    state: ApiState,
    signed: Signed<FromBody<AddMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_member(state.chat(), signed.caller, signed.request.0).await)
}

/// Gives a member another role
///
/// Takes a moderator for members and readers, the owner for moderators. Making another the owner makes the
/// caller a moderator.
#[utoipa::path(
    patch, path = "/api/v1/rooms/{room}/members/{user}", tag = "members", operation_id = "member.set",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The user's id"),
    ),
    request_body = SetMember,
    responses(
        (status = 200, description = "The member as they are now", body = Member),
        (status = 409, description = "`owner_required`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set_member(
    state: ApiState,
    signed: Signed<FromBody<SetMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::set_member(state.chat(), signed.caller, signed.request.0).await)
}

/// Ends a membership
///
/// With the caller's own id this leaves, with another's it removes; that takes a role above theirs.
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/members/{user}", tag = "members", operation_id = "member.remove",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The user's id"),
    ),
    responses(
        (status = 204, description = "They are no member any more"),
        (status = 409, description = "`owner_required`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove_member(
    state: ApiState,
    signed: Signed<FromAddress<NameMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_member(state.chat(), signed.caller, signed.request.0).await)
}
