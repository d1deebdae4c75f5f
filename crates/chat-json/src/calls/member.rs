//! Members.

use std::sync::Arc;

use chat_core::{Chat, ChatError, Problem, Profile, Role};

use super::{Answer, Result};
use crate::page::Size;
use crate::request::{AddMember, ListMembers, NameMember, NameRoom, SetMember};
use crate::shape::{Member, Page};
use crate::write::to_json;

/// `room.join`
///
/// # Errors
/// `room_not_found`, `limit_reached`.
pub async fn join(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    Ok(member_answer(chat.join(&caller, &request.room).await?))
}

/// `room.leave`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `owner_required`.
pub async fn leave(chat: Arc<Chat>, caller: Profile, request: NameRoom) -> Result {
    chat.remove(&caller, &request.room, caller.id).await?;
    Ok(Answer::Done)
}

/// `member.list`: by their ids.
///
/// # Errors
/// `room_not_found`, `limit_malformed`.
pub async fn list_members(chat: Arc<Chat>, caller: Profile, request: ListMembers) -> Result {
    let size = Size::new(request.limit, chat.limits().page)?;
    let mut members = chat.members(&caller, &request.room, request.cursor, size.fetch()).await?;
    let more = size.cut(&mut members);
    let next = members.last().filter(|_| more).map(|member| member.user.id.to_string());
    Ok(Answer::Found(to_json(&Page { items: members.iter().map(Member::from).collect(), next })))
}

/// `member.add`: invites another, or joins. One who is a member stays as they are.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `forbidden`, `limit_reached`, `user_unknown`, `role_malformed`.
pub async fn add_member(chat: Arc<Chat>, caller: Profile, request: AddMember) -> Result {
    let AddMember { room, user, role } = request;
    if user != caller.id {
        let role = role.unwrap_or(Role::Member);
        return Ok(member_answer(chat.invite(&caller, &room, user, role).await?));
    }
    // Whoever joins becomes a member; asking for more must not look as if it had been granted.
    if role.is_some_and(|role| role != Role::Member) {
        let expected = "member, or left out, for one who joins";
        return Err(ChatError::invalid("role", Problem::Malformed { expected }).into());
    }
    Ok(member_answer(chat.join(&caller, &room).await?))
}

/// `member.set`
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`, `owner_required`.
pub async fn set_member(chat: Arc<Chat>, caller: Profile, request: SetMember) -> Result {
    let member = chat.set_role(&caller, &request.room, request.user, request.role).await?;
    Ok(Answer::Found(to_json(&Member::from(&member))))
}

/// `member.remove`: removes another, or leaves.
///
/// # Errors
/// `room_not_found`, `not_a_member`, `member_not_found`, `forbidden`, `owner_required`.
pub async fn remove_member(chat: Arc<Chat>, caller: Profile, request: NameMember) -> Result {
    chat.remove(&caller, &request.room, request.user).await?;
    Ok(Answer::Done)
}

fn member_answer((member, changed): (chat_core::Member, bool)) -> Answer {
    let json = to_json(&Member::from(&member));
    if changed { Answer::Created(json) } else { Answer::Found(json) }
}
