//! The operator's corner: calls for administrators alone. They are of HTTP and not of the socket.

pub(crate) mod log;
pub(crate) mod reports;
pub(crate) mod rooms;
pub(crate) mod stats;
pub(crate) mod users;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chat_core::Profile;
use futures_util::future::LocalBoxFuture;

use crate::auth::{CrossOrigin, authenticate};
use crate::error::Problem;
use crate::state::ApiState;

/// An administrator who calls. The accounts are asked each time, so one who is none any more is none at once; nobody else's call
/// pays for that.
pub(crate) struct Admin<T> {
    /// The administrator.
    pub caller: Profile,
    /// The request.
    pub request: T,
}

impl<T: FromRequest<Error = Problem> + 'static> FromRequest for Admin<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Admin<T>, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let caller = authenticate(&req, CrossOrigin::NeedsOrigin).await?.profile;
            if !ApiState::of(&req)?.users().user(caller.id).await?.admin {
                return Err(Problem::not_admin());
            }
            let request = T::from_request(&req, &mut payload).await?;
            Ok(Admin { caller, request })
        })
    }
}
