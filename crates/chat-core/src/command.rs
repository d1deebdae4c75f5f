//! What a user can ask of a room.

use std::sync::Arc;

use crate::mention::Calls;
use crate::{
    Ban, ClientId, FilterAction, Member, Message, Offset, Profile, Reaction, ReactionCount, Role, Room,
    RoomId, RoomKind, UploadId, UserId,
};

/// One change that one user asks for in one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The room it is about.
    pub room: RoomId,
    /// Who asks.
    pub actor: Profile,
    /// What is asked.
    pub action: Action,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make the room; the actor becomes its owner.
    CreateRoom(NewRoom),
    /// Find the direct room of these people, or make it: the actor and those whom they talk to.
    OpenDirect {
        /// All of them, the actor too, each once.
        people: Vec<Profile>,
    },
    /// Change what is given.
    ChangeRoom(RoomChanges),
    /// Have messages filtered by their words; none, no more.
    SetFilter(Option<NewFilter>),
    /// Delete the room, its log and its messages. The id stays taken.
    DeleteRoom,
    /// Delete a room that is not direct, as an administrator of the server may, who need be no member. Whether the actor is one, is
    /// for whoever submits it to know.
    CloseRoom,
    /// Become a member of a public room.
    Join,
    /// Make another user a member.
    Invite {
        /// Who.
        user: Profile,
        /// As what; at most the actor's own role, and never the owner.
        role: Role,
    },
    /// Give a member another role. Making another the owner makes the actor a moderator.
    SetRole {
        /// Who.
        user: UserId,
        /// The new role.
        role: Role,
    },
    /// Have a member write nothing for a while, or let them write again.
    Mute {
        /// Who.
        user: UserId,
        /// For how many seconds, at most ten years; none lets them write again.
        seconds: Option<u64>,
    },
    /// Keep a user out, a member or not.
    Ban {
        /// Who.
        user: Profile,
        /// For how many seconds, at most ten years; none for ever.
        seconds: Option<u64>,
        /// Why; may be empty.
        reason: String,
    },
    /// Let a user come again.
    Unban {
        /// Who.
        user: UserId,
    },
    /// End a membership, the actor's own (leave) or another's (remove).
    Remove {
        /// Whose.
        user: UserId,
    },
    /// Send a message.
    Send {
        /// What it says.
        message: NewMessage,
        /// Who is there, for a message that calls them; else nobody.
        present: Vec<UserId>,
    },
    /// Change what a message says.
    Edit {
        /// Which.
        message: Offset,
        /// What it shall say.
        changes: MessageChanges,
        /// Who is there, for a message that calls them; else nobody.
        present: Vec<UserId>,
    },
    /// Delete a message.
    Delete {
        /// Which.
        message: Offset,
    },
    /// End a message whose time is over, in the name of its sender. Nobody asks for it but the store itself.
    Expire {
        /// Which.
        message: Offset,
    },
    /// Put a reaction on a message.
    React {
        /// Which message.
        message: Offset,
        /// Which reaction.
        reaction: Reaction,
    },
    /// Take a reaction back.
    Unreact {
        /// From which message.
        message: Offset,
        /// Which reaction.
        reaction: Reaction,
    },
    /// Pin a message.
    Pin {
        /// Which.
        message: Offset,
    },
    /// End a message's pin.
    Unpin {
        /// Which.
        message: Offset,
    },
}

/// A room to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its name for people.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Who may find and enter it.
    pub kind: RoomKind,
}

/// Which words are filtered, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFilter {
    /// What becomes of a message that has one of them.
    pub action: FilterAction,
    /// The words, as [`WordFilter`](crate::WordFilter) has them.
    pub words: Vec<String>,
}

/// What shall change in a room; none leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomChanges {
    /// Another name.
    pub name: Option<String>,
    /// Another topic; empty for none.
    pub topic: Option<String>,
    /// Another kind.
    pub kind: Option<RoomKind>,
    /// Whether moderators alone write.
    pub read_only: Option<bool>,
    /// How long others wait between their messages, at most a day; 0 for not at all.
    pub slow_seconds: Option<u32>,
    /// After how long messages expire that are sent from now on, from five seconds to a year; 0 for never.
    pub expire_seconds: Option<u32>,
    /// For how long its log is kept, from a minute to ten years; 0 for as long as the server keeps any.
    pub retention_seconds: Option<u32>,
}

/// A message to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMessage {
    /// The text; not empty, not only white space, unless there are attachments.
    pub text: String,
    /// One JSON value, compact, opaque to us.
    pub data: Option<String>,
    /// Complete uploads of the sender's own that no message has yet, each once.
    pub attachments: Vec<UploadId>,
    /// The message it answers.
    pub reply_to: Option<Offset>,
    /// Makes a repeated send return the first one's message, for as long as the room keeps that.
    pub client_id: Option<ClientId>,
    /// After how many seconds it expires, from five to a year; none as the room says. What the room says is the most.
    pub expires_in: Option<u64>,
}

