//! Rooms, the classic way.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::Json;
use chat_core::{ChatError, NewRoom, Problem as Wrong, RoomFilter, RoomId, RoomKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::owner;
use super::{ClassicBody, ClassicError, ClassicErrorBody, caller, nobody};
use crate::error::Problem;
use crate::state::ApiState;

/// A room of the classic API.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ClassicRoom {
    /// Its id, chosen by the client.
    #[schema(example = "3b241101-e2bb-4255-8caf-4136c566a962", pattern = "^[A-Za-z0-9_-]{1,64}$")]
    id: String,
    /// Its name.
    #[schema(example = "General")]
    name: String,
}

/// A user of the classic API who is connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassicClient {
    /// The user's id.
    #[schema(example = "1")]
    id: String,
    /// The user's name.
    #[schema(example = "ada")]
    username: String,
}

/// Makes a room
///
/// A public one, whose owner is the caller. Where the server is set to trust its classic clients, a caller
/// who is nobody is taken as well.
#[utoipa::path(
    post, path = "/ws/createRoom", tag = "classic", operation_id = "classic.createRoom",
    request_body = ClassicRoom,
    responses(
        (status = 200, description = "The room, as it was sent", body = ClassicRoom),
        (status = 400, description = "A body that is malformed, or breaks a rule", body = ClassicErrorBody),
        (status = 401, description = "No valid cookie or token", body = ClassicErrorBody),
        (status = 403, description = "A page of another origin", body = ClassicErrorBody),
        (status = 409, description = "The id is taken", body = ClassicErrorBody),
    ),
    security(("cookie" = []), ("token" = [])),
)]
pub(crate) async fn create(
    state: ApiState,
    req: HttpRequest,
    body: ClassicBody<ClassicRoom>,
) -> Result<Json<ClassicRoom>, ClassicError> {
    let owner = match caller(&req).await {
        Err(refused) if refused.is_unauthorized() && state.classic().trust => owner(&state).await?,
        caller => caller?,
    };
    let ClassicBody(room) = body;
    let id: RoomId = room.id.parse().map_err(|error: chat_core::InvalidId| {
        ChatError::invalid("id", Wrong::Malformed { expected: error.expected })
    })?;
    let new = NewRoom { name: room.name.clone(), topic: String::new(), kind: RoomKind::Public };
    state.chat().create_room(&owner, Some(id), new).await?;
    Ok(Json(room))
}

/// Lists the public rooms
#[utoipa::path(
    get, path = "/ws/getRooms", tag = "classic", operation_id = "classic.getRooms", security(()),
    responses((status = 200, description = "The rooms, in the order of their ids", body = Vec<ClassicRoom>)),
)]
pub(crate) async fn list(state: ApiState) -> Result<Json<Vec<ClassicRoom>>, ClassicError> {
    let (chat, viewer, bound) = (state.chat(), nobody()?, state.classic().rooms);
    let mut rooms: Vec<ClassicRoom> = Vec::new();
    let mut after = None;
    while rooms.len() < bound {
        let page = chat.rooms(&viewer, RoomFilter::Public, after, bound - rooms.len()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.room.id.clone());
        rooms.extend(
            page.into_iter()
                .map(|access| ClassicRoom { id: access.room.id.to_string(), name: access.room.name }),
        );
    }
    Ok(Json(rooms))
}

/// Lists who is connected to a room
///
/// Each user once, in the order of their ids; nobody for a room that is not there, or not for the caller.
#[utoipa::path(
    get, path = "/ws/getClients/{roomId}", tag = "classic", operation_id = "classic.getClients", security(()),
    params(("roomId" = String, Path, description = "The room")),
    responses((status = 200, description = "The users", body = Vec<ClassicClient>)),
)]
pub(crate) async fn clients(
    state: ApiState,
    req: HttpRequest,
) -> Result<Json<Vec<ClassicClient>>, ClassicError> {
    let viewer = match caller(&req).await {
        Err(refused) if refused.is_unauthorized() => nobody()?,
        caller => caller?,
    };
    let room = req.match_info().get("roomId").and_then(|room| room.parse::<RoomId>().ok());
    let Some(room) = room else { return Ok(Json(Vec::new())) };
    let present = match state.chat().presence(&viewer, &room).await {
        Err(ChatError::RoomNotFound) => Vec::new(),
        present => present.map_err(Problem::from)?,
    };
    let users: BTreeMap<_, _> =
        present.into_iter().map(|presence| (presence.user.id, presence.user.username)).collect();
    let clients = users.into_iter().map(|(id, username)| ClassicClient { id: id.to_string(), username });
    Ok(Json(clients.collect()))
}
