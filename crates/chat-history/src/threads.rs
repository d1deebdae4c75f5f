//! Threads in their tables.

use std::collections::{HashMap, HashSet};

use chat_core::{
    Event, FollowedThread, Message, Offset, Profile, Quote, RoomId, Thread, ThreadCursor, ThreadView,
    Timestamp, UserId,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

use crate::error::HistoryError;
use crate::prepared::prepared;
use crate::row::{self, SenderRow, stored};
use crate::schema::{follows, messages};
use crate::{dialect, read};

type Result<T> = std::result::Result<T, HistoryError>;

#[derive(Serialize, Deserialize)]
struct StoredQuote {
    user: i64,
    username: String,
    display_name: String,
    text: String,
}

/// What a reply keeps of the message that it answers.
pub(crate) fn write_quote(quote: &Quote) -> String {
    let stored = StoredQuote {
        user: quote.sender.id.get(),
        username: quote.sender.username.clone(),
        display_name: quote.sender.display_name.clone(),
        text: quote.text.clone(),
    };
    // Texts and a number can always be written.
    serde_json::to_string(&stored).unwrap_or_default()
}

pub(crate) fn read_quote(text: &str) -> Result<Quote> {
    let damaged = |detail: String| HistoryError::Damaged { table: "messages", detail };
    let stored: StoredQuote = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    let id = UserId::new(stored.user).map_err(|error| damaged(error.to_string()))?;
    let sender = Profile { id, username: stored.username, display_name: stored.display_name };
    Ok(Quote { sender, text: stored.text })
}

/// The threads that begin with the messages at these places, rooms and offsets, each with the key of its room.
pub(crate) fn find(connection: &mut Connection, roots: &[(i64, i64)]) -> Result<Vec<(i64, Thread)>> {
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    let thread = |(key, root, replies, last): (i64, i64, Option<i64>, Option<i64>)| {
        let root = row::offset("messages", root)?;
        let last_reply = last.map(|last| row::offset("messages", last)).transpose()?;
        let replies = u64::try_from(replies.unwrap_or(0)).unwrap_or(0);
        Ok(last_reply.map(|last_reply| (key, Thread { root, replies, last_reply })))
    };
    let rows = dialect::find_threads(connection, roots)?;
    rows.into_iter().map(thread).filter_map(Result::transpose).collect()
}

/// Has the replies among these messages of a room show their threads as they stand.
pub(crate) fn attach<'a>(
    connection: &mut Connection,
    key: i64,
    messages: impl Iterator<Item = &'a mut Message>,
) -> Result<()> {
    let replies: Vec<_> = messages.filter(|message| message.is_reply()).collect();
    let roots: HashSet<_> = replies.iter().map(|reply| (key, stored(reply.root()))).collect();
    let threads: HashMap<Offset, Thread> = find(connection, &roots.into_iter().collect::<Vec<_>>())?
        .into_iter()
        .map(|(_, thread)| (thread.root, thread))
        .collect();
    for reply in replies {
        reply.thread = threads.get(&reply.root()).copied().or(reply.thread);
    }
    Ok(())
}

/// Keeps how a thread stands.
pub(crate) fn keep(connection: &mut Connection, key: i64, thread: &Thread) -> Result<()> {
    let row = messages::table.find((key, stored(thread.root)));
    let values = (
        messages::replies.eq(i64::try_from(thread.replies).unwrap_or(i64::MAX)),
        messages::last_reply.eq(stored(thread.last_reply)),
    );
    on_backend!(connection, c => diesel::update(row).set(values).execute(c))?;
    Ok(())
}

/// Keeps who follows a thread from now on because of an event.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    let Some(message) = event.created().filter(|message| message.is_reply()) else { return Ok(()) };
    for user in message.new_followers().into_iter().flatten() {
        follow(connection, key, user, message.root(), true)?;
    }
    Ok(())
}

