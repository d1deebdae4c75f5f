//! The table of who may do what, by their role. What else a rule asks, such as whose message it is, stands with the rule.

use crate::{Role, RoomKind};

macro_rules! role {
    (Nobody) => {
        None
    };
    ($role:ident) => {
        Some(Role::$role)
    };
}

macro_rules! permissions {
    ($($(#[doc = $words:literal])+ $name:ident: $public:ident, $private:ident, $direct:ident;)*) => {
        /// What somebody may do in a room if their role is great enough.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[doc = $words])+ $name,)*
        }

        impl Permission {
            /// All of them, in the order of the table in the documentation.
            pub const ALL: &[Permission] = &[$(Permission::$name,)*];

            /// The least role that may, in a room of this kind; none where nobody may.
            #[must_use]
            pub fn least_role(self, kind: RoomKind) -> Option<Role> {
                match (self, kind) {
                    $(
                        (Permission::$name, RoomKind::Public) => role!($public),
                        (Permission::$name, RoomKind::Private) => role!($private),
                        (Permission::$name, RoomKind::Direct) => role!($direct),
                    )*
                }
            }

            /// What it is, in words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Permission::$name => concat!($($words),+).trim_ascii(),)*
                }
            }
        }
    };
}

permissions! {
    /// leave the room
    Leave: Reader, Reader, Nobody;
    /// mark as read, and see who has read what
    Mark: Reader, Reader, Reader;
    /// follow threads
    Follow: Reader, Reader, Reader;
    /// send messages, and edit and delete one's own for as long as `messages.edit_seconds` says
    Send: Member, Member, Member;
    /// put reactions on messages
    React: Member, Member, Member;
    /// invite others, at most to one's own role
    Invite: Member, Moderator, Nobody;
    /// call all members by `@room`, and those who are there by `@here`
    CallAll: Moderator, Moderator, Nobody;
    /// change the room's name, topic and kind, have moderators alone write there, others wait between their messages, or
    /// messages expire
    ChangeRoom: Moderator, Moderator, Nobody;
    /// make members of readers and readers of members; owners also give and take the roles above
    SetRole: Moderator, Moderator, Nobody;
    /// remove members of a lesser role
    Remove: Moderator, Moderator, Nobody;
    /// mute members of a lesser role
    Mute: Moderator, Moderator, Nobody;
    /// ban others of a lesser role, members or not, and let them come again
    Ban: Moderator, Moderator, Nobody;
    /// report messages to the moderators; those of direct rooms to the server's administrators
    Report: Reader, Reader, Reader;
    /// read and settle reports
    SettleReports: Moderator, Moderator, Nobody;
    /// read and change which words are filtered; they are not for moderators themselves
    Filter: Moderator, Moderator, Nobody;
    /// read what moderators have done
    ReadAudit: Moderator, Moderator, Nobody;
    /// edit messages of others, and one's own at any time
    EditAny: Moderator, Moderator, Nobody;
    /// delete messages of others, and one's own at any time
    DeleteAny: Moderator, Moderator, Nobody;
    /// pin messages, and unpin them
    Pin: Moderator, Moderator, Member;
    /// read what edited and deleted messages said before
    ReadVersions: Moderator, Moderator, Nobody;
    /// say for how long the room's log is kept
    SetRetention: Owner, Owner, Nobody;
    /// delete the room
    DeleteRoom: Owner, Owner, Nobody;
}
