//! Reads a request.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use chat_core::Offset;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use utoipa::ToSchema;

use crate::error::{CallError, ErrorKind, FieldError};
use crate::fields::{DATA, Fault, Fields, FieldsError};
use crate::{time, words};

/// The deepest that the data of a message may be nested. Readers of JSON have limits of their own, and what
/// one of them could not read would be lost to it with everything else in the same frame.
const DATA_DEPTH: usize = 64;

/// Reads a request: `address` holds the fields that stand in the path and the query, decoded, and `body` the
/// JSON object with the others; empty text is an empty object.
///
/// # Errors
/// [`ErrorKind::Malformed`] with the code `malformed_json`, `unknown_field`, `duplicate_field`,
/// `missing_field` or `wrong_type`; [`ErrorKind::Invalid`] for a value that is not of its form, such as
/// `room_malformed`. All but the first name the field.
pub fn parse<T: DeserializeOwned>(address: &[(&str, &str)], body: &str) -> Result<T, CallError> {
    Fields::new(address, body).and_then(T::deserialize).map_err(CallError::from)
}

impl From<FieldsError> for CallError {
    fn from(error: FieldsError) -> CallError {
        let (kind, word) = match error.fault {
            Fault::Malformed => (ErrorKind::Malformed, "malformed_json"),
            Fault::Unknown => (ErrorKind::Malformed, "unknown_field"),
            Fault::Duplicate => (ErrorKind::Malformed, "duplicate_field"),
            Fault::Missing => (ErrorKind::Malformed, "missing_field"),
            Fault::WrongType => (ErrorKind::Malformed, "wrong_type"),
            Fault::Value => (ErrorKind::Invalid, words::MALFORMED),
        };
        let Some(field) = error.field else { return CallError::new(kind, word, error.detail) };
        let detail = format!("{field} {}", error.detail);
        let code = if kind == ErrorKind::Invalid { words::specific(&field, word) } else { word };
        let errors = vec![FieldError { field, code: word, detail: detail.clone() }];
        CallError { kind, code, detail, errors, retry_after: None }
    }
}

/// What the sending application adds to a message: one JSON value, of which only the white space between
/// its parts is not kept.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = serde_json::Value)]
pub struct Data(String);

impl Data {
    /// The value in compact JSON, on one line.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data, D::Error> {
        struct AnyJson;
        impl<'de> Visitor<'de> for AnyJson {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, raw: D) -> Result<Data, D::Error> {
                let raw = String::deserialize(raw)?;
                // Finds what is JSON by the grammar alone: half surrogate pairs, numbers beyond all measure.
                if serde_json::from_str::<serde_json::Value>(&raw).is_err() {
                    return Err(D::Error::custom("must be JSON that every reader can read"));
                }
                match compact(&raw) {
                    Some(compact) => Ok(Data(compact)),
                    None => Err(D::Error::custom(format_args!(
                        "must not be nested deeper than {DATA_DEPTH} levels"
                    ))),
                }
            }
        }
        deserializer.deserialize_newtype_struct(DATA, AnyJson)
    }
}

/// Takes the white space between the parts of a valid JSON value away; none when it is nested too deep.
fn compact(json: &str) -> Option<String> {
    let mut compact = String::with_capacity(json.len());
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else {
            match c {
                ' ' | '\t' | '\n' | '\r' => continue,
                '"' => in_string = true,
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DATA_DEPTH {
                return None;
            }
        }
        compact.push(c);
    }
    Some(compact)
}

/// A word read by one of chat-core's own rules.
pub(crate) trait Word: Sized {
    /// Reads the text, or says in words what would have been right.
    fn read(text: &str) -> Result<Self, &'static str>;
}

macro_rules! id_words {
    ($($id:ty)*) => {
        $(impl Word for $id {
            fn read(text: &str) -> Result<$id, &'static str> {
                <$id>::from_str(text).map_err(|error| error.expected)
            }
        })*
    };
}

id_words! { chat_core::RoomId chat_core::UserId chat_core::ClientId chat_core::Reaction chat_core::ScheduledId chat_core::UploadId crate::Time }

impl Word for chat_core::RoomKind {
    fn read(text: &str) -> Result<chat_core::RoomKind, &'static str> {
        match text {
            "public" => Ok(chat_core::RoomKind::Public),
            "private" => Ok(chat_core::RoomKind::Private),
            _ => Err("public or private"),
        }
    }
}

