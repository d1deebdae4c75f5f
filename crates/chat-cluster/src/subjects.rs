//! What the subjects of NATS are called: `chat.<installation>.` and then `room.<id>`, `user.<id>`, `nodes` for all nodes,
//! or `node.<id>` for one.

use chat_core::{Channel, RoomId, UserId};

/// The subjects of an installation.
pub(crate) struct Subjects {
    prefix: String,
}

impl Subjects {
    pub fn new(installation: &str) -> Subjects {
        Subjects { prefix: format!("chat.{installation}") }
    }

    /// Room ids have no character that means something in a subject.
    pub fn room(&self, room: &RoomId) -> String {
        format!("{}.room.{room}", self.prefix)
    }

    pub fn user(&self, user: UserId) -> String {
        format!("{}.user.{user}", self.prefix)
    }

    pub fn channel(&self, channel: &Channel) -> String {
        match channel {
            Channel::Room(room) => self.room(room),
            Channel::User(user) => self.user(*user),
        }
    }

    pub fn nodes(&self) -> String {
        format!("{}.nodes", self.prefix)
    }

    pub fn node(&self, node: &str) -> String {
        format!("{}.node.{node}", self.prefix)
    }

    /// One that nobody listens to: NATS answers a request to it at once, behind all that was sent before.
    pub fn nobody(&self) -> String {
        format!("{}.nobody", self.prefix)
    }

    /// The room of a room's subject.
    pub fn room_of(&self, subject: &str) -> Option<RoomId> {
        subject.strip_prefix(&self.prefix)?.strip_prefix(".room.")?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_found_in_its_subject_and_in_no_other() {
        let (ours, theirs) = (Subjects::new("a"), Subjects::new("b"));
        let room: RoomId = "general".parse().unwrap();
        assert_eq!(ours.room(&room), "chat.a.room.general");
        assert_eq!(ours.room_of(&ours.room(&room)), Some(room.clone()));
        assert_eq!(ours.room_of(&theirs.room(&room)), None);
        assert_eq!(ours.room_of(&ours.user(UserId::new(7).unwrap())), None);
        assert_eq!(ours.room_of(&ours.nodes()), None);
    }
}
