//! Which uploads are to be had, and which message has them. The table `uploads` is made and emptied by whoever keeps the
//! bytes; that a message has one stands there, since one row can have but one message, whoever else asks for it, and a row
//! that is being removed none.

use chat_core::{Attachment, Dimensions, Event, EventBody, Offset, Timestamp, Upload, UploadId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::HistoryError;
use crate::row::{stored, user_id};
use crate::schema::uploads;

type Result<T> = std::result::Result<T, HistoryError>;

#[derive(Serialize, Deserialize)]
struct StoredAttachment {
    id: String,
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    picture: Option<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thumbnail: Option<(u32, u32)>,
}

/// What stands with a message; nothing where it brings no file.
pub(crate) fn write(attachments: &[Attachment]) -> Option<String> {
    if attachments.is_empty() {
        return None;
    }
    let pair = |it: Dimensions| (it.width, it.height);
    let stored = attachments.iter().map(|one| StoredAttachment {
        id: one.id.to_string(),
        name: one.name.clone(),
        media_type: one.media_type.clone(),
        size: one.size,
        picture: one.picture.map(pair),
        thumbnail: one.thumbnail.map(pair),
    });
    // Texts and numbers can always be written.
    Some(serde_json::to_string(&stored.collect::<Vec<_>>()).unwrap_or_default())
}

pub(crate) fn read(text: &str) -> Result<Vec<Attachment>> {
    let stored: Vec<StoredAttachment> =
        serde_json::from_str(text).map_err(|error| damaged("messages", error.to_string()))?;
    let pair = |(width, height)| Dimensions { width, height };
    let one = |stored: StoredAttachment| {
        Ok(Attachment {
            id: stored.id.parse().map_err(|_| damaged("messages", format!("upload {}", stored.id)))?,
            name: stored.name,
            media_type: stored.media_type,
            size: stored.size,
            picture: stored.picture.map(pair),
            thumbnail: stored.thumbnail.map(pair),
        })
    };
    stored.into_iter().map(one).collect()
}

type UploadRow =
    (String, i64, String, Option<String>, i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// Those of these uploads that are complete and that no message has.
pub(crate) fn find(connection: &mut Connection, wanted: &[UploadId]) -> Result<Vec<Upload>> {
    let ids: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let rows: Vec<UploadRow> = on_backend!(connection, c => uploads::table
        .filter(uploads::id.eq_any(&ids))
        .filter(uploads::expires_at.is_not_null().and(uploads::media_type.is_not_null()))
        .select((
            uploads::id,
            uploads::user_id,
            uploads::name,
            uploads::media_type,
            uploads::size,
            uploads::width,
            uploads::height,
            uploads::thumbnail_width,
            uploads::thumbnail_height,
        ))
        .load(c))?;
    rows.into_iter().map(upload).collect()
}

fn upload(
    (id, owner, name, media_type, size, width, height, small_width, small_height): UploadRow,
) -> Result<Upload> {
    let side =
        |pixels: i64| u32::try_from(pixels).map_err(|_| damaged("uploads", format!("{pixels} pixels")));
    let dimensions = |width: Option<i64>, height: Option<i64>| match width.zip(height) {
        Some((width, height)) => Ok(Some(Dimensions { width: side(width)?, height: side(height)? })),
        None => Ok::<_, HistoryError>(None),
    };
    Ok(Upload {
        owner: user_id("uploads", owner)?,
        attachment: Attachment {
            id: id.parse().map_err(|_| damaged("uploads", format!("id {id}")))?,
            name,
            media_type: media_type.unwrap_or_default(),
            size: u64::try_from(size).unwrap_or(0),
            picture: dimensions(width, height)?,
            thumbnail: dimensions(small_width, small_height)?,
        },
    })
}

/// Has a message that an event made keep what it brings.
///
/// # Errors
/// [`HistoryError::Stale`] when another message, or whoever removes uploads, was quicker: the rules know it when they are asked
/// again.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    let EventBody::MessageCreated(message) = &event.body else { return Ok(()) };
    for attachment in &message.attachments {
        let free = uploads::expires_at.is_not_null().and(uploads::media_type.is_not_null());
        let row = uploads::table.filter(uploads::id.eq(attachment.id.to_string())).filter(free);
        let set = (
            uploads::room_key.eq(key),
            uploads::message.eq(stored(message.offset)),
            uploads::expires_at.eq(None::<i64>),
        );
        if on_backend!(&mut *connection, c => diesel::update(row).set(set).execute(c))? == 0 {
            return Err(HistoryError::Stale);
        }
    }
    Ok(())
}

/// Has the uploads of a deleted message removed.
pub(crate) fn release(
    connection: &mut Connection,
    key: i64,
    message: Offset,
    at: Timestamp,
) -> QueryResult<()> {
    let of_message = uploads::room_key.eq(key).and(uploads::message.eq(stored(message)));
    let rows = uploads::table.filter(of_message).filter(uploads::removed_at.is_null());
    let set = uploads::removed_at.eq(at.as_micros());
    on_backend!(connection, c => diesel::update(rows).set(set).execute(c)).map(drop)
}

/// Has the uploads of a deleted room's messages removed, up to and with an offset.
pub(crate) fn release_room(connection: &mut Connection, key: i64, upto: i64) -> QueryResult<()> {
    let of_room = uploads::room_key.eq(key).and(uploads::message.le(upto));
    let rows = uploads::table.filter(of_room).filter(uploads::removed_at.is_null());
    let set = uploads::removed_at.eq(Timestamp::now().as_micros());
    on_backend!(connection, c => diesel::update(rows).set(set).execute(c)).map(drop)
}

fn damaged(table: &'static str, detail: String) -> HistoryError {
    HistoryError::Damaged { table, detail }
}
