//! Who may do what, and what comes of it: pure functions, no clock, no store.
//!
//! A store looks up the [`Facts`] inside its transaction, calls [`decide`], and keeps the [`Decision`].

use crate::{
    Access, Action, ChatError, Command, Epoch, Event, EventBody, Limits, Member, Message, NewMessage,
    NewRoom, Offset, Outcome, Problem, Profile, Role, Room, RoomChanges, RoomId, RoomKind, Timestamp, UserId,
    Violation,
};

/// What a store looked up for a command: see [`Command::needs`].
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// When the command is carried out.
    pub now: Timestamp,
    /// The room, if it is there.
    pub room: Option<&'a Room>,
    /// The room was there and has been deleted.
    pub room_deleted: bool,
    /// The actor's membership.
    pub actor: Option<&'a Member>,
    /// The membership of the user whom [`Needs::target`](crate::Needs::target) names.
    pub target: Option<&'a Member>,
    /// How many rooms the actor owns; only looked at for a new room.
    pub rooms_owned: u64,
    /// The actor's message with the command's `client_id`.
    pub repeated: Option<&'a Message>,
    /// Whether the message that is answered exists.
    pub reply_to_exists: bool,
}

impl Facts<'_> {
    /// Facts of a moment at which nothing is known.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Facts {
            now,
            room: None,
            room_deleted: false,
            actor: None,
            target: None,
            rooms_owned: 0,
            repeated: None,
            reply_to_exists: false,
        }
    }
}

/// What a store has to keep, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The room after the events: its row, new for [`Action::CreateRoom`].
    pub room: Room,
    /// The events to append, in order; the first has the offset after the log's end. Empty when there is
    /// nothing to change.
    pub events: Vec<Event>,
    /// What the caller is told once it is kept.
    pub outcome: Outcome,
}

/// Decides a command.
///
/// # Errors
/// [`ChatError`] says which rule refuses it; never [`ChatError::Unavailable`].
pub fn decide(command: &Command, facts: Facts<'_>, limits: &Limits) -> Result<Decision, ChatError> {
    let Command { room: id, actor, action } = command;
    if let Action::CreateRoom(new) = action {
        return create_room(id, actor, new, &facts, limits);
    }
    let room = facts.room.ok_or(ChatError::RoomNotFound)?;
    let role = facts.actor.map(|member| member.role);
    if room.kind == RoomKind::Private && role.is_none() {
        return Err(ChatError::RoomNotFound);
    }
    let deed = Deed { room: room.clone(), actor, role, facts };
    match action {
        // Handled above, where the room must not exist.
        Action::CreateRoom(_) => Err(ChatError::RoomExists),
        Action::ChangeRoom(changes) => deed.change_room(changes, limits),
        Action::DeleteRoom => deed.delete_room(),
        Action::Join => deed.join(limits),
        Action::Invite { user, role } => deed.invite(user, *role, limits),
        Action::SetRole { user, role } => deed.set_role(*user, *role),
        Action::Remove { user } => deed.remove(*user),
        Action::Send(message) => deed.send(message, limits),
    }
}

/// Whether a user with this access may read the room: members, and everyone a public one.
///
/// # Errors
/// [`ChatError::RoomNotFound`]: a private room does not show that it is there.
pub fn may_read(access: &Access) -> Result<(), ChatError> {
    match (access.room.kind, access.role) {
        (RoomKind::Public, _) | (RoomKind::Private, Some(_)) => Ok(()),
        (RoomKind::Private, None) => Err(ChatError::RoomNotFound),
    }
}

fn create_room(
    id: &RoomId,
    actor: &Profile,
    new: &NewRoom,
    facts: &Facts<'_>,
    limits: &Limits,
) -> Result<Decision, ChatError> {
    check(vec![
        check_name("name", &new.name, limits.room_name_chars),
        check_topic(&new.topic, limits.topic_chars),
    ])?;
    if facts.room.is_some() || facts.room_deleted {
        return Err(ChatError::RoomExists);
    }
    if facts.rooms_owned >= limits.rooms_per_user {
        return Err(ChatError::LimitReached { what: "rooms", limit: limits.rooms_per_user });
    }
    let owner = Member { user: actor.clone(), role: Role::Owner, joined_at: facts.now };
    let room = Room {
        id: id.clone(),
        name: new.name.clone(),
        topic: new.topic.clone(),
        kind: new.kind,
        created_at: facts.now,
        owner: actor.id,
        epoch: Epoch::generate(),
        offset: Offset::START,
        member_count: 1,
    };
    let (room, events) = append(room, actor, facts.now, vec![EventBody::MemberJoined(owner)]);
    Ok(Decision { outcome: Outcome::Room(room.clone()), room, events })
}

