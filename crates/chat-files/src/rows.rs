//! The queries. Each takes a connection, so that several make one transaction.

use chat_core::{Dimensions, Timestamp, UploadId, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::FilesError;
use crate::parts::{self, Part};
use crate::picture::Picture;
use crate::schema::{messages, uploads};

/// An upload as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub id: UploadId,
    pub owner: UserId,
    pub name: String,
    pub size: u64,
    pub received: u64,
    pub parts: Vec<Part>,
    /// None once a message has it.
    pub expires_at: Option<Timestamp>,
    /// None until all bytes are there and have been looked at.
    pub media_type: Option<String>,
    pub picture: Option<Dimensions>,
    pub thumbnail: Option<Small>,
}

/// The small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Small {
    pub media_type: String,
    pub bytes: u64,
    pub size: Dimensions,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
struct Columns {
    id: String,
    user_id: i64,
    name: String,
    size: i64,
    received: i64,
    parts: String,
    expires_at: Option<i64>,
    media_type: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    thumbnail_type: Option<String>,
    thumbnail_size: Option<i64>,
    thumbnail_width: Option<i64>,
    thumbnail_height: Option<i64>,
}

impl Columns {
    /// None for a row that holds what was never written into it.
    fn row(self) -> Option<Row> {
        let dimensions = |width: Option<i64>, height: Option<i64>| {
            let side = |pixels: Option<i64>| u32::try_from(pixels?).ok();
            Some(Dimensions { width: side(width)?, height: side(height)? })
        };
        let small = dimensions(self.thumbnail_width, self.thumbnail_height);
        let thumbnail = small.zip(self.thumbnail_type).zip(self.thumbnail_size);
        let thumbnail = thumbnail.map(|((size, media_type), bytes)| {
            Some(Small { media_type, bytes: u64::try_from(bytes).ok()?, size })
        });
        Some(Row {
            id: self.id.parse().ok()?,
            owner: UserId::new(self.user_id).ok()?,
            name: self.name,
            size: u64::try_from(self.size).ok()?,
            received: u64::try_from(self.received).ok()?,
            parts: parts::read(&self.parts)?,
            expires_at: self.expires_at.map(Timestamp::from_micros),
            media_type: self.media_type,
            picture: dimensions(self.width, self.height),
            thumbnail: thumbnail.flatten(),
        })
    }
}

