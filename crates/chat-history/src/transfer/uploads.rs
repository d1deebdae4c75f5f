//! Uploads on their way from one database to another. Their bytes are moved beside: the names of the objects stay.

use chat_core::UploadId;
use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::export::pages;
use super::import::{ImportError, wrong};
use super::{PAGE, RoomRecord};
use crate::schema::{rooms, uploads};

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
struct Row {
    id: String,
    user_id: i64,
    name: String,
    size: i64,
    received: i64,
    parts: String,
    created_at: i64,
    expires_at: Option<i64>,
    removed_at: Option<i64>,
    media_type: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    thumbnail_type: Option<String>,
    thumbnail_size: Option<i64>,
    thumbnail_width: Option<i64>,
    thumbnail_height: Option<i64>,
    message: Option<i64>,
}

impl Row {
    fn record(self, room: Option<&str>) -> RoomRecord {
        let small = self.thumbnail_width.zip(self.thumbnail_height);
        let thumbnail = self.thumbnail_type.zip(self.thumbnail_size).zip(small);
        RoomRecord::Upload {
            id: self.id,
            user: self.user_id,
            name: self.name,
            size: self.size,
            received: self.received,
            parts: self.parts,
            created_at: self.created_at,
            expires_at: self.expires_at,
            removed_at: self.removed_at,
            media_type: self.media_type,
            picture: self.width.zip(self.height),
            thumbnail: thumbnail.map(|((kind, size), (width, height))| (kind, size, width, height)),
            room: room.map(str::to_owned),
            message: self.message.filter(|_| room.is_some()),
        }
    }
}

/// Gives the uploads of a room's messages, by message and id.
pub(super) fn export_of_room<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    let load = |last: Option<&Row>| {
        let (message, id) = last.map_or((0, ""), |last| (last.message.unwrap_or(0), last.id.as_str()));
        let of_message = uploads::message.eq(message).and(uploads::id.gt(id));
        let after = uploads::message.gt(message).or(of_message);
        let page = uploads::table.filter(uploads::room_key.eq(key)).filter(after);
        let page = page.order((uploads::message, uploads::id)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.select(Row::as_select()).load(c))
    };
    pages(load, |row| give(row.record(Some(room))))
}

/// Gives the uploads that no message has, by id; those of deleted rooms as being removed, since that is what they are.
pub(super) fn export_others<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Of = (Row, Option<i64>);
    let load = |last: Option<&Of>| {
        let after = last.map_or(String::new(), |(last, _)| last.id.clone());
        let page = uploads::table
            .left_join(rooms::table.on(rooms::key.nullable().eq(uploads::room_key)))
            .filter(uploads::id.gt(after))
            .filter(uploads::room_key.is_null().or(rooms::deleted_at.is_not_null()))
            .order(uploads::id)
            .limit(PAGE as i64);
        on_backend!(&mut *connection, c => page
            .select((Row::as_select(), rooms::deleted_at.nullable()))
            .load(c))
    };
    pages(load, |(row, deleted_at): Of| {
        let removed_at = row.removed_at.or(deleted_at);
        give(Row { removed_at, ..row }.record(None))
    })
}

/// Keeps one.
pub(super) fn insert(
    connection: &mut Connection,
    room: Option<i64>,
    record: &RoomRecord,
) -> Result<(), ImportError> {
    let RoomRecord::Upload {
        id,
        user,
        name,
        size,
        received,
        parts,
        created_at,
        expires_at,
        removed_at,
        media_type,
        picture,
        thumbnail,
        message,
        ..
    } = record
    else {
        return Ok(());
    };
    id.parse::<UploadId>().or_else(|error| wrong(format!("id is {id:?}: {error}")))?;
    if room.is_some() != message.is_some() {
        return wrong(format!("the upload {id} with a room or a message alone"));
    }
    let row = (
        uploads::id.eq(id),
        uploads::user_id.eq(user),
        uploads::name.eq(name),
        uploads::size.eq(size),
        uploads::received.eq(received),
        uploads::parts.eq(parts),
        uploads::created_at.eq(created_at),
        uploads::expires_at.eq(*expires_at),
        uploads::removed_at.eq(*removed_at),
        uploads::media_type.eq(media_type),
        (
            uploads::width.eq(picture.map(|it| it.0)),
            uploads::height.eq(picture.map(|it| it.1)),
            uploads::thumbnail_type.eq(thumbnail.as_ref().map(|it| it.0.as_str())),
            uploads::thumbnail_size.eq(thumbnail.as_ref().map(|it| it.1)),
            uploads::thumbnail_width.eq(thumbnail.as_ref().map(|it| it.2)),
            uploads::thumbnail_height.eq(thumbnail.as_ref().map(|it| it.3)),
        ),
        uploads::room_key.eq(room),
        uploads::message.eq(*message),
    );
    on_backend!(connection, c => diesel::insert_into(uploads::table).values(row).execute(c))?;
    Ok(())
}
