//! Messages, and what they said before.

use crate::{
    Attachment, ClientId, Event, Mentions, Offset, Profile, Quote, ReactionCount, RoomId, Thread, Timestamp,
    UserId,
};

/// A message, as it stands. Of a deleted one only its place is left: it has no text and no data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Message {
    /// The room it was sent to.
    pub room: RoomId,
    /// The offset of the event that made it; with `room`, its name.
    pub offset: Offset,
    /// Who sent it.
    pub sender: Profile,
    /// The text as it was sent.
    pub text: String,
    /// What the sending application added: one JSON value, compact, opaque to us.
    pub data: Option<String>,
    /// The files that it brings.
    #[cfg_attr(feature = "serde", serde(default))]
    pub attachments: Vec<Attachment>,
    /// The message it answers, in the same room.
    pub reply_to: Option<Offset>,
    /// What it answers, as it was then.
    pub quote: Option<Box<Quote>>,
    /// Whom it calls; none where it calls nobody.
    pub mentions: Option<Box<Mentions>>,
    /// The thread that it is in or has begun, as it stands; none for one that answers nothing and has no answer.
    pub thread: Option<Thread>,
    /// The sender's own name for it.
    pub client_id: Option<ClientId>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was edited last.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// From when on nobody is shown what it says; none for one that does not expire, or of which only its place is left.
    pub expires_at: Option<Timestamp>,
    /// What was put on it, in the order in which each came first.
    pub reactions: Vec<ReactionCount>,
    /// Whether only its sender is shown what it says, since the other person of the direct room has blocked them. As its
    /// sender sees it, it never is: nobody is told of being blocked.
    pub withheld: bool,
}

impl Message {
    /// What its thread began with, or would begin with: itself, unless it is a reply.
    #[must_use]
    pub fn root(&self) -> Offset {
        self.thread.map_or(self.offset, |thread| thread.root)
    }

    /// Who follows its thread from now on because of it: who sent it, and when it is the first reply, who began the thread.
    /// Nobody where the beginning was removed.
    #[must_use]
    pub fn new_followers(&self) -> Option<[UserId; 2]> {
        let thread = self.thread.filter(|thread| thread.replies > 0)?;
        let began = self
            .quote
            .as_ref()
            .filter(|_| thread.replies == 1)
            .map_or(self.sender.id, |quote| quote.sender.id);
        Some([self.sender.id, began])
    }

    /// Whether it answers another message, within that one's thread.
    #[must_use]
    pub fn is_reply(&self) -> bool {
        self.root() != self.offset
    }

    /// A message that has only just been sent, of a text alone.
    #[must_use]
    pub fn new(
        room: RoomId,
        offset: Offset,
        sender: Profile,
        text: String,
        created_at: Timestamp,
    ) -> Message {
        Message {
            room,
            offset,
            sender,
            text,
            data: None,
            attachments: Vec::new(),
            reply_to: None,
            quote: None,
            mentions: None,
            thread: None,
            client_id: None,
            created_at,
            edited_at: None,
            deleted_at: None,
            expires_at: None,
            reactions: Vec::new(),
            withheld: false,
        }
    }

    /// Whether its time is over, though the store may still have it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// The message as it is shown at this moment: of one whose time is over its place is left, as of a deleted one.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Message {
        match self.expires_at.filter(|at| *at <= now) {
            Some(at) => self.deleted(at),
            None => self,
        }
    }

    /// What events about it tell once it was removed with the beginning of its room's log: at `at`, about.
    #[must_use]
    pub fn removed(&self, at: Timestamp) -> Message {
        let (room, sender) = (self.room.clone(), self.sender.clone());
        let left = Message::new(room, self.offset, sender, String::new(), self.created_at);
        Message { deleted_at: Some(at), ..left }
    }

    /// The thread of a reply whose beginning was removed: nobody counts its replies any more.
    #[must_use]
    pub fn rootless(&self) -> Option<Thread> {
        let last_reply = self.offset;
        self.is_reply().then(|| Thread { root: self.root(), replies: 0, last_reply })
    }

    /// What is left of it once it is deleted.
    pub(crate) fn deleted(self, at: Timestamp) -> Message {
        Message {
            text: String::new(),
            data: None,
            attachments: Vec::new(),
            quote: None,
            mentions: None,
            edited_at: None,
            deleted_at: Some(at),
            expires_at: None,
            reactions: Vec::new(),
            ..self
        }
    }

    /// Whether [`seen_by`](Message::seen_by) may show it otherwise than it stands.
    pub(crate) fn may_look_otherwise(&self, now: Timestamp) -> bool {
        self.withheld || self.is_expired(now)
    }

    /// The message as this user is shown it at this moment: of one whose time is over, all see its place alone; of one that is
    /// withheld, others do.
    #[must_use]
    pub fn seen_by(self, viewer: UserId, now: Timestamp) -> Message {
        let message = self.at(now);
        match message.withheld && message.sender.id != viewer {
            true => message.place(),
            false => Message { withheld: false, ..message },
        }
    }

    /// What others see of it when it is withheld.
    pub(crate) fn place(self) -> Message {
        Message {
            text: String::new(),
            data: None,
            attachments: Vec::new(),
            quote: None,
            mentions: None,
            client_id: None,
            edited_at: None,
            expires_at: None,
            reactions: Vec::new(),
            ..self
        }
    }
}

/// What a message said before it was edited or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The offset of the event that replaced it.
    pub offset: Offset,
    /// When that was.
    pub replaced_at: Timestamp,
    /// Who replaced it.
    pub replaced_by: Profile,
    /// The text.
    pub text: String,
    /// The data.
    pub data: Option<String>,
}

impl Version {
    /// What the message said until this event replaced it.
    #[must_use]
    pub fn of(former: &Message, event: &Event) -> Version {
        Version {
            offset: event.offset,
            replaced_at: event.at,
            replaced_by: event.actor.clone(),
            text: former.text.clone(),
            data: former.data.clone(),
        }
    }
}
