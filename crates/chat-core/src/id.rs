//! The names of things: users, rooms, places in a log.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A text that is not a valid name of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidId {
    /// What would have been right, in words: `a decimal number above 0`.
    pub expected: &'static str,
}

/// A user's number: positive, given by whoever keeps the accounts. Written as a decimal string on every
/// wire, because JavaScript's numbers end at 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "i64", into = "i64"))]
pub struct UserId(i64);

impl UserId {
    /// The id with this number, or an error for zero and below.
    pub fn new(number: i64) -> Result<UserId, InvalidId> {
        if number > 0 { Ok(UserId(number)) } else { Err(InvalidId { expected: "a decimal number above 0" }) }
    }

    /// The number, always above 0.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UserId {
    type Err = InvalidId;

    /// Takes digits only: no sign, no spaces.
    fn from_str(text: &str) -> Result<UserId, InvalidId> {
        let error = InvalidId { expected: "a decimal number above 0" };
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error);
        }
        UserId::new(text.parse().map_err(|_| error)?)
    }
}

/// A room's name on the wire: 1 to 64 of `A-Z a-z 0-9 _ -`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct RoomId(Arc<str>);

impl RoomId {
    /// The longest id, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// A new id (UUIDv7: sorts by the time it was made).
    #[must_use]
    pub fn generate() -> RoomId {
        RoomId(uuid::Uuid::now_v7().to_string().into())
    }

    /// What the ids of direct rooms begin with.
    const DIRECT: &str = "direct-";

    /// The id of the direct room of these people: always the same, in whatever order they are named.
    #[must_use]
    pub fn direct(people: &[UserId]) -> RoomId {
        let people: BTreeSet<UserId> = people.iter().copied().collect();
        let numbers: Vec<String> = people.iter().map(ToString::to_string).collect();
        let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, numbers.join(",").as_bytes());
        RoomId(format!("{}{}", RoomId::DIRECT, hash.simple()).into())
    }

    /// Whether it is of the form that the ids of direct rooms have, which no other room may take.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        let hash = self.0.strip_prefix(RoomId::DIRECT);
        hash.is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RoomId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<RoomId, InvalidId> {
        let fits = (1..=RoomId::MAX_BYTES).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            Ok(RoomId(text.into()))
        } else {
            Err(InvalidId { expected: "1 to 64 of the characters A-Z, a-z, 0-9, _ and -" })
        }
    }
}

/// An event's place in its room's log: 1, 2, 3, … without gaps. Zero is the place before the first event,
/// so `after: Offset::START` means the whole log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u64", into = "u64"))]
pub struct Offset(u64);

impl Offset {
    /// Before the first event.
    pub const START: Offset = Offset(0);

    /// The greatest offset: 2^53 − 1, the last integer that a JSON number carries everywhere.
    pub const MAX: Offset = Offset((1 << 53) - 1);

    /// The place before; there is none before [`Offset::START`].
    #[must_use]
    pub fn previous(self) -> Offset {
        Offset(self.0.saturating_sub(1))
    }

    /// The offset with this number; above [`Offset::MAX`] it is an error.
    pub fn new(number: u64) -> Result<Offset, InvalidId> {
        if number <= Offset::MAX.0 {
            Ok(Offset(number))
        } else {
            Err(InvalidId { expected: "a whole number from 0 to 9007199254740991" })
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Offset {
        Offset(self.0 + 1)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which log a room has: a random text that changes when the log is restored from an older copy, so that
/// a position in the lost log is not taken for one in the new.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch(Arc<str>);

impl Epoch {
    /// A new random epoch of 8 characters.
    #[must_use]
    pub fn generate() -> Epoch {
        let id = uuid::Uuid::new_v4().simple().to_string();
        Epoch(id[..8].into())
    }

    /// The epoch as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Epoch {
    fn from(text: &str) -> Epoch {
        Epoch(text.into())
    }
}

/// An upload's name: random (UUIDv4), so that nobody guesses another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct UploadId(uuid::Uuid);

impl UploadId {
    /// A new id.
    #[must_use]
    pub fn generate() -> UploadId {
        UploadId(uuid::Uuid::new_v4())
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for UploadId {
    type Err = InvalidId;

    /// Takes the form in which it is written and no other: 36 characters, in lower case.
    fn from_str(text: &str) -> Result<UploadId, InvalidId> {
        let id = uuid::Uuid::try_parse(text).ok().map(UploadId);
        id.filter(|id| id.to_string() == text).ok_or(InvalidId { expected: "the id of an upload" })
    }
}

/// Where a reader of a log stands: it has seen everything up to and with `offset` of the log `epoch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The last event seen; [`Offset::START`] if none.
    pub offset: Offset,
    /// The log it was seen in.
    pub epoch: Epoch,
}

/// The sender's own name for a message, which makes a repeated send return the first one's message: 1 to
/// 64 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// The longest, in characters.
    pub const MAX_CHARS: usize = 64;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<ClientId, InvalidId> {
        let fits = (1..=ClientId::MAX_CHARS).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(ClientId(text.into()))
        } else {
            Err(InvalidId { expected: "1 to 64 characters, none of them a control character" })
        }
    }
}

/// The name of a message that is sent later: 1 to 48 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ScheduledId(Arc<str>);

impl ScheduledId {
    /// The longest id, in bytes.
    pub const MAX_BYTES: usize = 48;

    /// A new id (UUIDv7: sorts by the time it was made).
    #[must_use]
    pub fn generate() -> ScheduledId {
        ScheduledId(uuid::Uuid::now_v7().to_string().into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the message is sent as that has no name of its sender's: always the same, so that it is sent once.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        ClientId(format!("scheduled-{}", self.0).into())
    }
}

impl fmt::Display for ScheduledId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ScheduledId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<ScheduledId, InvalidId> {
        let fits = (1..=ScheduledId::MAX_BYTES).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            Ok(ScheduledId(text.into()))
        } else {
            Err(InvalidId { expected: "1 to 48 of the characters A-Z, a-z, 0-9, _ and -" })
        }
    }
}

/// One log-in of a user, on one device. Ending it ends its connections. The text is whatever the keeper
/// of the accounts names it by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "String", into = "String"))]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SessionId {
    fn from(text: &str) -> SessionId {
        SessionId(text.into())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "serde")]
mod plain {
    //! The ids as serde writes them: numbers and texts, checked when they are read.

