//! In which form messages are wished for.

use crate::parse::Word;

/// In which form messages are wished for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Their text as it was sent.
    #[default]
    Text,
    /// Their text as HTML as well.
    Html,
}

impl Word for Format {
    fn read(text: &str) -> Result<Format, &'static str> {
        match text {
            "text" => Ok(Format::Text),
            "html" => Ok(Format::Html),
            _ => Err("text or html"),
        }
    }
}
