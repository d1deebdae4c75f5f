//! Accounts, the classic way.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};
use chat_core::Profile;
use chat_users::{NewUser, UsersError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClassicBody, ClassicError, ClassicErrorBody};
use crate::accounts::{SignUp, make_account};
use crate::auth::{COOKIE, CrossOrigin, authenticate, removal};
use crate::sessions::{end_one, label};
use crate::state::ApiState;

/// The account that owns the rooms of nobody; nobody can sign up for it, and nobody knows its password.
pub(crate) const OWNER: &str = "classic";

/// The address of [`OWNER`].
pub(crate) const OWNER_EMAIL: &str = "classic@localhost";

/// A new account, with what else a classic client may send.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ClassicSignUp {
    /// The unique name.
    username: String,
    /// The unique address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Who logs in, with what else a classic client may send.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ClassicLogIn {
    /// The account's address.
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// An account of the classic API.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassicUser<'a> {
    /// The account: a decimal number, as text.
    #[schema(example = "1")]
    id: String,
    /// The unique name.
    #[schema(example = "ada")]
    username: &'a str,
    /// The unique address; only in the answer to a new account.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// Something to tell.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassicMessage {
    /// Always `logout successful`.
    #[schema(example = "logout successful")]
    message: &'static str,
}

/// Makes an account
#[utoipa::path(
    post, path = "/signup", tag = "classic", operation_id = "classic.signup", security(()),
    request_body = ClassicSignUp,
    responses(
        (status = 200, description = "The new account", body = ClassicUser),
        (status = 400, description = "A body that is malformed, or breaks a rule", body = ClassicErrorBody),
        (status = 403, description = "Accounts are made by the operator", body = ClassicErrorBody),
        (status = 409, description = "The name or the address is taken", body = ClassicErrorBody),
        (status = 429, description = "Too many accounts from this address", body = ClassicErrorBody),
    ),
)]
pub(crate) async fn sign_up(
    state: ApiState,
    req: HttpRequest,
    body: ClassicBody<ClassicSignUp>,
) -> Result<HttpResponse, ClassicError> {
    let ClassicBody(ClassicSignUp { username, email, password }) = body;
    let user = make_account(&state, &req, SignUp { username, email, password }, false).await?;
    Ok(HttpResponse::Ok().json(ClassicUser {
        id: user.id().to_string(),
        username: &user.profile.username,
        email: Some(&user.email),
    }))
}

/// Logs in
///
/// Sets the cookie `jwt`, which lasts 24 hours.
#[utoipa::path(
    post, path = "/login", tag = "classic", operation_id = "classic.login", security(()),
    request_body = ClassicLogIn,
    responses(
        (status = 200, description = "Who logged in", body = ClassicUser),
        (status = 400, description = "A malformed body", body = ClassicErrorBody),
        (status = 401, description = "An unknown address or a wrong password", body = ClassicErrorBody),
        (status = 403, description = "The account is disabled", body = ClassicErrorBody),
        (status = 429, description = "Too many attempts from this address", body = ClassicErrorBody),
    ),
)]
pub(crate) async fn log_in(
    state: ApiState,
    req: HttpRequest,
    body: ClassicBody<ClassicLogIn>,
) -> Result<HttpResponse, ClassicError> {
    state.count_log_in(&req)?;
    let ClassicBody(ClassicLogIn { email, password }) = body;
    let logged_in = state.users().log_in_classic(&email, &password, label(&req)).await?;
    state.close_sessions(logged_in.user.id(), &logged_in.ended);
    let life = i64::try_from(logged_in.expires_in.as_secs()).unwrap_or(i64::MAX);
    let cookie = Cookie::build(COOKIE, logged_in.access_token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.settings().secure_cookie)
        .max_age(Duration::seconds(life))
        .finish();
    let profile = &logged_in.user.profile;
    Ok(HttpResponse::Ok().cookie(cookie).json(ClassicUser {
        id: profile.id.to_string(),
        username: &profile.username,
        email: None,
    }))
}

/// Logs out
///
/// Ends the session, closes its connections and clears the cookie. Whoever is not logged in is told the same.
#[utoipa::path(
    get, path = "/logout", tag = "classic", operation_id = "classic.logout", security(()),
    responses((status = 200, description = "The cookie is cleared", body = ClassicMessage)),
)]
pub(crate) async fn log_out(state: ApiState, req: HttpRequest) -> Result<HttpResponse, ClassicError> {
    match authenticate(&req, CrossOrigin::MayLackOrigin).await {
        Ok(identity) => {
            if let Some(session) = &identity.session {
                match end_one(&state, identity.profile.id, session).await {
                    Ok(()) | Err(UsersError::SessionNotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Err(refused) if refused.is_unauthorized() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(HttpResponse::Ok().cookie(removal()).json(ClassicMessage { message: "logout successful" }))
}

/// The owner of the rooms of nobody; made when it is first needed.
pub(super) async fn owner(state: &ApiState) -> Result<Profile, UsersError> {
    let users = state.users();
    match users.find_by_name(OWNER).await {
        Err(UsersError::UserNotFound) => {}
        found => return Ok(found?.profile),
    }
    // 244 random bits that are kept nowhere.
    let password = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let new = NewUser { username: OWNER.to_owned(), email: OWNER_EMAIL.to_owned(), password };
    match users.sign_up(new).await {
        Ok(user) => {
            log::info!("made the account {OWNER}, which owns the rooms made without a log-in");
            Ok(user.profile)
        }
        // Another call was faster.
        Err(UsersError::UsernameTaken | UsersError::EmailTaken) => {
            Ok(users.find_by_name(OWNER).await?.profile)
        }
        Err(error) => Err(error),
    }
}