/// Keeps whether a user follows a thread.
pub(crate) fn follow(
    connection: &mut Connection,
    key: i64,
    user: UserId,
    root: Offset,
    following: bool,
) -> Result<()> {
    let row = (user.get(), key, stored(root));
    if following {
        let values = (follows::user_id.eq(row.0), follows::room_key.eq(row.1), follows::thread.eq(row.2));
        on_backend!(connection, c => diesel::insert_into(follows::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(c))?;
    } else {
        on_backend!(connection, c => diesel::delete(follows::table.find(row)).execute(c))?;
    }
    Ok(())
}

/// A thread as one user sees it.
pub(crate) fn view(
    connection: &mut Connection,
    id: &RoomId,
    viewer: UserId,
    root: Offset,
    now: Timestamp,
) -> Result<Option<ThreadView>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(None) };
    let Some(message) = read::message(connection, id, viewer, root, now)? else { return Ok(None) };
    let senders: Vec<SenderRow> = on_backend!(&mut *connection, c => messages::table
        .filter(messages::room_key.eq(key).and(messages::thread.eq(stored(root))))
        .filter(messages::deleted_at.is_null().and(messages::withheld.is_null()))
        .order(messages::offset.desc())
        .limit(row::count(ThreadView::LOOKED_THROUGH))
        .select(SenderRow::as_select())
        .load(c))?;
    let mut seen = HashSet::new();
    let mut participants = Vec::new();
    for sender in senders {
        let sender = sender.profile()?;
        if seen.insert(sender.id) && participants.len() < ThreadView::PARTICIPANTS {
            participants.push(sender);
        }
    }
    let row = follows::table.find((viewer.get(), key, stored(root))).select(follows::thread);
    let follows: Option<i64> = on_backend!(connection, c => row.first(c)).optional()?;
    Ok(Some(ThreadView { message, participants, following: follows.is_some() }))
}

prepared! {
    /// A page of the threads that a user follows in their rooms, in the order of what came last, with the replies of others
    /// that are unread; `at`, `id` and `root` are the place after which to begin.
    Followed { user: i64, at: i64, id: String, root: i64, limit: i64 } -> (BigInt, Text, BigInt, BigInt, BigInt),
    r#"SELECT p.key, p.id, p.root, p.active_at,
        (SELECT count(*) FROM (
            SELECT 1 FROM messages AS u
            WHERE u.room_key = p.key AND u.thread = p.root AND u."offset" > p.read_offset
                AND u.deleted_at IS NULL AND u.withheld IS NULL AND u.sender_id <> "# (user: BigInt)
    r#" LIMIT 1000) AS c)
        FROM (
            SELECT r.key, r.id, f.thread AS root, m.read_offset, l.created_at AS active_at
            FROM follows AS f
            JOIN members AS m ON m.room_key = f.room_key AND m.user_id = f.user_id
            JOIN rooms AS r ON r.key = f.room_key
            JOIN messages AS t ON t.room_key = f.room_key AND t."offset" = f.thread
            JOIN messages AS l ON l.room_key = f.room_key AND l."offset" = coalesce(t.last_reply, f.thread)
            WHERE f.user_id = "# (user: BigInt)
    " AND (l.created_at < " (at: BigInt)
    " OR (l.created_at = " (at: BigInt)
    " AND (r.id > " (id: Text)
    " OR (r.id = " (id: Text)
    " AND f.thread < " (root: BigInt)
    "))))
            ORDER BY l.created_at DESC, r.id, f.thread DESC LIMIT " (limit: BigInt)
    ") AS p ORDER BY p.active_at DESC, p.id, p.root DESC"
}

/// A page of the threads that a user follows, those first where somebody replied last.
pub(crate) fn followed(
    connection: &mut Connection,
    user: UserId,
    after: Option<&ThreadCursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<FollowedThread>> {
    let (at, id, root) = after.map_or((i64::MAX, "", 0), |after| {
        (after.active_at.as_micros(), after.room.as_str(), stored(after.root))
    });
    let query = Followed { user: user.get(), at, id: id.to_owned(), root, limit: row::count(limit) };
    let rows: Vec<(i64, String, i64, i64, i64)> = on_backend!(&mut *connection, c => query.load(c))?;
    let mut followed = Vec::with_capacity(rows.len());
    for (key, id, root, active_at, unread) in rows {
        let found = dialect::find_messages(connection, &[(key, root)])?;
        let found = found.into_iter().map(|(_, row)| row);
        let seen = read::seen(connection, key, &row::room_id(&id)?, user, found, now)?;
        followed.extend(seen.into_iter().map(|message| FollowedThread {
            message,
            unread: u64::try_from(unread).unwrap_or(0),
            active_at: Timestamp::from_micros(active_at),
        }));
    }
    Ok(followed)
}
