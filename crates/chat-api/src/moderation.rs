//! Moderation.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{BanUser, ListAudit, ListMembers, MuteMember, NameMember};
use chat_json::shape::{Ban, Event, Member, Page};

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

/// Bans a user
///
/// They neither read nor join the room until the term is over; a member is one no longer, and their connections hear no more of it.
/// Takes a role above theirs.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/bans/{user}", tag = "moderation", operation_id = "ban.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The user"),
    ),
    request_body = BanUser,
    responses(
        (status = 200, description = "The ban", body = Ban),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`user_unknown`, `seconds_malformed`, `reason_too_long`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ban(state: ApiState, signed: Signed<FromBody<BanUser>>) -> Result<HttpResponse, Problem> {
    answer(calls::add_ban(state.chat(), signed.caller, signed.request.0).await)
}

/// Lets a user come again
#[utoipa::path(
    delete, path = "/api/v1/rooms/{room}/bans/{user}", tag = "moderation", operation_id = "ban.remove",
    params(
        ("room" = String, Path, description = "The room"),
        ("user" = String, Path, description = "The user"),
    ),
    responses(
        (status = 204, description = "They may come"),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`ban_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn unban(
    state: ApiState,
    signed: Signed<FromAddress<NameMember>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::remove_ban(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists who is banned
///
/// In the order of their ids.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/bans", tag = "moderation", operation_id = "ban.list",
    params(("room" = String, Path, description = "The room"), ListMembers),
    responses(
        (status = 200, description = "A page of bans", body = Page<Ban>),
        (status = 403, description = "`not_a_member`, `forbidden`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn bans(
    state: ApiState,
    signed: Signed<FromAddress<ListMembers>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_bans(state.chat(), signed.caller, signed.request.0).await)
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
