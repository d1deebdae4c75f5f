//! The page to chat in, as actix services: built in and cached for ever, or a folder on the disk while somebody works on it.
//!
//! The page is plain HTML, style sheets and modules; it speaks to the HTTP API and the socket of the same origin, and this crate
//! knows neither. `/` is its document, which is asked for anew each time; all other files lie below `/web/` and a hash of all of
//! them, and may be kept for a year: with any change there are new addresses. Every answer carries the policy that
//! keeps what users write from becoming part of the page.

mod bundle;
mod error;
mod folder;
mod headers;
mod kind;
mod page;
mod service;

pub use error::WebError;
pub use page::Page;
pub use service::configure;
