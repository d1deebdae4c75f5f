//! Reports: messages that are brought before the moderators.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::{AddReport, ListReports, SettleReports};
use chat_json::shape::{Page, Report, Reported, Settled};

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::{FromAddress, FromBody};
use crate::state::ApiState;

/// Reports a message
///
/// Brings it before the moderators of its room, with what it says now, or of a direct room before the administrators of the server;
/// nobody else is told. Who reports it again before they
/// have settled it, gets the first report.
#[utoipa::path(
    post, path = "/api/v1/rooms/{room}/messages/{offset}/reports", tag = "moderation", operation_id = "report.add",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message"),
    ),
    request_body = AddReport,
    responses(
        (status = 201, description = "The report", body = Report),
        (status = 200, description = "The report that waits already", body = Report),
        (status = 403, description = "`not_a_member`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`room_not_found`, `message_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "`message_deleted`, `limit_reached`: too many of one's reports wait", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`reason_too_long`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn report(
    state: ApiState,
    signed: Signed<FromBody<AddReport>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::add_report(state.chat(), signed.caller, signed.request.0).await)
}

/// Lists reports
///
/// Those that wait, the oldest first, or those that are settled, the latest first; each with the message as it stands now.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/reports", tag = "moderation", operation_id = "report.list",
    params(("room" = String, Path, description = "The room"), ListReports),
    responses(
        (status = 200, description = "A page of reports", body = Page<Reported>),
        (status = 403, description = "`not_a_member`, `forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`limit_malformed`, `cursor_malformed`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    state: ApiState,
    signed: Signed<FromAddress<ListReports>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::list_reports(state.chat(), signed.caller, signed.request.0).await)
}

/// Settles the reports of a message
///
/// All of them that wait. What moderators have said to it stays, and nobody can change it.
#[utoipa::path(
    put, path = "/api/v1/rooms/{room}/reports/{offset}", tag = "moderation", operation_id = "report.settle",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message"),
    ),
    request_body = SettleReports,
    responses(
        (status = 200, description = "How many were settled", body = Settled),
        (status = 403, description = "`not_a_member`, `forbidden`, `direct_room`", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 404, description = "`report_not_found`: none waits", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "`verdict_malformed`, `note_too_long`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn settle(
    state: ApiState,
    signed: Signed<FromBody<SettleReports>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::settle_reports(state.chat(), signed.caller, signed.request.0).await)
}
