//! The classic API: the calls of the server that this one replaces, over the same users and rooms.
//!
//! The answers are that server's, field by field, but where it was wrong: an id or a name that is taken is a
//! conflict (409), an unknown address and a wrong password are the same 401, the clients of an unknown room are
//! an empty list, and what changes something needs to know who does it.
//!
//! Whoever asks for rooms and clients without a log-in is shown what is public.

pub(crate) mod accounts;
pub(crate) mod rooms;

mod error;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chat_core::{Profile, UserId};
use chat_json::parse;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::auth::{CrossOrigin, authenticate};
use crate::error::Problem;
use crate::input;

pub(crate) use error::{ClassicError, ClassicErrorBody};

/// The body of a classic call: JSON whatever its content type, and unknown fields in it mean nothing, as it was
/// with the original.
pub(crate) struct ClassicBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for ClassicBody<T> {
    type Error = ClassicError;
    type Future = LocalBoxFuture<'static, Result<ClassicBody<T>, ClassicError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move { Ok(ClassicBody(parse(&[], &input::body(&req, payload).await?)?)) })
    }
}

/// Who calls, if they say so in a way that holds.
async fn caller(req: &HttpRequest) -> Result<Profile, Problem> {
    Ok(authenticate(req, CrossOrigin::MayLackOrigin).await?.profile)
}

/// A user that there is not, for those who look and do not say who they are: sees what is public.
fn nobody() -> Result<Profile, Problem> {
    // Accounts are numbered from 1, so this number is never reached.
    let id = UserId::new(i64::MAX).map_err(|_| Problem::internal())?;
    Ok(Profile { id, username: String::new(), display_name: String::new() })
}
