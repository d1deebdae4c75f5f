//! Who may do what, and what comes of it: pure functions, no clock, no store.
//!
//! A store looks up the [`Facts`] inside its transaction, calls [`decide`], and keeps the [`Decision`].

mod attachment;
mod check;
mod direct;
mod edit;
mod expiry;
mod filter;
mod member;
mod mention;
mod message;
mod moderation;
mod permission;
mod pin;
mod reaction;
mod retention;
mod room;

use crate::{
    Access, Action, ChatError, Command, Event, EventBody, Limits, Member, Message, Outcome, Profile, Report,
    Role, Room, RoomKind, Sanction, Thread, Timestamp, Upload,
};

pub use check::check_name;
pub(crate) use check::check_reason;
pub use permission::Permission;
pub use retention::kept_since;

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
    /// The message that [`Needs::message`](crate::Needs::message) names, as it stands.
    pub message: Option<&'a Message>,
    /// The thread that the repeated message is in, or else the one that is named, as it stands; none where its beginning was
    /// removed.
    pub thread: Option<Thread>,
    /// Whether the actor has put the command's reaction on it.
    pub reacted: bool,
    /// The members whom [`Needs::names`](crate::Needs::names) name.
    pub named: Vec<&'a Profile>,
    /// Whether the other person of a direct room of two has blocked the actor.
    pub blocked: bool,
    /// When the actor sent their last message, of the room's last thousand events; only looked at for a slow room.
    pub last_sent: Option<Timestamp>,
    /// What the user whom [`Needs::sanction`](crate::Needs::sanction) names has incurred in the room.
    pub sanction: Option<&'a Sanction>,
    /// Whether the message is pinned.
    pub pinned: bool,
    /// How many messages of the room are pinned; only looked at for a pin.
    pub pins: u64,
    /// Those of [`Needs::uploads`](crate::Needs::uploads) that are complete and that no message has, whosever they are.
    pub uploads: Vec<&'a Upload>,
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
            message: None,
            thread: None,
            reacted: false,
            named: vec![],
            blocked: false,
            last_sent: None,
            sanction: None,
            pinned: false,
            pins: 0,
            uploads: vec![],
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
    /// Messages that were there before, as they are now.
    pub messages: Vec<Message>,
    /// A thread that has changed.
    pub thread: Option<Thread>,
    /// The message as it was before it was edited or deleted, where that is to be kept as a
    /// [`Version`](crate::Version).
    pub former: Option<Message>,
    /// What a filter brings before the moderators.
    pub report: Option<Report>,
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
        return room::create_room(id, actor, new, &facts, limits);
    }
    if let Action::OpenDirect { people } = action {
        return direct::open_direct(id, actor, people, &facts, limits);
    }
    let room = facts.room.ok_or(ChatError::RoomNotFound)?;
    let role = facts.actor.map(|member| member.role);
    // Also of a sender who has left; and an administrator need be no member.
    let from_outside = matches!(action, Action::Expire { .. } | Action::CloseRoom);
    if room.kind != RoomKind::Public && role.is_none() && !from_outside {
        return Err(ChatError::RoomNotFound);
    }
    let deed = Deed { room: room.clone(), actor, role, facts };
    match action {
        // Handled above, where the room need not exist.
        Action::CreateRoom(_) | Action::OpenDirect { .. } => Err(ChatError::RoomExists),
        Action::ChangeRoom(changes) => deed.change_room(changes, limits),
        Action::SetFilter(filter) => deed.set_filter(filter.as_ref(), limits),
        Action::DeleteRoom => deed.delete_room(),
        Action::CloseRoom => deed.close_room(),
        Action::Join => deed.join(limits),
        Action::Invite { user, role } => deed.invite(user, *role, limits),
        Action::SetRole { user, role } => deed.set_role(*user, *role),
        Action::Mute { seconds, .. } => deed.mute(*seconds),
        Action::Ban { user, seconds, reason } => deed.ban(user, *seconds, reason),
        Action::Unban { .. } => deed.unban(),
        Action::Remove { user } => deed.remove(*user),
        Action::Send { message, present } => deed.send(message, present, limits),
        Action::Edit { changes, present, .. } => deed.edit(changes, present, limits),
        Action::Delete { .. } => deed.delete(limits),
        Action::Expire { .. } => deed.expire(limits),
        Action::React { reaction, .. } => deed.react(reaction, limits),
        Action::Unreact { reaction, .. } => deed.unreact(reaction),
        Action::Pin { .. } => deed.pin(limits),
        Action::Unpin { .. } => deed.unpin(),
    }
}

/// Whether a user with this access may read the room: members, and everyone a public one who is not banned from it.
///
/// # Errors
/// [`ChatError::RoomNotFound`]: a room that is not public does not show that it is there. [`ChatError::Banned`].
pub fn may_read(access: &Access) -> Result<(), ChatError> {
    match (access.room.kind, access.role, &access.ban) {
        (RoomKind::Public, _, Some(ban)) => Err(ChatError::Banned { until: ban.until }),
        (RoomKind::Public, _, None) | (_, Some(_), _) => Ok(()),
        (RoomKind::Private | RoomKind::Direct, None, _) => Err(ChatError::RoomNotFound),
    }
}

/// Whether a user with this access has the permission.
///
/// # Errors
/// [`ChatError::NotAMember`], [`ChatError::Forbidden`], [`ChatError::DirectRoom`].
pub fn may(access: &Access, permission: Permission) -> Result<Role, ChatError> {
    role_for(permission, access.room.kind, access.role)
}

fn role_for(permission: Permission, kind: RoomKind, role: Option<Role>) -> Result<Role, ChatError> {
    match (role, permission.least_role(kind)) {
        (None, _) => Err(ChatError::NotAMember),
        (Some(_), None) => Err(ChatError::DirectRoom),
        (Some(role), Some(needs)) if role < needs => Err(ChatError::Forbidden { needs }),
        (Some(role), Some(_)) => Ok(role),
    }
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
    /// Refuses an actor who may not do this, whose role otherwise is the answer.
    fn may(&self, permission: Permission) -> Result<Role, ChatError> {
        role_for(permission, self.room.kind, self.role)
    }

    /// The message that the command names, if the actor is shown what it says.
    fn message(&self) -> Option<&Message> {
        self.facts.message.filter(|message| !message.withheld || message.sender.id == self.actor.id)
    }

    /// The thread of the message that is repeated or named.
    fn thread_of(&self, message: &Message) -> Option<Thread> {
        self.facts.thread.or_else(|| message.rootless())
    }

    fn decision(self, bodies: Vec<EventBody>, outcome: impl FnOnce(&Room) -> Outcome) -> Decision {
        let (room, events) = append(self.room, self.actor, self.facts.now, bodies);
        Decision {
            outcome: outcome(&room),
            room,
            events,
            messages: vec![],
            thread: None,
            former: None,
            report: None,
        }
    }
}
