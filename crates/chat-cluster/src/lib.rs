//! Several nodes of one chat: a [`Backplane`](chat_core::Backplane) on NATS.
//!
//! A node hears of the rooms and users that it has connections for, and of no others. What NATS carries is a hint, never
//! the truth: whatever it loses, the [`Comparison`](chat_core::Comparison) with the log finds.
//!
//! [`NatsBackplane::connect`] gives the backplane for the store and the hub; [`NatsBackplane::run`] keeps it going.

mod asks;
mod backplane;
mod connect;
mod error;
mod incoming;
mod nodes;
mod note;
mod outgoing;
mod settings;
mod subjects;

pub use backplane::NatsBackplane;
pub use error::ClusterError;
pub use settings::ClusterSettings;