impl NewMessage {
    /// The most attachments that [`Limits::attachments_per_message`](crate::Limits::attachments_per_message) may allow.
    pub const ATTACHMENTS: usize = 100;
}

/// What a message shall say from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageChanges {
    /// The text; not empty, not only white space, unless the message has attachments.
    pub text: String,
    /// One JSON value, compact, opaque to us; none leaves it as it is.
    pub data: Option<String>,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The room as it is now.
    Room(Room),
    /// The direct room.
    Direct {
        /// The room as it is now.
        room: Room,
        /// Whether it was made.
        made: bool,
    },
    /// The ban as it is now.
    Ban {
        /// The ban.
        ban: Ban,
        /// Whether the command changed anything.
        changed: bool,
    },
    /// The member as they are now, or as they were when the membership ended.
    Member {
        /// The member.
        member: Member,
        /// Whether the command changed anything.
        changed: bool,
    },
    /// The message as it is stored.
    Message {
        /// The message.
        message: Arc<Message>,
        /// It was so already: sent under the same `client_id`, edited to the same text, or deleted.
        repeated: bool,
    },
    /// The reaction and how many have put it there.
    Reaction {
        /// The reaction, as the actor sees it.
        reaction: ReactionCount,
        /// Whether the command changed anything.
        changed: bool,
    },
    /// The message is pinned now, or is not.
    Pin {
        /// Whether the command changed anything.
        changed: bool,
    },
}

/// What the rules must know of a command's room before they decide: see [`crate::rules::decide`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs<'a> {
    /// The membership of this user besides the actor's.
    pub target: Option<UserId>,
    /// How many rooms the actor owns.
    pub rooms_owned: bool,
    /// The actor's message of this name, if there is one.
    pub repeated: Option<&'a ClientId>,
    /// The message at this offset, if there is one.
    pub message: Option<Offset>,
    /// Whether the actor has put this reaction on that message.
    pub reaction: Option<&'a Reaction>,
    /// The members of these names, in lower case.
    pub names: Vec<String>,
    /// Whether the other person of a direct room of two has blocked the actor.
    pub blocked: bool,
    /// When the actor sent their last message to a slow room.
    pub last_sent: bool,
    /// What this user has incurred in the room.
    pub sanction: Option<UserId>,
    /// Which messages are pinned.
    pub pins: bool,
    /// These uploads, those of them that are complete and that no message has.
    pub uploads: &'a [UploadId],
}

impl Command {
    /// What must be looked up in the store for this command, besides the room and the actor's membership.
    #[must_use]
    pub fn needs(&self) -> Needs<'_> {
        let mut needs = Needs::default();
        match &self.action {
            Action::Join => needs.sanction = Some(self.actor.id),
            Action::Ban { user, .. } => {
                needs.target = Some(user.id);
                needs.sanction = Some(user.id);
            }
            Action::Unban { user } => needs.sanction = Some(*user),
            Action::CreateRoom(_) | Action::OpenDirect { .. } => needs.rooms_owned = true,
            Action::Invite { user, .. } => {
                needs.target = Some(user.id);
                needs.sanction = Some(user.id);
            }
            Action::SetRole { user, .. } | Action::Mute { user, .. } | Action::Remove { user } => {
                needs.target = Some(*user)
            }
            Action::Send { message, .. } => {
                needs.repeated = message.client_id.as_ref();
                needs.message = message.reply_to;
                needs.names = names(&message.text);
                needs.last_sent = true;
                // More than that no limit allows, and none of them is looked up.
                if message.attachments.len() <= NewMessage::ATTACHMENTS {
                    needs.uploads = &message.attachments;
                }
                needs.blocked = true;
            }
            Action::Edit { message, changes, .. } => {
                needs.message = Some(*message);
                needs.names = names(&changes.text);
                needs.blocked = true;
            }
            Action::Delete { message } | Action::Expire { message } => needs.message = Some(*message),
            Action::React { message, reaction } | Action::Unreact { message, reaction } => {
                needs.message = Some(*message);
                needs.reaction = Some(reaction);
            }
            Action::Pin { message } | Action::Unpin { message } => {
                needs.message = Some(*message);
                needs.pins = true;
            }
            Action::ChangeRoom(_) | Action::SetFilter(_) | Action::DeleteRoom | Action::CloseRoom => {}
        }
        needs
    }
}

/// The names that a text may call. Nearly none does, and they cost nothing.
fn names(text: &str) -> Vec<String> {
    if text.contains('@') { Calls::of(text).names.concat() } else { Vec::new() }
}
