//! All accounts, as administrators see them, and what they do to them.

use actix_web::HttpResponse;
use chat_core::Profile;
use chat_json::shape::{Page, User};
use chat_json::{Size, Time};
use chat_users::{AccountAct, Listed, Overseen};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use crate::accounts::NameUser;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// An account as administrators see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OverseenUser<'a> {
    /// What everybody sees.
    #[serde(flatten)]
    user: User<'a>,
    /// The unique address.
    #[schema(example = "ada@example.org")]
    email: &'a str,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// Since when it is disabled; left out where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Time>,
    /// Whether they are an administrator; left out where not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    admin: bool,
    /// How many log-ins of theirs live.
    sessions: u64,
}

impl<'a> From<&'a Overseen> for OverseenUser<'a> {
    fn from(Overseen { user, sessions }: &'a Overseen) -> OverseenUser<'a> {
        OverseenUser {
            user: User::from(&user.profile),
            email: &user.email,
            created_at: Time(user.created_at),
            disabled_at: user.disabled_at.map(Time),
            admin: user.admin,
            sessions: *sessions,
        }
    }
}

/// A page of accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// What their usernames begin with, whatever the case; with an @ in it, what their e-mail addresses begin with. Left out, all.
    #[param(max_length = 254, example = "ad")]
    q: Option<String>,
    /// Whether to go by the e-mail addresses, also without an @ in `q`; left out, no.
    email: Option<bool>,
    /// How many at the most: 1 to 200; left out, 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// The `next` of the page before, which was asked for in the same way.
    cursor: Option<String>,
}

/// Lists all accounts
///
/// In the order of their usernames, or of their e-mail addresses where these are looked for.
#[utoipa::path(
    get, path = "/api/v1/admin/users", tag = "admin", operation_id = "admin.user.list",
    params(ListUsers),
    responses((status = 200, description = "A page of accounts", body = Page<OverseenUser>)),
)]
pub(crate) async fn list(
    state: ApiState,
    admin: Admin<FromAddress<ListUsers>>,
) -> Result<HttpResponse, Problem> {
    let ListUsers { q, email, limit, cursor } = admin.request.0;
    let size = Size::new(limit, state.chat().limits().page)?;
    let beginning = q.unwrap_or_default();
    let by_email = email.unwrap_or(false) || beginning.contains('@');
    let listed = if by_email { Listed::ByEmail(beginning) } else { Listed::ByUsername(beginning) };
    let mut found = state.users().overseen(listed, cursor, size.fetch()).await?;
    let more = size.cut(&mut found);
    let place = |one: &Overseen| match by_email {
        true => one.user.email.to_lowercase(),
        false => one.user.profile.username.to_lowercase(),
    };
    let next = found.last().filter(|_| more).map(place);
    let items = found.iter().map(OverseenUser::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Shows an account
#[utoipa::path(
    get, path = "/api/v1/admin/users/{user}", tag = "admin", operation_id = "admin.user.get",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    let found = state.users().oversee(admin.request.0.user).await?;
    Ok(HttpResponse::Ok().json(OverseenUser::from(&found)))
}

/// Disables an account
///
/// Its sessions end and its connections are closed at once, at every node; nobody can log in with it until it is enabled again.
/// Nobody disables their own.
#[utoipa::path(
    put, path = "/api/v1/admin/users/{user}/disabled", tag = "admin", operation_id = "admin.user.disable",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account as it is now", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`own_account`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn disable(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    operate(&state, &admin.caller, &admin.request.0, AccountAct::Disable).await
}

/// Enables an account
#[utoipa::path(
    delete, path = "/api/v1/admin/users/{user}/disabled", tag = "admin", operation_id = "admin.user.enable",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account as it is now", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn enable(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    operate(&state, &admin.caller, &admin.request.0, AccountAct::Enable).await
}

/// Ends all sessions of an account
///
/// Its connections are closed at once, at every node.
#[utoipa::path(
    delete, path = "/api/v1/admin/users/{user}/sessions", tag = "admin", operation_id = "admin.session.end_all",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account as it is now", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end_sessions(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    operate(&state, &admin.caller, &admin.request.0, AccountAct::EndSessions).await
}

/// Makes a user an administrator
#[utoipa::path(
    put, path = "/api/v1/admin/users/{user}/admin", tag = "admin", operation_id = "admin.give",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account as it is now", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn give(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    operate(&state, &admin.caller, &admin.request.0, AccountAct::GiveAdmin).await
}

/// Makes an administrator a user like any other
///
/// Nobody takes it from themselves, so one is always left.
#[utoipa::path(
    delete, path = "/api/v1/admin/users/{user}/admin", tag = "admin", operation_id = "admin.take",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The account as it is now", body = OverseenUser),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`own_account`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn take(
    state: ApiState,
    admin: Admin<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    operate(&state, &admin.caller, &admin.request.0, AccountAct::TakeAdmin).await
}

async fn operate(
    state: &ApiState,
    by: &Profile,
    named: &NameUser,
    act: AccountAct,
) -> Result<HttpResponse, Problem> {
    let (overseen, ended) = state.users().operate(by, named.user, act).await?;
    state.close_sessions(named.user, &ended);
    Ok(HttpResponse::Ok().json(OverseenUser::from(&overseen)))
}
