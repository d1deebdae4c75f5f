//! Rooms: made, changed, deleted.

use super::check::{check, check_name, check_topic};
use super::expiry::check_term;
use super::retention::check_retention;
use super::{Decision, Deed, Facts, Permission, append};
use crate::{
    ChatError, Epoch, EventBody, Limits, Member, NewRoom, Offset, Outcome, Problem, Profile, Role, Room,
    RoomChanges, RoomId, RoomKind, RoomState, Violation,
};

pub(super) fn create_room(
    id: &RoomId,
    actor: &Profile,
    new: &NewRoom,
    facts: &Facts<'_>,
    limits: &Limits,
) -> Result<Decision, ChatError> {
    check(vec![
        check_id(id),
        check_kind(new.kind),
        check_name("name", &new.name, limits.room_name_chars),
        check_topic(&new.topic, limits.topic_chars),
    ])?;
    if facts.room.is_some() || facts.room_deleted {
        return Err(ChatError::RoomExists);
    }
    if facts.rooms_owned >= limits.rooms_per_user {
        return Err(ChatError::LimitReached { what: "rooms", limit: limits.rooms_per_user });
    }
    let owner = Member { user: actor.clone(), role: Role::Owner, joined_at: facts.now, muted_until: None };
    let room = Room {
        id: id.clone(),
        name: new.name.clone(),
        topic: new.topic.clone(),
        kind: new.kind,
        created_at: facts.now,
        owner: actor.id,
        epoch: Epoch::generate(),
        first: Offset::START.next(),
        offset: Offset::START,
        member_count: 1,
        read_only: false,
        slow_seconds: 0,
        expire_seconds: 0,
        filter: None,
        retention_seconds: 0,
        people: vec![],
    };
    let (room, events) = append(room, actor, facts.now, vec![EventBody::MemberJoined(owner)]);
    Ok(Decision {
        outcome: Outcome::Room(room.clone()),
        room,
        events,
        messages: vec![],
        thread: None,
        former: None,
        report: None,
    })
}

fn check_id(id: &RoomId) -> Option<Violation> {
    let expected = "none of those that direct rooms have";
    id.is_direct().then_some(Violation { field: "id", problem: Problem::Malformed { expected } })
}

fn check_kind(kind: RoomKind) -> Option<Violation> {
    let expected = "public or private: a direct room is opened with the people whose it is";
    (kind == RoomKind::Direct)
        .then_some(Violation { field: "kind", problem: Problem::Malformed { expected } })
}

/// The longest that members wait between their messages, in seconds: a day.
const SLOWEST: u32 = 24 * 60 * 60;

fn check_slow(seconds: u32) -> Option<Violation> {
    let expected = "0 to 86400, which is a day";
    let wrong = Violation { field: "slow_seconds", problem: Problem::Malformed { expected } };
    (seconds > SLOWEST).then_some(wrong)
}

impl Deed<'_> {
    pub(super) fn change_room(
        mut self,
        changes: &RoomChanges,
        limits: &Limits,
    ) -> Result<Decision, ChatError> {
        if changes.retention_seconds.is_some() {
            self.may(Permission::SetRetention)?;
        }
        self.may(Permission::ChangeRoom)?;
        check(vec![
            changes.kind.and_then(check_kind),
            changes.slow_seconds.and_then(check_slow),
            changes
                .expire_seconds
                .filter(|seconds| *seconds > 0)
                .and_then(|term| check_term("expire_seconds", term.into())),
            changes.retention_seconds.and_then(check_retention),
            changes.name.as_deref().and_then(|name| check_name("name", name, limits.room_name_chars)),
            changes.topic.as_deref().and_then(|topic| check_topic(topic, limits.topic_chars)),
        ])?;
        let before = self.room.clone();
        if let Some(name) = &changes.name {
            self.room.name.clone_from(name);
        }
        if let Some(topic) = &changes.topic {
            self.room.topic.clone_from(topic);
        }
        if let Some(kind) = changes.kind {
            self.room.kind = kind;
        }
        self.room.read_only = changes.read_only.unwrap_or(self.room.read_only);
        self.room.slow_seconds = changes.slow_seconds.unwrap_or(self.room.slow_seconds);
        self.room.expire_seconds = changes.expire_seconds.unwrap_or(self.room.expire_seconds);
        self.room.retention_seconds = changes.retention_seconds.unwrap_or(self.room.retention_seconds);
        let mut bodies = Vec::new();
        if self.room != before {
            bodies.push(EventBody::RoomChanged(RoomState::of(&self.room)));
        }
        Ok(self.decision(bodies, |room| Outcome::Room(room.clone())))
    }

    pub(super) fn delete_room(self) -> Result<Decision, ChatError> {
        self.may(Permission::DeleteRoom)?;
        Ok(self.decision(vec![EventBody::RoomDeleted], |room| Outcome::Room(room.clone())))
    }

    /// No role is asked for: the actor rules the server. What is its people's alone, stays so.
    pub(super) fn close_room(self) -> Result<Decision, ChatError> {
        if self.room.kind == RoomKind::Direct {
            return Err(ChatError::DirectRoom);
        }
        Ok(self.decision(vec![EventBody::RoomDeleted], |room| Outcome::Room(room.clone())))
    }
}
