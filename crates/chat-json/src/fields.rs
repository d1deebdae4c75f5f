//! A request as fields: those of a JSON object, and those that stand in an address.
//!
//! A deserializer of our own in place of `serde_json`'s, because an error must say which field is wrong and
//! how, in words that stay; and because a field of an address is text whatever its type.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Unexpected, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// What is wrong with the fields.
#[derive(Debug)]
pub(crate) struct FieldsError {
    /// Which field; none when it is about the whole.
    pub field: Option<String>,
    /// What is wrong.
    pub fault: Fault,
    /// The same for people, to stand behind the field's name.
    pub detail: String,
}

/// The ways in which fields can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is no JSON.
    Malformed,
    /// A field that the call does not have.
    Unknown,
    /// A field that stands there twice.
    Duplicate,
    /// A field that the call needs.
    Missing,
    /// A field of another type.
    WrongType,
    /// A field whose value is not of its form.
    Value,
}

/// The longest part of an unknown field's name that an error repeats, in characters.
const SHOWN_NAME: usize = 64;

impl FieldsError {
    fn new(fault: Fault, field: Option<&str>, detail: impl Display) -> FieldsError {
        let field = field.map(|field| field.chars().take(SHOWN_NAME).collect());
        FieldsError { field, fault, detail: detail.to_string() }
    }

    /// The same, about this field.
    fn of(self, field: &str) -> FieldsError {
        FieldsError { field: self.field.or_else(|| Some(field.to_owned())), ..self }
    }
}

impl Display for FieldsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for FieldsError {}

