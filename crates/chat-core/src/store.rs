//! What the chat needs of a store.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::{
    Ban, Block, Bookmark, BookmarkCursor, ChatError, Command, Due, Event, FollowedThread, InboxCursor,
    InboxRoom, Member, Message, Offset, Outcome, OverseenCursor, OverseenReport, Pin, Profile, Reacted,
    Reaction, ReadMark, Report, ReportCursor, Reported, Role, Room, RoomId, Scheduled, ScheduledChanges,
    ScheduledCursor, ScheduledId, Search, SearchPage, Settled, Settlement, Status, StatusChanges,
    ThreadCursor, ThreadView, Timestamp, UserId, Version,
};

/// Keeps rooms, their members and their logs.
///
/// A store runs [`rules::decide`](crate::rules::decide) inside the transaction that keeps its result, gives
/// the events to its [`Backplane`](crate::Backplane) after the commit, in commit order, and only then
/// answers. Reads see every change that was answered before they began.
///
/// Every method fails with [`ChatError::Unavailable`] when the store cannot be used now.
#[async_trait]
pub trait RoomStore: Send + Sync + 'static {
    /// Carries out a command.
    ///
    /// The command takes its place in the order when this is called, not when the future is first polled:
    /// two commands about the same room, submitted one after the other, are carried out in that order.
    /// Dropping the future does not take the command back.
    ///
    /// # Errors
    /// Whatever [`rules::decide`](crate::rules::decide) refuses.
    fn submit(&self, command: Command) -> BoxFuture<'static, Result<Outcome, ChatError>>;

    /// The room, and the viewer's role in it. None for a room that is not there or was deleted; whether the
    /// viewer may know of it is for the caller to judge.
    async fn room(&self, room: &RoomId, viewer: UserId) -> Result<Option<Access>, ChatError>;

    /// A page of rooms in the order of their ids, after `after`, at most `limit`: the public ones, or those
    /// the viewer is a member of.
    async fn rooms(
        &self,
        viewer: UserId,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError>;

    /// A page of a room's members in the order of their ids, after `after`, at most `limit`.
    async fn members(
        &self,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError>;

    /// One member of a room.
    async fn member(&self, room: &RoomId, user: UserId) -> Result<Option<Member>, ChatError>;

    /// A page of a room's messages in the order of their offsets, at most `limit`: those nearest to the
    /// range's end that it starts from, as they stand for this viewer.
    async fn messages(
        &self,
        room: &RoomId,
        viewer: UserId,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError>;

    /// A page of what a message said before, in the order in which it was replaced, after `after`, at most `limit`.
    async fn versions(
        &self,
        room: &RoomId,
        message: Offset,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Version>, ChatError>;

    /// One message, as it stands for this viewer.
    async fn message(
        &self,
        room: &RoomId,
        viewer: UserId,
        offset: Offset,
    ) -> Result<Option<Message>, ChatError>;

    /// The thread that begins with this message, for this viewer; none where there is no such message.
    async fn thread(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
    ) -> Result<Option<ThreadView>, ChatError>;

    /// A page of a thread's replies, as [`RoomStore::messages`].
    async fn replies(
        &self,
        room: &RoomId,
        viewer: UserId,
        root: Offset,
        range: Range,
        limit: usize,
    ) -> Result<Vec<Message>, ChatError>;

    /// A page of the threads that a user follows in their rooms, those first where somebody replied last, then in the order of
    /// their rooms' ids and the latest first, after `after`, at most `limit`.
    async fn followed(
        &self,
        user: UserId,
        after: Option<ThreadCursor>,
        limit: usize,
    ) -> Result<Vec<FollowedThread>, ChatError>;

    /// Keeps whether a user follows a thread. Who begins a thread or replies in it follows it by that.
    async fn follow(
        &self,
        room: &RoomId,
        user: UserId,
        root: Offset,
        following: bool,
    ) -> Result<(), ChatError>;

    /// Marks a room as read up to an event by one of its members, or with `back` the event and what follows it as unread;
    /// the mark as it stands then, and whether it was another before. None for a user who is no member.
    async fn mark(
        &self,
        room: &RoomId,
        user: UserId,
        offset: Offset,
        back: bool,
    ) -> Result<Option<(ReadMark, bool)>, ChatError>;

    /// A page of the members who have read up to a message or further, but its sender, in the order of their ids, after
    /// `after`, at most `limit`.
    async fn readers(
        &self,
        message: &Message,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Profile>, ChatError>;

    /// A page of a user's rooms, the most active first and in the order of their ids among equals, after `after`, at most
    /// `limit`. Of the direct rooms that others have opened, those where there is something to see.
    async fn inbox(
        &self,
        user: UserId,
        after: Option<InboxCursor>,
        limit: usize,
    ) -> Result<Vec<InboxRoom>, ChatError>;

    /// Has a user block another; the block as it stands then, and whether it is new.
    ///
    /// # Errors
    /// [`ChatError::LimitReached`] for more than [`Limits::blocks_per_user`](crate::Limits::blocks_per_user), about.
    async fn block(&self, user: UserId, block: Block) -> Result<(Block, bool), ChatError>;

    /// Ends a block, if there is one.
    async fn unblock(&self, user: UserId, other: UserId) -> Result<(), ChatError>;

    /// A page of those whom a user has blocked, in the order of their ids, after `after`, at most `limit`.
    async fn blocks(
        &self,
        user: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Block>, ChatError>;

    /// Has a user bookmark a message, with this note or the one that it has: the note and since when, as they stand then, and
    /// whether it is new.
    ///
    /// # Errors
    /// [`ChatError::RoomNotFound`]; [`ChatError::LimitReached`] for more than
    /// [`Limits::bookmarks_per_user`](crate::Limits::bookmarks_per_user) in rooms that are there, about.
    async fn bookmark(
        &self,
        user: UserId,
        message: &Message,
        note: Option<String>,
    ) -> Result<(String, Timestamp, bool), ChatError>;

    /// Ends a bookmark; whether there was one.
    async fn unbookmark(&self, user: UserId, room: &RoomId, message: Offset) -> Result<bool, ChatError>;

    /// A page of a user's bookmarks, the latest first, then by the ids of their rooms, and the latest messages first, after `after`, at
    /// most `limit`; without those in rooms that the user may not read ([`rules::may_read`](crate::rules::may_read)).
    async fn bookmarks(
        &self,
        user: UserId,
        after: Option<BookmarkCursor>,
        limit: usize,
    ) -> Result<Vec<Bookmark>, ChatError>;

    /// Keeps a message to be sent later; as it stands then, and whether it is new: one of the same user and room that waits under
    /// the same `client_id` is that one.
    ///
    /// # Errors
    /// [`ChatError::LimitReached`] for more than [`Limits::scheduled_per_user`](crate::Limits::scheduled_per_user), about.
    async fn schedule(&self, new: Scheduled) -> Result<(Scheduled, bool), ChatError>;

    /// One message of a user that is sent later.
    async fn scheduled(&self, user: UserId, id: &ScheduledId) -> Result<Option<Scheduled>, ChatError>;

    /// A page of a user's messages that are sent later, to one room or all, in the order of their times and ids, after `after`, at
    /// most `limit`.
    async fn all_scheduled(
        &self,
        user: UserId,
        room: Option<RoomId>,
        after: Option<ScheduledCursor>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ChatError>;

    /// Changes one; as it stands then. It waits for its time, whatever came of it before.
    ///
    /// # Errors
    /// [`ChatError::ScheduledNotFound`]; [`ChatError::BeingSent`] while a node has it for itself at `now`.
    async fn reschedule(
        &self,
        user: UserId,
        id: &ScheduledId,
        changes: ScheduledChanges,
        now: Timestamp,
    ) -> Result<Scheduled, ChatError>;

    /// Removes one.
    ///
    /// # Errors
    /// As [`RoomStore::reschedule`].
    async fn unschedule(&self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<(), ChatError>;

    /// Takes what is due at `now`, for the caller alone until `until`, at most `limit`: of each user and room only the first that
    /// was not refused, so that nothing overtakes it.
    async fn take_due(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Due>, ChatError>;

    /// When the next one is due, or the next after this moment; none where nothing waits.
    async fn next_due(&self, after: Option<Timestamp>) -> Result<Option<Timestamp>, ChatError>;

    /// Keeps what came of one that was taken until then; nothing if it is not the caller's any more.
    async fn settle(
        &self,
        id: &ScheduledId,
        taken_until: Timestamp,
        settled: Settled,
    ) -> Result<(), ChatError>;

    /// What is kept of these users, of those of whom there is something, in no order.
    async fn statuses(&self, users: &[UserId]) -> Result<Vec<(UserId, Status)>, ChatError>;

    /// Changes what is kept of a user; all of it as it stands then.
    async fn change_status(&self, user: UserId, changes: StatusChanges) -> Result<Status, ChatError>;

    /// Keeps when users were there; none is taken back to an earlier time.
    async fn saw(&self, users: &[(UserId, Timestamp)]) -> Result<(), ChatError>;

    /// A page of those who have put a reaction on a message, in the order in which they did, after the event `after`, at
    /// most `limit`.
    async fn reacted(
        &self,
        room: &RoomId,
        message: Offset,
        reaction: &Reaction,
        after: Offset,
        limit: usize,
    ) -> Result<Vec<Reacted>, ChatError>;

    /// A page of a room's pinned messages as they stand for this viewer, the one pinned last first, before the event `before`, at
    /// most `limit`.
    async fn pins(
        &self,
        room: &RoomId,
        viewer: UserId,
        before: Offset,
        limit: usize,
    ) -> Result<Vec<Pin>, ChatError>;

    /// A page of the messages that fit a search, in the rooms that the viewer may read ([`rules::may_read`](crate::rules::may_read)),
    /// at most `limit`; all from one moment. What was committed a moment ago may be missing where much was committed.
    async fn search(&self, viewer: UserId, search: &Search, limit: usize) -> Result<SearchPage, ChatError>;

    /// Part of a room's log as far as it is kept, its messages as they stand, with the room and the viewer's role, all from one
    /// moment. None as for [`RoomStore::room`]. Without a viewer (the hub reads for all) there is no role.
    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError>;

    /// A page of the acts of a room's moderators ([`Event::is_moderation`]), the latest first, before `before`, at most `limit`.
    async fn audit(&self, room: &RoomId, before: Offset, limit: usize) -> Result<Vec<Arc<Event>>, ChatError>;

    /// A page of the bans from a room that still hold, in the order of the users' ids, after `after`, at most `limit`.
    async fn bans(&self, room: &RoomId, after: Option<UserId>, limit: usize) -> Result<Vec<Ban>, ChatError>;

    /// Keeps a report, unless one of the same reporter about the same message waits; the report that waits then, and whether it
    /// is new.
    ///
    /// # Errors
    /// [`ChatError::MessageNotFound`] for one that the room no longer keeps; [`ChatError::LimitReached`] for more of one reporter
    /// that wait than [`Limits::reports_per_user`](crate::Limits::reports_per_user), about.
    async fn report(&self, report: Report) -> Result<(Report, bool), ChatError>;

    /// A page of a room's reports with the messages as they stand for this viewer, after `after`, at most `limit`: those that
    /// wait, the oldest first, or those that are settled, the latest first.
    async fn reports(
        &self,
        room: &RoomId,
        viewer: UserId,
        settled: bool,
        after: Option<ReportCursor>,
        limit: usize,
    ) -> Result<Vec<Reported>, ChatError>;

    /// Settles the reports of a message that wait; how many that were.
    async fn settle_reports(
        &self,
        room: &RoomId,
        message: Offset,
        settlement: Settlement,
    ) -> Result<u64, ChatError>;

    /// A page of the reports of all rooms that wait, the oldest first, after `after`, at most `limit`, with their messages as they
    /// stand for this viewer, who need not be in the rooms. Those of one moment are in any order, but always in the same.
    async fn all_reports(
        &self,
        viewer: UserId,
        after: Option<OverseenCursor>,
        limit: usize,
    ) -> Result<Vec<OverseenReport>, ChatError>;

    /// A page of all rooms whose ids begin so, of every kind, in the order of these, after `after`, at most `limit`.
    async fn all_rooms(
        &self,
        beginning: &str,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Room>, ChatError>;

    /// The ends of these rooms' logs, in no order; rooms that are not there or were deleted are left out.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Offset)>, ChatError>;

    /// Ends all messages whose time is over at `now`, each once whoever else does so too; when the next one's is.
    async fn expire(&self, now: Timestamp) -> Result<Option<Timestamp>, ChatError>;

    /// Removes the events that are older than their rooms keep them at `now`, with their messages and all that is kept of
    /// these, but not the acts of moderators, which stay to be listed. Of rooms that have a term of their own, or with `all` of
    /// all rooms.
    async fn trim(&self, now: Timestamp, all: bool) -> Result<(), ChatError>;

    /// Whether the store answers; for a health check.
    async fn ready(&self) -> Result<(), ChatError>;
}

/// A room as one user has access to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The room.
    pub room: Room,
    /// The user's role; none for someone who is not a member.
    pub role: Option<Role>,
    /// What keeps the user out now. Lists of rooms do not say so.
    pub ban: Option<Ban>,
}

/// Part of a room's log, all from one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The room and the viewer's role then; `access.room.offset` is the log's end.
    pub access: Access,
    /// The events, in the order of their offsets.
    pub events: Vec<Arc<Event>>,
}

/// Which rooms to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomFilter {
    /// All public rooms.
    Public,
    /// The rooms the viewer is a member of.
    Mine,
}

/// Which part of a log to read, and from which end. What comes back is always in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// What follows this offset, the earliest first.
    After(Offset),
    /// What precedes this offset, the latest ones.
    Before(Offset),
    /// The latest ones.
    Latest,
}
