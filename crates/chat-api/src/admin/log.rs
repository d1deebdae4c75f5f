//! What administrators have done.

use actix_web::HttpResponse;
use chat_json::shape::{Page, User};
use chat_json::{Size, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use crate::error::Problem;
use crate::input::FromAddress;
use crate::state::ApiState;

/// Something that an administrator has done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Act<'a> {
    /// Its number, as text; later ones have greater numbers.
    #[schema(example = "7")]
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// Who, as they were called then.
    by: User<'a>,
    /// What: `user.disable`, `user.enable`, `session.end_all`, `admin.give`, `admin.take`, `report.settle` or `room.delete`.
    #[schema(example = "user.disable")]
    act: &'a str,
    /// To whom, as they were called then; left out where it was not done to a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
    /// In which room; left out where in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    /// To which message of it; left out where to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<i64>,
    /// The name of a room that was deleted, or the verdict about reports; left out where there is no more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl<'a> From<&'a chat_users::Act> for Act<'a> {
    fn from(chat_users::Act { id, at, by, what }: &'a chat_users::Act) -> Act<'a> {
        Act {
            id: id.to_string(),
            at: Time(*at),
            by: User::from(by),
            act: &what.act,
            user: what.user.as_ref().map(User::from),
            room: what.room.as_deref(),
            target: what.message,
            detail: what.detail.as_deref(),
        }
    }
}

/// A page of acts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListActs {
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists what administrators have done
///
/// The latest first. Nobody can change or remove any of it.
#[utoipa::path(
    get, path = "/api/v1/admin/log", tag = "admin", operation_id = "admin.log",
    params(ListActs),
    responses((status = 200, description = "A page of acts", body = Page<Act>)),
)]
pub(crate) async fn list(
    state: ApiState,
    admin: Admin<FromAddress<ListActs>>,
) -> Result<HttpResponse, Problem> {
    let ListActs { limit, cursor } = admin.request.0;
    let size = Size::new(limit, state.chat().limits().page)?;
    let before = cursor.map(|text| text.parse().map_err(|_| chat_json::wrong_cursor())).transpose()?;
    let mut acts = state.users().acts(before, size.fetch()).await?;
    let more = size.cut(&mut acts);
    let next = acts.last().filter(|_| more).map(|act| act.id.to_string());
    Ok(HttpResponse::Ok().json(Page { items: acts.iter().map(Act::from).collect(), next }))
}
