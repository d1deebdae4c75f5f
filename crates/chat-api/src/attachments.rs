//! Attachments: links to their bytes.

use actix_web::HttpResponse;
use chat_json::calls;
use chat_json::request::NameAttachment;
use chat_json::shape::FileLink;

use crate::answer::answer;
use crate::auth::Signed;
use crate::error::{Problem, ProblemBody};
use crate::input::FromAddress;
use crate::state::ApiState;

/// Gives a link to an attachment
///
/// Whoever may read the message gets one. It is good for a few minutes (`files.link_seconds`), for whoever has it; so ask for it
/// when the bytes are wanted.
#[utoipa::path(
    get, path = "/api/v1/rooms/{room}/messages/{offset}/attachments/{attachment}", tag = "files",
    operation_id = "attachment.link",
    params(
        ("room" = String, Path, description = "The room"),
        ("offset" = u64, Path, description = "The message's offset"),
        ("attachment" = String, Path, description = "The attachment's id"),
        NameAttachment,
    ),
    responses(
        (status = 200, description = "The link", body = FileLink),
        (status = 404, description = "`room_not_found`, `message_not_found`, `attachment_not_found`", body = ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn link(
    state: ApiState,
    signed: Signed<FromAddress<NameAttachment>>,
) -> Result<HttpResponse, Problem> {
    answer(calls::link_attachment(state.chat(), signed.caller, signed.request.0).await)
}
