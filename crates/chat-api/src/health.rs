//! Whether the server lives, and whether it can work.

use actix_web::HttpResponse;
use chat_core::{ChatError, Directory, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Problem, ProblemBody};
use crate::state::ApiState;

/// That all is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// Says that the server lives
#[utoipa::path(
    get, path = "/health/live", tag = "health", operation_id = "health.live", security(()),
    responses((status = 200, description = "It does", body = Health)),
)]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(OK)
}

/// Says whether the server can work
#[utoipa::path(
    get, path = "/health/ready", tag = "health", operation_id = "health.ready", security(()),
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 503, description = "`unavailable`: the store is away, or the server is about to stop", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ready(state: ApiState) -> Result<HttpResponse, Problem> {
    if state.is_leaving() {
        return Err(ChatError::Unavailable.into());
    }
    state.chat().ready().await?;
    // Whether there is such a user is the same to us.
    state.users().find(UserId::new(1).map_err(|_| Problem::internal())?).await?;
    Ok(HttpResponse::Ok().json(OK))
}
