//! Rooms, members, messages, the log and the hub: a chat without web, database or wire format.
//!
//! The way of a message: a [`Command`] goes to the [`RoomStore`], which decides it by [`rules::decide`] and
//! keeps the resulting [`Event`] in the room's log; then its sender is answered and the event given to the
//! [`Backplane`]; the [`FanOut`] takes it to the [`Hub`], which hands it to every subscription in the order
//! of the log. [`Chat`] is the door to all of it.

pub mod rules;

mod attachment;
mod backplane;
mod block;
mod bookmark;
mod chat;
mod clock;
mod command;
mod comparison;
mod error;
mod event;
mod fan_out;
mod filter;
mod hub;
mod id;
mod limits;
mod memory;
mod mention;
mod message;
mod pin;
mod preview;
mod rate;
mod reaction;
mod read;
mod recovery;
mod report;
mod room;
mod sanction;
mod scheduled;
mod screen;
mod search;
mod status;
mod store;
mod thread;
mod timestamp;
mod user;

pub use attachment::{Attachment, Dimensions, FileLink, FileLinks, NoFiles, Upload, Variant};
pub use backplane::{Arrival, Arrivals, Backplane, LocalBackplane};
pub use block::Block;
pub use bookmark::{Bookmark, BookmarkCursor};
pub use chat::Chat;
pub use clock::Clock;
pub use command::{
    Action, Command, MessageChanges, Needs, NewFilter, NewMessage, NewRoom, Outcome, RoomChanges,
};
pub use comparison::{Comparison, compare_sessions};
pub use error::{ChatError, Problem, Violation};
pub use event::{Event, EventBody, Reacting, RoomState};
pub use fan_out::FanOut;
pub use filter::{FilterAction, WordFilter};
pub use hub::{
    Address, Backpressure, Channel, CloseReason, Connection, EndReason, Hub, Notice, Outbox, Outlet,
    OwnChange, PendingSubscription, Presence, Push, RoomSignal, Signal, TooManyConnections, WireFormat,
};
pub use id::{
    ClientId, Epoch, InvalidId, Offset, Position, RoomId, ScheduledId, SessionId, UploadId, UserId,
};
pub use limits::{Limits, Rate};
pub use memory::MemoryStore;
pub use mention::Mentions;
pub use message::{Message, Version};
pub use pin::Pin;
pub use preview::{Preview, Previewer};
pub use rate::KeyedLimiter;
pub use reaction::{Reacted, Reaction, ReactionCount};
pub use read::{InboxCursor, InboxRoom, ReadMark};
pub use recovery::{Recovery, Since, Subscribed};
pub use report::{OverseenCursor, OverseenReport, Report, ReportCursor, Reported, Settlement, Verdict};
pub use room::{Member, Role, Room, RoomKind};
pub use rules::{Decision, Facts, Permission};
pub use sanction::{Ban, Sanction};
pub use scheduled::{Due, Failure, Scheduled, ScheduledChanges, ScheduledCursor, Settled};
pub use screen::{Draft, Judgement, Screen};
pub use search::{
    Found, Highlight, Hit, Query, Search, SearchCursor, SearchOrder, SearchPage, SearchPlace, Term,
    index_words,
};
pub use status::{Availability, Status, StatusChanges, UserPresence};
pub use store::{Access, Log, Range, RoomFilter, RoomStore};
pub use thread::{FollowedThread, Quote, Thread, ThreadCursor, ThreadView};
pub use timestamp::Timestamp;
pub use user::{AuthError, Authenticator, Directory, Identity, NoDirectory, Profile};
