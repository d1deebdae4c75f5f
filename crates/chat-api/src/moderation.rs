//! Moderation.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{ListAudit, MuteMember, NameMember};
use chat_json::shape::{Event, Member, Page};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Mutes a member
///
/// They can neither send, edit nor react for so long, and are refused with `muted`. Takes a role above theirs.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/members/{user}/mute", tag = "moderation", operation_id = "member.mute",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The member"),
    ),
    request_body = MuteMember,
    responses(
        (status = 200, description = "The member as they are now", body = Member),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`member_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`seconds_malformed`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn mute(
    state: ApiState,
    signed: Signed<FromBody<MuteMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::mute_member(state.chat(), signed.caller, signed.request.0).await)
}

/// Lets a member write again
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/members/{user}/mute", tag = "moderation",
    operation_id = "member.unmute",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The member"),
    ),
    responses(
        (status = 204, description = "They may write"),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`member_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn unmute(
    state: ApiState,
    signed: Signed<FromAddress<NameMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::unmute_member(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists what moderators have done
///
/// The latest first: messages of others that they edited or deleted, members whom they changed, muted or removed, and what they
/// changed about the room. These are events of the room's log, which nobody can change.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/audit", tag = "moderation", operation_id = "audit.list",
    params(("room" = String, Path, description = "The room"), ListAudit),
    responses(
        (status = 200, description = "A page of events", body = Page<Event>),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn audit(
    state: ApiState,
    signed: Signed<FromAddress<ListAudit>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_audit(state.chat(), signed.caller, signed.request.0).await)
}
