//! Messages.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{Attachment, Mentions, Quote, ReactionCount, Thread, User};
use crate::Time;

/// A message. `room` and `offset` name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Message<'a> {
    /// Where it was sent.
    #[schema(example = "general")]
    pub room: &'a str,
    /// The offset of the event that made it.
    #[schema(example = 42)]
    pub offset: u64,
    /// Who sent it.
    pub sender: User<'a>,
    /// The text as it was sent.
    #[schema(example = "Good morning")]
    pub text: &'a str,
    /// The same as HTML, of the tags and attributes of chat-markup alone; only where the call's `format` is `html`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "<p dir=\"auto\">Good morning</p>")]
    pub html: Option<String>,
    /// What the sending application added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<&'a RawValue>,
    /// The files that it brings; left out where it brings none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub attachments: Vec<Attachment<'a>>,
    /// The message it answers, in the same room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// What it answers, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote<'a>>,
    /// Whom it calls; left out where it calls nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Mentions<'a>>,
    /// The thread that it is in or has begun; left out where it answers nothing and has no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// The sender's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was edited last; left out where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Time>,
    /// When it was deleted: only its place is left then, with an empty text. Left out where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Time>,
    /// From when on nobody is shown what it says; left out where it does not expire, or is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    /// What was put on it, in the order in which each came first. Left out where there is nothing, and in events, since those
    /// about reactions say how many there are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub reactions: Vec<ReactionCount<'a>>,
    /// Whether the caller is not shown what it says, since they have blocked its sender; left out where they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub withheld: bool,
}

/// What a message said before it was edited or deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Version<'a> {
    /// The offset of the event that replaced it.
    #[schema(example = 43)]
    pub offset: u64,
    /// When that was.
    #[schema(value_type = String, format = DateTime)]
    pub replaced_at: Time,
    /// Who replaced it.
    pub replaced_by: User<'a>,
    /// The text.
    #[schema(example = "Good mornign")]
    pub text: &'a str,
    /// The data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub data: Option<&'a RawValue>,
}
