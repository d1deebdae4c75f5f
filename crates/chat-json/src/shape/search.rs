//! What searches find.

use serde::Serialize;
use utoipa::ToSchema;

use super::Message;

/// A message that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Found<'a> {
    /// The message as it stands.
    pub message: Message<'a>,
    /// Where in its text, in order, at most 100: each from a UTF-16 code unit to before another, as `slice` of a string in
    /// JavaScript takes them.
    #[schema(example = json!([[4, 10]]))]
    pub highlights: Vec<[u32; 2]>,
}

impl<'a> From<&'a chat_core::Found> for Found<'a> {
    fn from(found: &'a chat_core::Found) -> Found<'a> {
        let highlights = found.highlights.iter().map(|(start, end)| [*start, *end]).collect();
        Found { message: Message::from(&found.message), highlights }
    }
}