impl Word for chat_core::Verdict {
    fn read(text: &str) -> Result<chat_core::Verdict, &'static str> {
        match text {
            "upheld" => Ok(chat_core::Verdict::Upheld),
            "dismissed" => Ok(chat_core::Verdict::Dismissed),
            _ => Err("upheld or dismissed"),
        }
    }
}

impl Word for chat_core::FilterAction {
    fn read(text: &str) -> Result<chat_core::FilterAction, &'static str> {
        match text {
            "refuse" => Ok(chat_core::FilterAction::Refuse),
            "mask" => Ok(chat_core::FilterAction::Mask),
            "report" => Ok(chat_core::FilterAction::Report),
            _ => Err("refuse, mask or report"),
        }
    }
}

impl Word for chat_core::Variant {
    fn read(text: &str) -> Result<chat_core::Variant, &'static str> {
        match text {
            "original" => Ok(chat_core::Variant::Original),
            "thumbnail" => Ok(chat_core::Variant::Thumbnail),
            _ => Err("original or thumbnail"),
        }
    }
}

impl Word for chat_core::Role {
    fn read(text: &str) -> Result<chat_core::Role, &'static str> {
        match text {
            "owner" => Ok(chat_core::Role::Owner),
            "moderator" => Ok(chat_core::Role::Moderator),
            "member" => Ok(chat_core::Role::Member),
            "reader" => Ok(chat_core::Role::Reader),
            _ => Err("owner, moderator, member or reader"),
        }
    }
}

impl Word for chat_core::SearchOrder {
    fn read(text: &str) -> Result<chat_core::SearchOrder, &'static str> {
        match text {
            "rank" => Ok(chat_core::SearchOrder::Rank),
            "recent" => Ok(chat_core::SearchOrder::Recent),
            _ => Err("rank or recent"),
        }
    }
}

impl Word for chat_core::Timestamp {
    fn read(text: &str) -> Result<chat_core::Timestamp, &'static str> {
        time::read(text).ok_or("a time in RFC 3339, such as 2026-11-23T06:40:00Z")
    }
}

/// Reads a [`Word`] from a string.
pub(crate) fn word<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Text<T>(PhantomData<T>);
    impl<T: Word> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::read(text).map_err(|expected| E::custom(MustBe(expected)))
        }
    }
    deserializer.deserialize_str(Text(PhantomData))
}

/// Reads a list of [`Word`]s.
pub(crate) fn list<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Item<T>(T);
    impl<'de, T: Word> Deserialize<'de> for Item<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Item<T>, D::Error> {
            word(deserializer).map(Item)
        }
    }
    let items = Vec::<Item<T>>::deserialize(deserializer)?;
    Ok(items.into_iter().map(|Item(word)| word).collect())
}

/// Reads a user's id from a string, for requests of other crates:
/// `#[serde(deserialize_with = "chat_json::user_id")]`.
///
/// # Errors
/// When it is no string, or not a number above 0.
pub fn user_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<chat_core::UserId, D::Error> {
    word(deserializer)
}

/// Reads a [`Word`] that may be left out or null.
pub(crate) fn word_or_none<'de, T: Word, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    struct Read<T>(T);
    impl<'de, T: Word> Deserialize<'de> for Read<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Read<T>, D::Error> {
            word(deserializer).map(Read)
        }
    }
    Ok(Option::<Read<T>>::deserialize(d)?.map(|Read(value)| value))
}

/// Reads an offset: a number, or the same in a string, as the `next` of a page has it.
pub(crate) fn offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Offset, D::Error> {
    struct Number;
    impl Visitor<'_> for Number {
        type Value = Offset;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number, 0 or greater")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Offset, E> {
            Offset::new(number).map_err(|error| E::custom(MustBe(error.expected)))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Offset, E> {
            match text.parse() {
                Ok(number) => self.visit_u64(number),
                Err(_) => Err(E::invalid_type(serde::de::Unexpected::Other(text), &self)),
            }
        }
    }
    deserializer.deserialize_any(Number)
}

/// Reads an offset that may be left out or null.
pub(crate) fn offset_or_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Offset>, D::Error> {
    struct Read(Offset);
    impl<'de> Deserialize<'de> for Read {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Read, D::Error> {
            offset(deserializer).map(Read)
        }
    }
    Ok(Option::<Read>::deserialize(d)?.map(|Read(value)| value))
}

/// The detail of a value that is not of its form.
struct MustBe(&'static str);

impl Display for MustBe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be {}", self.0)
    }
}
