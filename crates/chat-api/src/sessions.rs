//! Log-ins, one for each device.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chat_core::{ChatError, Problem as Wrong, SessionId};
use chat_json::shape::{Page, User};
use chat_json::{CallError, ErrorKind, FieldError, Time};
use chat_users::{LoggedIn, Refreshed, UsersError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{COOKIE, Signed, removal};
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody, Nothing};
use crate::state::ApiState;

/// Who logs in: with the email or with the username.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    /// The account's address.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// The account's name, in place of the address.
    username: Option<String>,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// What renews a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The refresh token, which is used up by this.
    refresh_token: String,
}

/// What a log-in gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens<'a> {
    /// Who logged in.
    user: User<'a>,
    /// Says who calls.
    access_token: &'a str,
    /// How many seconds it does.
    #[schema(example = 900)]
    expires_in: u64,
    /// Renews it, once.
    refresh_token: &'a str,
}

/// One log-in of the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session<'a> {
    /// Its name.
    #[schema(value_type = String, example = "3")]
    id: &'a str,
    /// What the device called itself when it logged in; may be empty.
    #[schema(example = "Mozilla/5.0")]
    label: &'a str,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When its token was last renewed.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Time,
    /// When it ends unless its token is renewed before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
    /// Whether it is the one that this call was made with.
    current: bool,
}

/// Names a session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameSession {
    session: String,
}

impl LogIn {
    /// The one name that is given.
    fn name(&self) -> Result<&str, Problem> {
        match (&self.email, &self.username) {
            (Some(name), None) | (None, Some(name)) => Ok(name),
            (Some(_), Some(_)) => {
                let expected = "left out where email is given";
                Err(ChatError::invalid("username", Wrong::Malformed { expected }).into())
            }
            (None, None) => {
                let detail = "email or username is missing".to_owned();
                let field =
                    FieldError { field: "email".to_owned(), code: "missing_field", detail: detail.clone() };
                let error = CallError::new(ErrorKind::Malformed, "missing_field", detail);
                Err(CallError { errors: vec![field], ..error }.into())
            }
        }
    }
}

/// What a device calls itself.
pub(crate) fn label(req: &HttpRequest) -> &str {
    req.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// The answer with the tokens, which no cache may keep (RFC 6749, section 5.1).
fn tokens(mut response: HttpResponseBuilder, logged_in: &LoggedIn) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store")).json(Tokens {
        user: User::from(&logged_in.user.profile),
        access_token: &logged_in.access_token,
        expires_in: logged_in.expires_in.as_secs(),
        refresh_token: logged_in.refresh_token.as_deref().unwrap_or_default(),
    })
}

/// Logs in
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "sessions", operation_id = "session.create", security(()),
    request_body = LogIn,
    responses(
        (status = 201, description = "The new session's tokens", body = Tokens),
        (status = 401, description = "`wrong_credentials`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 403, description = "`account_disabled`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn log_in(
    state: ApiState,
    req: HttpRequest,
    body: FromBody<LogIn>,
) -> Result<HttpResponse, Problem> {
    let FromBody(request) = body;
    let name = request.name()?;
    state.count_log_in(&req)?;
    let logged_in = state.users().log_in(name, &request.password, label(&req)).await?;
    state.close_sessions(logged_in.user.id(), &logged_in.ended);
    Ok(tokens(HttpResponse::Created(), &logged_in))
}

/// Renews the tokens
///
/// A refresh token that is used a second time ends its session, because one of the two who have it has stolen
/// it. Whoever did not get the answer asks again by the same token: that is no second use as long as the refresh token of the
/// lost answer was not used, which is then worth nothing any more.
#[utoipa::path(
    post, path = "/api/v1/sessions/refresh", tag = "sessions", operation_id = "session.refresh", security(()),
    request_body = Refresh,
    responses(
        (status = 200, description = "The new tokens", body = Tokens),
        (status = 401, description = "`refresh_token_invalid`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 403, description = "`account_disabled`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refresh(state: ApiState, body: FromBody<Refresh>) -> Result<HttpResponse, Problem> {
    match state.users().refresh(&body.0.refresh_token).await? {
        Refreshed::Renewed(logged_in) => Ok(tokens(HttpResponse::Ok(), &logged_in)),
        Refreshed::Reused { user, session } => {
            state.close_sessions(user, &[session]);
            Err(UsersError::InvalidRefreshToken.into())
        }
    }
}

/// Logs out
///
/// Ends the session that this call is made with, and closes its connections.
#[utoipa::path(
    delete, path = "/api/v1/sessions/current", tag = "sessions", operation_id = "session.end_current",
    responses((status = 204, description = "It has ended")),
)]
pub(crate) async fn log_out(
    state: ApiState,
    req: HttpRequest,
    signed: Signed<Nothing>,
) -> Result<HttpResponse, Problem> {
    if let Some(session) = &signed.session {
        match end_one(&state, signed.caller.id, session).await {
            // Somebody was faster, and it is over as well.
            Ok(()) | Err(UsersError::SessionNotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut response = HttpResponse::NoContent();
    if req.cookie(COOKIE).is_some() {
        response.cookie(removal());
    }
    Ok(response.finish())
}

/// Lists the caller's sessions
///
/// The latest used first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "sessions", operation_id = "session.list",
    responses((status = 200, description = "All of them, on one page", body = Page<Session>)),
)]
pub(crate) async fn list(state: ApiState, signed: Signed<Nothing>) -> Result<HttpResponse, Problem> {
    let sessions = state.users().sessions(signed.caller.id).await?;
    let items = sessions.iter().map(|session| Session {
        id: session.id.as_str(),
        label: &session.label,
        created_at: Time(session.created_at),
        last_used_at: Time(session.last_used_at),
        expires_at: Time(session.expires_at),
        current: signed.session.as_ref() == Some(&session.id),
    });
    Ok(HttpResponse::Ok().json(Page { items: items.collect(), next: None }))
}

/// Ends a session of the caller
///
/// And closes its connections.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{session}", tag = "sessions", operation_id = "session.end",
    params(("session" = String, Path, description = "The session's id")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 404, description = "`session_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end(
    state: ApiState,
    signed: Signed<FromAddress<NameSession>>,
) -> Result<HttpResponse, Problem> {
    let session = SessionId::from(signed.request.0.session.as_str());
    end_one(&state, signed.caller.id, &session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends a session and its connections.
pub(crate) async fn end_one(
    state: &ApiState,
    user: chat_core::UserId,
    session: &SessionId,
) -> Result<(), UsersError> {
    state.users().end_session(user, session).await?;
    state.chat().end_session(user, session);
    Ok(())
}
