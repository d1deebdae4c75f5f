//! Who has blocked whom, in its table.

use std::collections::HashSet;

use chat_core::{Block, ChatError, Profile, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::row;
use crate::schema::blocks;

type Result<T> = std::result::Result<T, HistoryError>;

/// Has a user block another; the block as it stands then, and whether it is new.
pub(crate) fn block(
    connection: &mut Connection,
    user: UserId,
    block: Block,
    limit: u64,
) -> Result<(Block, bool)> {
    let before = UserId::new(block.user.id.get() - 1).ok();
    if let Some(known) = list(connection, user, before, 1)?.pop().filter(|it| it.user.id == block.user.id) {
        return Ok((known, false));
    }
    let own = blocks::table.filter(blocks::user_id.eq(user.get())).count();
    let count: i64 = on_backend!(&mut *connection, c => own.get_result(c))?;
    if u64::try_from(count).unwrap_or(0) >= limit {
        return Err(ChatError::LimitReached { what: "blocked users", limit }.into());
    }
    let row = (
        blocks::user_id.eq(user.get()),
        blocks::blocked_id.eq(block.user.id.get()),
        blocks::username.eq(&block.user.username),
        blocks::display_name.eq(&block.user.display_name),
        blocks::created_at.eq(block.at.as_micros()),
    );
    // Another node may have been quicker.
    let insert = diesel::insert_into(blocks::table).values(row).on_conflict_do_nothing();
    on_backend!(connection, c => insert.execute(c))?;
    Ok((block, true))
}

/// Ends a block, if there is one.
pub(crate) fn unblock(connection: &mut Connection, user: UserId, other: UserId) -> Result<()> {
    let row = blocks::table.find((user.get(), other.get()));
    on_backend!(connection, c => diesel::delete(row).execute(c))?;
    Ok(())
}

/// A page of those whom a user has blocked.
pub(crate) fn list(
    connection: &mut Connection,
    user: UserId,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Block>> {
    let own = blocks::table
        .filter(blocks::user_id.eq(user.get()))
        .filter(blocks::blocked_id.gt(after.map_or(0, UserId::get)))
        .order(blocks::blocked_id)
        .limit(row::count(limit))
        .select((blocks::blocked_id, blocks::username, blocks::display_name, blocks::created_at));
    let rows: Vec<(i64, String, String, i64)> = on_backend!(connection, c => own.load(c))?;
    let block = |(id, username, display_name, at)| {
        let id = row::user_id("blocks", id)?;
        Ok(Block { user: Profile { id, username, display_name }, at: Timestamp::from_micros(at) })
    };
    rows.into_iter().map(block).collect()
}

/// Which of these have blocked which: pairs of who may have, and whom.
pub(crate) fn find(
    connection: &mut Connection,
    pairs: &HashSet<(UserId, UserId)>,
) -> Result<HashSet<(UserId, UserId)>> {
    if pairs.is_empty() {
        return Ok(HashSet::new());
    }
    let (by, of): (Vec<i64>, Vec<i64>) = pairs.iter().map(|(by, of)| (by.get(), of.get())).unzip();
    let found = blocks::table
        .filter(blocks::user_id.eq_any(by).and(blocks::blocked_id.eq_any(of)))
        .select((blocks::user_id, blocks::blocked_id));
    let found: Vec<(i64, i64)> = on_backend!(connection, c => found.load(c))?;
    let pair = |(by, of)| Ok((row::user_id("blocks", by)?, row::user_id("blocks", of)?));
    let found: Result<HashSet<_>> = found.into_iter().map(pair).collect();
    Ok(found?.intersection(pairs).copied().collect())
}