impl de::Error for FieldsError {
    fn custom<T: Display>(detail: T) -> FieldsError {
        FieldsError::new(Fault::Value, None, detail)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> FieldsError {
        let found = match found {
            Unexpected::Bool(_) => ", not true or false",
            Unexpected::Unsigned(_) => ", not a number",
            Unexpected::Str(_) => ", not a string",
            Unexpected::Unit => ", not null",
            Unexpected::Seq => ", not a list",
            Unexpected::Map => ", not an object",
            // Another number, or a text in an address, where all is text.
            Unexpected::Float(_)
            | Unexpected::Signed(_)
            | Unexpected::Char(_)
            | Unexpected::Bytes(_)
            | Unexpected::Option
            | Unexpected::NewtypeStruct
            | Unexpected::Enum
            | Unexpected::UnitVariant
            | Unexpected::NewtypeVariant
            | Unexpected::TupleVariant
            | Unexpected::StructVariant
            | Unexpected::Other(_) => "",
        };
        let expected = expected.to_string();
        let expected = match &*expected {
            "u8" | "u16" | "u32" | "u64" => "a whole number, 0 or greater",
            "a boolean" => "true or false",
            "a sequence" => "a list",
            other => other,
        };
        FieldsError::new(Fault::WrongType, None, format_args!("must be {expected}{found}"))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> FieldsError {
        FieldsError::new(Fault::Unknown, Some(field), "is not a field of this call")
    }

    fn missing_field(field: &'static str) -> FieldsError {
        FieldsError::new(Fault::Missing, Some(field), "is missing")
    }

    fn duplicate_field(field: &'static str) -> FieldsError {
        FieldsError::new(Fault::Duplicate, Some(field), "stands there twice")
    }
}

/// A call's fields, in the order they came.
pub(crate) struct Fields<'de> {
    fields: std::vec::IntoIter<(Cow<'de, str>, Source<'de>)>,
    value: Option<(Cow<'de, str>, Source<'de>)>,
}

/// Where a field's value stands.
#[derive(Clone, Copy)]
enum Source<'de> {
    /// In the JSON object.
    Json(&'de RawValue),
    /// In the address.
    Address(&'de str),
}

impl<'de> Fields<'de> {
    /// The fields of an address, and those of a body; an empty body has none.
    pub fn new(address: &[(&'de str, &'de str)], body: &'de str) -> Result<Fields<'de>, FieldsError> {
        let mut fields: Vec<_> =
            address.iter().map(|(name, text)| (Cow::Borrowed(*name), Source::Address(text))).collect();
        if !body.trim_ascii().is_empty() {
            let Body(body) = serde_json::from_str(body).map_err(|error| {
                // The position, and nothing of the body.
                let (line, column) = (error.line(), error.column());
                match error.classify() {
                    serde_json::error::Category::Data => {
                        FieldsError::new(Fault::WrongType, None, "the request must be a JSON object")
                    }
                    serde_json::error::Category::Io
                    | serde_json::error::Category::Syntax
                    | serde_json::error::Category::Eof => FieldsError::new(
                        Fault::Malformed,
                        None,
                        format_args!("the request is not JSON, at line {line} column {column}"),
                    ),
                }
            })?;
            for (name, raw) in body {
                // What the address says, the body does not say again.
                if address.iter().any(|(taken, _)| *taken == name) {
                    return Err(FieldsError::unknown_field(&name, &[]));
                }
                fields.push((name, Source::Json(raw)));
            }
        }
        Ok(Fields { fields: fields.into_iter(), value: None })
    }
}

/// An object's fields, unread.
struct Body<'de>(Vec<(Cow<'de, str>, &'de RawValue)>);

impl<'de> Deserialize<'de> for Body<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Body<'de>, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Body<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Body(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserializer<'de> for Fields<'de> {
    type Error = FieldsError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = FieldsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldsError> {
        self.value = self.fields.next();
        let Some((name, _)) = &self.value else { return Ok(None) };
        seed.deserialize(de::value::StrDeserializer::<FieldsError>::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FieldsError> {
        let (name, source) = self.value.take().ok_or_else(|| FieldsError::custom("has no value"))?;
        seed.deserialize(Value(source)).map_err(|error| error.of(&name))
    }
}

/// One field's value: a word, a list of words, or [`DATA`].
struct Value<'de>(Source<'de>);

/// The name of the type that takes a value as it stands, whatever it is.
pub(crate) const DATA: &str = "chat_json::Data";

impl<'de> IntoDeserializer<'de, FieldsError> for Value<'de> {
    type Deserializer = Value<'de>;

    fn into_deserializer(self) -> Value<'de> {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = FieldsError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        let raw = match self.0 {
            // Its type is the one that is asked for: see the methods below.
            Source::Address(text) => return visitor.visit_borrowed_str(text),
            Source::Json(raw) => raw.get(),
        };
        match raw.as_bytes().first() {
            Some(b'"') => match serde_json::from_str(raw) {
                Ok(Name(Cow::Borrowed(text))) => visitor.visit_borrowed_str(text),
                Ok(Name(Cow::Owned(text))) => visitor.visit_string(text),
                // Escapes that make no character.
                Err(_) => Err(FieldsError::new(Fault::Malformed, None, "is not a JSON string")),
            },
            Some(b't') => visitor.visit_bool(true),
            Some(b'f') => visitor.visit_bool(false),
            Some(b'n') => visitor.visit_unit(),
            Some(b'[') => Err(FieldsError::invalid_type(Unexpected::Seq, &visitor)),
            Some(b'{') => Err(FieldsError::invalid_type(Unexpected::Map, &visitor)),
            _ => match raw.parse() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => Err(FieldsError::invalid_type(Unexpected::Float(0.0), &visitor)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        match self.0 {
            Source::Json(raw) if raw.get() == "null" => visitor.visit_none(),
            Source::Json(_) | Source::Address(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        match self.0 {
            Source::Address(text) => match text.parse() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => Err(FieldsError::invalid_type(Unexpected::Other(text), &visitor)),
            },
            Source::Json(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        match self.0 {
            Source::Address("true") => visitor.visit_bool(true),
            Source::Address("false") => visitor.visit_bool(false),
            Source::Address(text) => Err(FieldsError::invalid_type(Unexpected::Other(text), &visitor)),
            Source::Json(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldsError> {
        match self.0 {
            Source::Json(raw) if name == DATA => {
                visitor.visit_newtype_struct(BorrowedStrDeserializer::new(raw.get()))
            }
            Source::Json(_) | Source::Address(_) => visitor.visit_newtype_struct(self),
        }
    }

    /// Of a request that takes unknown fields.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        visitor.visit_unit()
    }

    /// Of a list; everything else says that it is none.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldsError> {
        match self.0 {
            Source::Json(raw) if raw.get().starts_with('[') => {
                let malformed = |_| FieldsError::new(Fault::Malformed, None, "is not a JSON list");
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(malformed)?;
                let items = items.into_iter().map(|item| Value(Source::Json(item)));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            Source::Json(_) | Source::Address(_) => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct map struct enum identifier
    }
}
