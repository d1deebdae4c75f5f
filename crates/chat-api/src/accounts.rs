//! Accounts: signing up, and one's own profile.

use actix_web::{HttpRequest, HttpResponse};
use chat_core::UserId;
use chat_json::Time;
use chat_json::shape::User;
use chat_users::{NewUser, UsersError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Signed;
use crate::classic::accounts::{OWNER, OWNER_EMAIL};
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody, Nothing};
use crate::state::ApiState;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    /// The unique name: 1 to 32 characters.
    #[schema(example = "ada", min_length = 1, max_length = 32)]
    pub username: String,
    /// The unique address.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// The password: 8 to 72 bytes.
    #[schema(format = Password, min_length = 8, max_length = 72)]
    pub password: String,
}

/// What a user sees of themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account<'a> {
    /// What others see.
    #[serde(flatten)]
    user: User<'a>,
    /// The unique address.
    #[schema(example = "ada@example.org")]
    email: &'a str,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// Whether they are an administrator; left out where not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    admin: bool,
}

/// Changes what is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMe {
    /// Another name to show: 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    display_name: Option<String>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password until now.
    #[schema(format = Password)]
    current_password: String,
    /// The password from now on: 8 to 72 bytes.
    #[schema(format = Password, min_length = 8, max_length = 72)]
    new_password: String,
}

/// Looks for users by their names.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindUsers {
    /// What their usernames begin with, whatever the case: 1 to 32 characters.
    #[param(min_length = 1, max_length = 32, example = "ad")]
    q: String,
}

/// Users who were found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundUsers<'a> {
    /// At most 20, in the order of their usernames.
    items: Vec<User<'a>>,
}

/// Names a user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameUser {
    /// The user.
    #[serde(deserialize_with = "chat_json::user_id")]
    pub user: UserId,
}

impl<'a> From<&'a chat_users::User> for Account<'a> {
    fn from(user: &'a chat_users::User) -> Account<'a> {
        let (email, created_at) = (user.email.as_str(), Time(user.created_at));
        Account { user: User::from(&user.profile), email, created_at, admin: user.admin }
    }
}

/// The one way to an account, for the native call and the classic one. With `founds` the first of all is an administrator's.
pub(crate) async fn make_account(
    state: &ApiState,
    req: &HttpRequest,
    new: SignUp,
    founds: bool,
) -> Result<chat_users::User, Problem> {
    if !state.settings().sign_up_open {
        return Err(Problem::sign_up_closed());
    }
    state.count_sign_up(req)?;
    let SignUp { username, email, password } = new;
    // Whoever had this account would own the rooms that are nobody's.
    if username.to_lowercase() == OWNER || email.to_lowercase() == OWNER_EMAIL {
        return Err(UsersError::UsernameTaken.into());
    }
    let new = NewUser { username, email, password };
    let user =
        if founds { state.users().sign_up_or_found(new).await? } else { state.users().sign_up(new).await? };
    if user.admin {
        log::warn!("the first account, {}, is an administrator", user.id());
    }
    Ok(user)
}

/// Makes an account
///
/// The first one of a new server is an administrator's, unless `auth.first_is_admin` says otherwise.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "users", operation_id = "user.create", security(()),
    request_body = SignUp,
    responses(
        (status = 201, description = "The new account", body = Account),
        (status = 403, description = "`sign_up_closed`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`username_taken`, `email_taken`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sign_up(
    state: ApiState,
    req: HttpRequest,
    body: FromBody<SignUp>,
) -> Result<HttpResponse, Problem> {
    let user = make_account(&state, &req, body.0, state.settings().first_is_admin).await?;
    Ok(HttpResponse::Created().json(Account::from(&user)))
}

/// Looks for users by the beginning of their usernames
///
/// To invite them, or to talk to them directly. Accounts that are disabled are left out.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users", operation_id = "user.find",
    params(FindUsers),
    responses((status = 200, description = "The users, at most 20", body = FoundUsers)),
)]
pub(crate) async fn find(
    state: ApiState,
    signed: Signed<FromAddress<FindUsers>>,
) -> Result<HttpResponse, Problem> {
    let found = state.users().named(&signed.request.0.q).await?;
    Ok(HttpResponse::Ok().json(FoundUsers { items: found.iter().map(User::from).collect() }))
}

/// Shows the caller's account
#[utoipa::path(
    get, path = "/api/v1/users/me", tag = "users", operation_id = "user.me",
    responses((status = 200, description = "The account", body = Account)),
)]
pub(crate) async fn me(state: ApiState, signed: Signed<Nothing>) -> Result<HttpResponse, Problem> {
    let user = state.users().user(signed.caller.id).await?;
    Ok(HttpResponse::Ok().json(Account::from(&user)))
}

/// Changes the caller's profile
///
/// What is left out stays.
#[utoipa::path(
    patch, path = "/api/v1/users/me", tag = "users", operation_id = "user.change",
    request_body = ChangeMe,
    responses((status = 200, description = "The account as it is now", body = Account)),
)]
pub(crate) async fn change_me(
    state: ApiState,
    signed: Signed<FromBody<ChangeMe>>,
) -> Result<HttpResponse, Problem> {
    let id = signed.caller.id;
    let user = match signed.request.0.display_name {
        Some(name) => state.users().set_display_name(id, &name).await?,
        None => state.users().user(id).await?,
    };
    Ok(HttpResponse::Ok().json(Account::from(&user)))
}

/// Changes the caller's password
///
/// Ends all other sessions of the caller, and closes their connections.
#[utoipa::path(
    put, path = "/api/v1/users/me/password", tag = "users", operation_id = "user.change_password",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "It is changed"),
        (status = 403, description = "`wrong_password`, `cross_origin`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change_password(
    state: ApiState,
    req: HttpRequest,
    signed: Signed<FromBody<ChangePassword>>,
) -> Result<HttpResponse, Problem> {
    state.count_log_in(&req)?;
    let Signed { caller, session, request: FromBody(change) } = signed;
    let (old, new) = (&change.current_password, &change.new_password);
    let changed = state.users().change_password(caller.id, session.as_ref(), old, new).await;
    if changed == Err(UsersError::WrongCredentials) {
        return Err(Problem::wrong_password());
    }
    state.close_sessions(caller.id, &changed?);
    Ok(HttpResponse::NoContent().finish())
}

/// Shows a user
#[utoipa::path(
    get, path = "/api/v1/users/{user}", tag = "users", operation_id = "user.get",
    params(("user" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "What others see of them", body = User),
        (status = 404, description = "`user_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    state: ApiState,
    signed: Signed<FromAddress<NameUser>>,
) -> Result<HttpResponse, Problem> {
    let user = state.users().user(signed.request.0.user).await?;
    Ok(HttpResponse::Ok().json(User::from(&user.profile)))
}
