//! What waits of reports in all rooms.

use actix_web::HttpResponse;
use chat_core::Verdict;
use chat_json::calls;
use chat_json::request::{ListAllReports, SettleReports};
use chat_json::shape::{OverseenReport, Page, Settled};
use chat_users::NewAct;

use super::Admin;
use crate::answer::answer;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Lists the reports of all rooms that wait
///
/// The oldest first, each with the message as it stands now and the room. Of direct rooms too, whose people have no moderators;
/// of these the message alone is shown, without what it answers and what others have said and done to it.
#[utoipa::path(
    get, path = "/api/v1/admin/reports", tag = "admin", operation_id = "admin.report.list",
    params(ListAllReports),
    responses((status = 200, description = "A page of reports", body = Page<OverseenReport>)),
)]
pub(crate) async fn list(
    state: ApiState,
    admin: Admin<FromAddress<ListAllReports>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_all_reports(state.chat(), admin.caller, admin.request.0).await)
}

/// Settles the reports of a message
///
/// All of them that wait, as a moderator of the room does; they see who did it. Also of a direct room.
#[utoipa::path(
    put, path = "/api/v1/admin/rooms/{room}/reports/{offset}", tag = "admin", operation_id = "admin.report.settle",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message"),
    ),
    request_body = SettleReports,
    responses(
        (status = 200, description = "How many were settled", body = Settled),
        (status = 404, description = "`report_not_found`: none waits", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`verdict_malformed`, `note_too_long`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn settle(
    state: ApiState,
    admin: Admin<FromBody<SettleReports>>,
) -> Result<HttpResponse, Problem> {
    let Admin { caller, request: FromBody(settle) } = admin;
    let verdict = match settle.verdict {
        Verdict::Upheld => "upheld",
        Verdict::Dismissed => "dismissed",
    };
    let act = NewAct {
        room: Some(settle.room.to_string()),
        message: i64::try_from(settle.offset.get()).ok(),
        detail: Some(verdict.to_owned()),
        ..NewAct::of("report.settle")
    };
    let settled = calls::settle_any_reports(state.chat(), caller.clone(), settle).await;
    if settled.is_ok() {
        // Behind it: the settlement itself says who made it, and one that found nothing is none.
        state.users().note_act(&caller, act).await?;
    }
    answer(settled)
}
