//! Direct rooms: opened.

use super::{Decision, Facts, append};
use crate::{
    ChatError, Epoch, EventBody, Limits, Member, Offset, Outcome, Profile, Role, Room, RoomId, RoomKind,
};

pub(super) fn open_direct(
    id: &RoomId,
    actor: &Profile,
    people: &[Profile],
    facts: &Facts<'_>,
    limits: &Limits,
) -> Result<Decision, ChatError> {
    if let Some(room) = facts.room.cloned() {
        let outcome = Outcome::Direct { room: room.clone(), made: false };
        return Ok(Decision {
            outcome,
            room,
            events: vec![],
            messages: vec![],
            thread: None,
            former: None,
            report: None,
        });
    }
    if facts.room_deleted {
        return Err(ChatError::RoomExists);
    }
    if facts.rooms_owned >= limits.rooms_per_user {
        return Err(ChatError::LimitReached { what: "rooms", limit: limits.rooms_per_user });
    }
    let mut people = people.to_vec();
    people.sort_unstable_by_key(|user| user.id);
    let joined = |user: &Profile| {
        EventBody::MemberJoined(Member {
            user: user.clone(),
            role: Role::Member,
            joined_at: facts.now,
            muted_until: None,
        })
    };
    let events = people.iter().map(joined).collect();
    let room = Room {
        id: id.clone(),
        name: String::new(),
        topic: String::new(),
        kind: RoomKind::Direct,
        created_at: facts.now,
        owner: actor.id,
        epoch: Epoch::generate(),
        first: Offset::START.next(),
        offset: Offset::START,
        member_count: people.len() as u64,
        read_only: false,
        slow_seconds: 0,
        expire_seconds: 0,
        filter: None,
        retention_seconds: 0,
        people,
    };
    let (room, events) = append(room, actor, facts.now, events);
    let outcome = Outcome::Direct { room: room.clone(), made: true };
    Ok(Decision { outcome, room, events, messages: vec![], thread: None, former: None, report: None })
}