/// Appends events after the log's end.
fn append(mut room: Room, actor: &Profile, at: Timestamp, bodies: Vec<EventBody>) -> (Room, Vec<Event>) {
    let mut event = |body| {
        room.offset = room.offset.next();
        Event { room: room.id.clone(), offset: room.offset, at, actor: actor.clone(), body }
    };
    let events = bodies.into_iter().map(&mut event).collect();
    (room, events)
}

/// A command in a room that the actor may know of.
struct Deed<'a> {
    room: Room,
    actor: &'a Profile,
    role: Option<Role>,
    facts: Facts<'a>,
}

impl Deed<'_> {
    /// Refuses an actor below the role.
    fn needs(&self, needs: Role) -> Result<Role, ChatError> {
        match self.role {
            None => Err(ChatError::NotAMember),
            Some(role) if role < needs => Err(ChatError::Forbidden { needs }),
            Some(role) => Ok(role),
        }
    }

    fn decision(self, bodies: Vec<EventBody>, outcome: impl FnOnce(&Room) -> Outcome) -> Decision {
        let (room, events) = append(self.room, self.actor, self.facts.now, bodies);
        Decision { outcome: outcome(&room), room, events }
    }

    fn change_room(mut self, changes: &RoomChanges, limits: &Limits) -> Result<Decision, ChatError> {
        self.needs(Role::Moderator)?;
        check(vec![
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
        let mut bodies = Vec::new();
        if self.room != before {
            bodies.push(EventBody::RoomChanged {
                name: self.room.name.clone(),
                topic: self.room.topic.clone(),
                kind: self.room.kind,
            });
        }
        Ok(self.decision(bodies, |room| Outcome::Room(room.clone())))
    }

    fn delete_room(self) -> Result<Decision, ChatError> {
        self.needs(Role::Owner)?;
        Ok(self.decision(vec![EventBody::RoomDeleted], |room| Outcome::Room(room.clone())))
    }

    fn join(self, limits: &Limits) -> Result<Decision, ChatError> {
        if let Some(member) = self.facts.actor.cloned() {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        let user = self.actor.clone();
        self.add(user, Role::Member, limits)
    }

    fn invite(self, user: &Profile, role: Role, limits: &Limits) -> Result<Decision, ChatError> {
        // Anyone inside may bring someone into a public room, who could enter alone as well.
        let own = self.needs(match self.room.kind {
            RoomKind::Public => Role::Member,
            RoomKind::Private => Role::Moderator,
        })?;
        if role == Role::Owner {
            let expected = "moderator, member or reader: the owner is changed by giving a member that role";
            return Err(ChatError::invalid("role", Problem::Malformed { expected }));
        }
        if role > own {
            return Err(ChatError::Forbidden { needs: role });
        }
        if let Some(member) = self.facts.target.cloned() {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        self.add(user.clone(), role, limits)
    }

    fn add(mut self, user: Profile, role: Role, limits: &Limits) -> Result<Decision, ChatError> {
        if self.room.member_count >= limits.members_per_room {
            return Err(ChatError::LimitReached { what: "members", limit: limits.members_per_room });
        }
        self.room.member_count += 1;
        let member = Member { user, role, joined_at: self.facts.now };
        let body = EventBody::MemberJoined(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }

    fn set_role(mut self, user: UserId, role: Role) -> Result<Decision, ChatError> {
        let own = self.needs(Role::Moderator)?;
        let mut member = self.facts.target.cloned().ok_or(ChatError::MemberNotFound)?;
        if member.role == role {
            return Ok(self.decision(vec![], |_| Outcome::Member { member, changed: false }));
        }
        // A moderator rules over members and readers; whom an owner touches, nobody else may.
        if own != Role::Owner && (role >= Role::Moderator || member.role >= Role::Moderator) {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        if member.role == Role::Owner {
            return Err(ChatError::OwnerRequired);
        }
        member.role = role;
        let mut bodies = vec![EventBody::MemberChanged(member.clone())];
        if role == Role::Owner {
            self.room.owner = user;
            let mut former = self.facts.actor.cloned().ok_or(ChatError::NotAMember)?;
            former.role = Role::Moderator;
            // The former owner steps down first, so that no reader of the log ever sees two.
            bodies.insert(0, EventBody::MemberChanged(former));
        }
        Ok(self.decision(bodies, |_| Outcome::Member { member, changed: true }))
    }

    fn remove(mut self, user: UserId) -> Result<Decision, ChatError> {
        let member = self.facts.target.cloned();
        let leaves = user == self.actor.id;
        let own = self.needs(if leaves { Role::Reader } else { Role::Moderator })?;
        let member = member.ok_or(ChatError::MemberNotFound)?;
        if member.role == Role::Owner {
            return Err(ChatError::OwnerRequired);
        }
        if !leaves && own <= member.role {
            return Err(ChatError::Forbidden { needs: Role::Owner });
        }
        self.room.member_count = self.room.member_count.saturating_sub(1);
        let body = EventBody::MemberLeft(member.clone());
        Ok(self.decision(vec![body], |_| Outcome::Member { member, changed: true }))
    }

    fn send(self, new: &NewMessage, limits: &Limits) -> Result<Decision, ChatError> {
        self.needs(Role::Member)?;
        // The first send decided; what the repetition says no longer matters.
        if let Some(message) = self.facts.repeated.cloned() {
            return Ok(self.decision(vec![], |_| Outcome::Message { message, repeated: true }));
        }
        check(vec![check_text(&new.text, limits), check_data(new.data.as_deref(), limits)])?;
        if new.reply_to.is_some() && !self.facts.reply_to_exists {
            return Err(ChatError::invalid("reply_to", Problem::Unknown { what: "message" }));
        }
        let message = Message {
            room: self.room.id.clone(),
            offset: self.room.offset.next(),
            sender: self.actor.clone(),
            text: new.text.clone(),
            data: new.data.clone(),
            reply_to: new.reply_to,
            client_id: new.client_id.clone(),
            created_at: self.facts.now,
        };
        let body = EventBody::MessageCreated(Box::new(message.clone()));
        Ok(self.decision(vec![body], |_| Outcome::Message { message, repeated: false }))
    }
}

/// Collects what is wrong into one error.
fn check(violations: Vec<Option<Violation>>) -> Result<(), ChatError> {
    let violations: Vec<Violation> = violations.into_iter().flatten().collect();
    if violations.is_empty() { Ok(()) } else { Err(ChatError::Invalid(violations)) }
}

/// What is wrong with a name that people see: empty, too long, or characters that nobody sees.
#[must_use]
pub fn check_name(field: &'static str, name: &str, limit: usize) -> Option<Violation> {
    let problem = if name.trim().is_empty() {
        Problem::Empty
    } else if name.chars().count() > limit {
        Problem::TooLong { limit, unit: "characters" }
    } else if name.chars().any(is_invisible) {
        Problem::ForbiddenCharacter
    } else {
        return None;
    };
    Some(Violation { field, problem })
}

fn check_topic(topic: &str, limit: usize) -> Option<Violation> {
    if topic.is_empty() { None } else { check_name("topic", topic, limit) }
}

fn check_text(text: &str, limits: &Limits) -> Option<Violation> {
    let problem = if text.trim().is_empty() {
        Problem::Empty
    } else if text.len() > limits.text_bytes {
        Problem::TooLong { limit: limits.text_bytes, unit: "bytes" }
    } else if text.contains('\0') {
        // PostgreSQL's text cannot hold it, and a log must be able to move there.
        Problem::ForbiddenCharacter
    } else {
        return None;
    };
    Some(Violation { field: "text", problem })
}

fn check_data(data: Option<&str>, limits: &Limits) -> Option<Violation> {
    let limit = limits.data_bytes;
    let too_long = data.is_some_and(|data| data.len() > limit);
    too_long.then_some(Violation { field: "data", problem: Problem::TooLong { limit, unit: "bytes" } })
}

/// Control characters, and those that turn the reading direction or take no room: in a name they only serve
/// to look like another.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}