    use super::{ClientId, InvalidId, Offset, RoomId, ScheduledId, SessionId, UploadId, UserId};

    impl TryFrom<i64> for UserId {
        type Error = InvalidId;

        fn try_from(number: i64) -> Result<UserId, InvalidId> {
            UserId::new(number)
        }
    }

    impl From<UserId> for i64 {
        fn from(id: UserId) -> i64 {
            id.get()
        }
    }

    impl TryFrom<u64> for Offset {
        type Error = InvalidId;

        fn try_from(number: u64) -> Result<Offset, InvalidId> {
            Offset::new(number)
        }
    }

    impl From<Offset> for u64 {
        fn from(offset: Offset) -> u64 {
            offset.get()
        }
    }

    impl TryFrom<String> for UploadId {
        type Error = InvalidId;

        fn try_from(text: String) -> Result<UploadId, InvalidId> {
            text.parse()
        }
    }

    impl From<UploadId> for String {
        fn from(id: UploadId) -> String {
            id.to_string()
        }
    }

    impl TryFrom<String> for RoomId {
        type Error = InvalidId;

        fn try_from(text: String) -> Result<RoomId, InvalidId> {
            text.parse()
        }
    }

    impl From<RoomId> for String {
        fn from(id: RoomId) -> String {
            id.as_str().to_owned()
        }
    }

    impl TryFrom<String> for ScheduledId {
        type Error = InvalidId;

        fn try_from(text: String) -> Result<ScheduledId, InvalidId> {
            text.parse()
        }
    }

    impl From<ScheduledId> for String {
        fn from(id: ScheduledId) -> String {
            id.as_str().to_owned()
        }
    }

    impl TryFrom<String> for ClientId {
        type Error = InvalidId;

        fn try_from(text: String) -> Result<ClientId, InvalidId> {
            text.parse()
        }
    }

    impl From<ClientId> for String {
        fn from(id: ClientId) -> String {
            id.as_str().to_owned()
        }
    }

    impl From<String> for SessionId {
        fn from(text: String) -> SessionId {
            text.as_str().into()
        }
    }

    impl From<SessionId> for String {
        fn from(id: SessionId) -> String {
            id.as_str().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_id_is_1_to_64_plain_characters() {
        for good in ["a", "A-b_9", &"x".repeat(64)] {
            assert_eq!(good.parse::<RoomId>().unwrap().as_str(), good);
        }
        for bad in ["", "ä", "a b", "a/b", "a.b", &"x".repeat(65)] {
            assert!(bad.parse::<RoomId>().is_err(), "{bad:?}");
        }
        assert!(RoomId::generate().as_str().parse::<RoomId>().is_ok());
    }

    #[test]
    fn a_user_id_is_digits_above_zero() {
        assert_eq!("17".parse::<UserId>().unwrap().get(), 17);
        for bad in ["", "0", "-1", "+1", "1 ", "1.0", "99999999999999999999"] {
            assert!(bad.parse::<UserId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_offset_ends_where_json_numbers_do() {
        assert!(Offset::new(1 << 53).is_err());
        assert_eq!(Offset::new((1 << 53) - 1).unwrap(), Offset::MAX);
    }

    #[test]
    fn a_client_id_counts_characters_not_bytes() {
        assert!("é".repeat(64).parse::<ClientId>().is_ok());
        assert!("é".repeat(65).parse::<ClientId>().is_err());
        assert!("a\nb".parse::<ClientId>().is_err());
        assert!("".parse::<ClientId>().is_err());
    }
}
