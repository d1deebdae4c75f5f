//! Previews of links: looks at pages of the web for what they say of themselves, and at nothing else.
//!
//! Whoever writes a link has this server ask for it, from where the server stands. So everything here is about what it must
//! not do:
//!
//! - Only `http` and `https` on their own ports, without a user or password, to addresses of the public internet: [`Policy`]
//!   says which, for names and for addresses in links alike, for the first page and for each one that it leads on to. A name
//!   is looked up once for each connection, by [`Resolver`], and what was checked is what is connected to. No proxy of the
//!   environment is asked, no cookie or referrer sent.
//! - Only HTML is read, and of it only so many bytes, counted unpacked; all together has one time-out. Pictures are never
//!   fetched.
//! - What is told is text of a bounded length without control characters. It is kept for a while, what failed too; several
//!   who ask for the same page at once wait for one answer.
//!
//! [`Previews`] is all of it. Whoever has other rules gives it a [`Policy`] and a [`Resolver`] of their own.

mod address;
mod body;
mod cache;
mod connect;
mod error;
mod fetch;
mod page;
mod policy;
mod previews;
mod resolve;
mod settings;
mod target;
mod text;

pub use error::{PreviewsError, Refusal};
pub use policy::{Policy, PublicInternet};
pub use previews::Previews;
pub use resolve::{Resolver, SystemResolver};
pub use settings::Settings;
