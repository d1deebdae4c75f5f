//! Moderation.

use std::sync::Arc;

use chat_core::{Chat, Offset, Profile};

use super::{Answer, Result};
use crate::html::Offered;
use crate::page::Size;
use crate::request::{BanUser, Format, ListAudit, ListMembers, MuteMember, NameMember};
use crate::shape::{Ban, Event, Member, Page};
use crate::write::to_json;

/// `member.mute`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`, `seconds_malformed`.
pub async fn mute_member(chat: Arc<Chat>, caller: Profile, request: MuteMember) -> Result {
    let MuteMember { room, user, seconds } = request;
    let member = chat.mute(&caller, &room, user, Some(seconds)).await?;
    Ok(Answer::Found(to_json(&Member::from(&member))))
}

/// `member.unmute`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`.
pub async fn unmute_member(chat: Arc<Chat>, caller: Profile, request: NameMember) -> Result {
    chat.mute(&caller, &request.room, request.user, None).await?;
    Ok(Answer::Done)
}

/// `ban.add`: keeps a user out of a room, a member or not.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `user_unknown`, `seconds_malformed`, `reason_too_long`.
pub async fn add_ban(chat: Arc<Chat>, caller: Profile, request: BanUser) -> Result {
    let BanUser { room, user, seconds, reason } = request;
    let ban = chat.ban(&caller, &room, user, seconds, reason.unwrap_or_default()).await?;
    Ok(Answer::Found(to_json(&Ban::from(&ban))))
}

/// `ban.remove`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `ban_not_found`.
pub async fn remove_ban(chat: Arc<Chat>, caller: Profile, request: NameMember) -> Result {
    chat.unban(&caller, &request.room, request.user).await?;
    Ok(Answer::Done)
}

/// `ban.list`: by the users' ids.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `limit_malformed`.
pub async fn list_bans(chat: Arc<Chat>, caller: Profile, request: ListMembers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut bans = chat.bans(&caller, &request.room, request.cursor, size.fetch()).await?;
    let more = size.cut(&mut bans);
    let next = bans.last().filter(|_| more).map(|ban| ban.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: bans.iter().map(Ban::from).collect(), next })))
}

/// `audit.list`: what moderators have done, the latest first.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `limit_malformed`, `format_malformed`.
pub async fn list_audit(chat: Arc<Chat>, caller: Profile, request: ListAudit) -> Result {
    let ListAudit { room, limit, cursor, format } = request;
    let size = Size::new(limit, chat.limits().page)?;
    let acts = chat.audit(&caller, &room, cursor.unwrap_or(Offset::MAX), size.fetch()).await?;
    Ok(page_of_acts(acts, &size, format))
}

/// A page of what moderators have done.
pub(super) fn page_of_acts(
    mut acts: Vec<Arc<chat_core::Event>>,
    size: &Size,
    format: Option<Format>,
) -> Answer {
    let more = size.cut(&mut acts);
    let next = acts.last().filter(|_| more).map(|act| act.offset.to_string());
    let items = acts.iter().map(|act| Event::from(&**act).offered(format)).collect();
    Answer::Found(to_json(&Page { items, next }))
}
