//! Who calls.

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use chat_core::{Authenticator, Identity, Profile, SessionId};
use futures_util::future::LocalBoxFuture;

use crate::error::Problem;
use crate::state::ApiState;

/// The cookie with the access token, named by the classic API.
pub(crate) const COOKIE: &str = "jwt";

/// Who calls, and what with. The caller is known before the rest of the request is looked at, so one who is
/// nobody learns nothing from it.
pub(crate) struct Signed<T> {
    /// The user.
    pub caller: Profile,
    /// The log-in that the token came from.
    pub session: Option<SessionId>,
    /// The request.
    pub request: T,
}

/// Who is allowed to call with the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrossOrigin {
    /// A call that changes something needs an Origin that is trusted.
    NeedsOrigin,
    /// A call without an Origin is let through: no browser sends a POST across origins without one, and
    /// classic clients that are no browsers send none.
    MayLackOrigin,
}

impl<T: FromRequest<Error = Problem> + 'static> FromRequest for Signed<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Signed<T>, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let Identity { profile, session, .. } = authenticate(&req, CrossOrigin::NeedsOrigin).await?;
            let request = T::from_request(&req, &mut payload).await?;
            Ok(Signed { caller: profile, session, request })
        })
    }
}

/// Finds out who calls: by the bearer token, or else by the cookie.
pub(crate) async fn authenticate(req: &HttpRequest, rule: CrossOrigin) -> Result<Identity, Problem> {
    let state = ApiState::of(req)?;
    let authenticator = state.users();
    if let Some(value) = req.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(bearer).ok_or(chat_core::AuthError::Invalid)?;
        return Ok(authenticator.authenticate(token).await?);
    }
    let cookie = req.cookie(COOKIE).ok_or_else(Problem::unauthorized)?;
    if !req.method().is_safe() && !same_origin(req, &state.settings().origins, rule) {
        return Err(Problem::cross_origin());
    }
    Ok(authenticator.authenticate(cookie.value()).await?)
}

/// The token of an `Authorization` header (RFC 6750, section 2.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the request comes from a page of this server, or of a trusted origin.
fn same_origin(req: &HttpRequest, trusted: &[String], rule: CrossOrigin) -> bool {
    let Some(origin) = req.headers().get(header::ORIGIN) else {
        return rule == CrossOrigin::MayLackOrigin;
    };
    let Ok(origin) = origin.to_str() else { return false };
    if trusted.iter().any(|trusted| trusted.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let own = req.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let of_page = origin.split_once("://").map(|(_, host)| host);
    matches!((own, of_page), (Some(own), Some(page)) if own.eq_ignore_ascii_case(page))
}

/// The cookie that takes the token's cookie away.
pub(crate) fn removal() -> Cookie<'static> {
    let mut cookie = Cookie::build(COOKIE, "").path("/").http_only(true).finish();
    cookie.make_removal();
    cookie
}
