//! Asks a service of the application what it thinks of messages, over HTTP, before they are kept.
//!
//! [`HttpScreen`] is a [`Screen`](chat_core::Screen) for [`Chat::with_screen`](chat_core::Chat::with_screen). Each request is
//! signed as [Standard Webhooks](https://www.standardwebhooks.com) has it, for which there are libraries in many languages.

mod error;
mod question;
mod screen;
mod settings;
mod signature;

pub use error::HookError;
pub use screen::HttpScreen;
pub use settings::{HookSecret, HookSettings, OnFailure};