pub(crate) fn find(connection: &mut Connection, id: UploadId) -> Result<Option<Row>, FilesError> {
    let row = uploads::table.find(id.to_string()).filter(uploads::removed_at.is_null());
    let columns: Option<Columns> =
        on_backend!(connection, c => row.select(Columns::as_select()).first(c)).optional()?;
    let row = columns.map(Columns::row);
    if row == Some(None) {
        log::error!("the table uploads has a row that cannot be: {id}");
    }
    Ok(row.flatten())
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// How many uploads of a user no message has, and how many bytes they were announced with.
pub(crate) fn count(connection: &mut Connection, owner: UserId) -> Result<(u64, u64), FilesError> {
    let own =
        uploads::table.filter(uploads::user_id.eq(owner.get())).filter(uploads::expires_at.is_not_null());
    let sizes: Vec<i64> = on_backend!(connection, c => own.select(uploads::size).load(c))?;
    let bytes = sizes.iter().map(|size| u64::try_from(*size).unwrap_or(0)).sum();
    Ok((sizes.len() as u64, bytes))
}

pub(crate) fn insert(connection: &mut Connection, row: &Row, now: Timestamp) -> Result<(), FilesError> {
    let values = (
        uploads::id.eq(row.id.to_string()),
        uploads::user_id.eq(row.owner.get()),
        uploads::name.eq(&row.name),
        uploads::size.eq(number(row.size)),
        uploads::received.eq(0),
        uploads::parts.eq(""),
        uploads::created_at.eq(now.as_micros()),
        uploads::expires_at.eq(row.expires_at.map(Timestamp::as_micros)),
    );
    on_backend!(connection, c => diesel::insert_into(uploads::table).values(values).execute(c))?;
    Ok(())
}

/// Counts a part that is kept, unless others were counted or the upload removed since `row` was read.
pub(crate) fn append(connection: &mut Connection, row: &Row, before: u64) -> Result<bool, FilesError> {
    let as_read = uploads::received.eq(number(before)).and(uploads::expires_at.is_not_null());
    let one = uploads::table.filter(uploads::id.eq(row.id.to_string())).filter(as_read);
    let set = (
        uploads::received.eq(number(row.received)),
        uploads::parts.eq(parts::write(&row.parts)),
        uploads::expires_at.eq(row.expires_at.map(Timestamp::as_micros)),
    );
    Ok(on_backend!(connection, c => diesel::update(one).set(set).execute(c))? > 0)
}

/// Keeps what an upload is; from now on a message may have it. False where that is known, or the upload removed.
pub(crate) fn complete(
    connection: &mut Connection,
    id: UploadId,
    media_type: &str,
    picture: Option<&Picture>,
    expires_at: Timestamp,
) -> Result<bool, FilesError> {
    let open = uploads::media_type.is_null().and(uploads::expires_at.is_not_null());
    let one = uploads::table.filter(uploads::id.eq(id.to_string())).filter(open);
    let small = picture.and_then(|picture| picture.thumbnail.as_ref());
    let set = (
        uploads::media_type.eq(media_type),
        uploads::width.eq(picture.map(|it| i64::from(it.size.width))),
        uploads::height.eq(picture.map(|it| i64::from(it.size.height))),
        uploads::thumbnail_type.eq(small.map(|it| it.media_type)),
        uploads::thumbnail_size.eq(small.map(|it| number(it.bytes.len() as u64))),
        uploads::thumbnail_width.eq(small.map(|it| i64::from(it.size.width))),
        uploads::thumbnail_height.eq(small.map(|it| i64::from(it.size.height))),
        uploads::expires_at.eq(expires_at.as_micros()),
    );
    Ok(on_backend!(connection, c => diesel::update(one).set(set).execute(c))? > 0)
}

/// Has an upload removed that no message has; false where one has it.
pub(crate) fn abandon(connection: &mut Connection, id: UploadId, now: Timestamp) -> Result<bool, FilesError> {
    let free =
        uploads::table.filter(uploads::id.eq(id.to_string())).filter(uploads::expires_at.is_not_null());
    let set = (uploads::removed_at.eq(now.as_micros()), uploads::expires_at.eq(None::<i64>));
    Ok(on_backend!(connection, c => diesel::update(free).set(set).execute(c))? > 0)
}

/// Has uploads removed whose term has ended, at most `limit`.
pub(crate) fn expire(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<usize, FilesError> {
    let ended = uploads::expires_at.lt(now.as_micros());
    let some = uploads::table.filter(ended).order(uploads::expires_at).select(uploads::id).limit(limit);
    let ids: Vec<String> = on_backend!(&mut *connection, c => some.load(c))?;
    // Asked again: a message may have taken one meanwhile.
    let rows = uploads::table.filter(uploads::id.eq_any(&ids)).filter(ended);
    let set = (uploads::removed_at.eq(now.as_micros()), uploads::expires_at.eq(None::<i64>));
    Ok(on_backend!(connection, c => diesel::update(rows).set(set).execute(c))?)
}

/// The uploads that have been being removed since before `until`, at most `limit`.
pub(crate) fn removed(
    connection: &mut Connection,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<UploadId>, FilesError> {
    let rows = uploads::table
        .filter(uploads::removed_at.le(until.as_micros()))
        .order(uploads::removed_at)
        .select(uploads::id)
        .limit(limit);
    let ids: Vec<String> = on_backend!(connection, c => rows.load(c))?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// Forgets uploads of which nothing is left.
pub(crate) fn forget(connection: &mut Connection, ids: &[UploadId]) -> Result<(), FilesError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows = uploads::table.filter(uploads::id.eq_any(ids)).filter(uploads::removed_at.is_not_null());
    on_backend!(connection, c => diesel::delete(rows).execute(c))?;
    Ok(())
}

/// Looks through the uploads that messages have, in the order of their ids after `after`, at most `limit`, and has those removed
/// whose message is deleted or no longer there. The last one that it has looked at, and none at the end.
pub(crate) fn sweep(
    connection: &mut Connection,
    after: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Option<String>, FilesError> {
    let by = messages::room_key
        .nullable()
        .eq(uploads::room_key)
        .and(messages::offset.nullable().eq(uploads::message));
    type Looked = (String, Option<i64>, Option<i64>);
    let page = uploads::table
        .left_join(messages::table.on(by))
        .filter(uploads::id.gt(after))
        .filter(uploads::room_key.is_not_null().and(uploads::removed_at.is_null()))
        .order(uploads::id)
        .limit(limit);
    let rows: Vec<Looked> = on_backend!(&mut *connection, c => page
        .select((uploads::id, messages::room_key.nullable(), messages::deleted_at.nullable()))
        .load(c))?;
    let lost: Vec<&str> = rows
        .iter()
        .filter(|(_, there, deleted_at)| there.is_none() || deleted_at.is_some())
        .map(|(id, ..)| id.as_str())
        .collect();
    if !lost.is_empty() {
        let lost = uploads::table.filter(uploads::id.eq_any(lost));
        let set = uploads::removed_at.eq(now.as_micros());
        on_backend!(connection, c => diesel::update(lost).set(set).execute(c))?;
    }
    Ok(rows.last().map(|(id, ..)| id.clone()))
}
