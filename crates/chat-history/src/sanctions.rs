//! Who is muted in a room or banned from it, in their table.

use chat_core::{Ban, Event, EventBody, Profile, RoomId, Sanction, Timestamp, UserId};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use crate::error::HistoryError;
use crate::schema::sanctions;
use crate::{read, row};

type Result<T> = std::result::Result<T, HistoryError>;

/// A ban without an end, as it is kept.
const EVER: i64 = i64::MAX;

type SanctionRow = (i64, String, String, Option<i64>, Option<i64>, String);

fn sanction(row: SanctionRow) -> Result<Sanction> {
    let (id, username, display_name, muted_until, banned_until, reason) = row;
    let user = Profile { id: row::user_id("sanctions", id)?, username, display_name };
    let ban = banned_until.map(|until| Ban { user, until: end(until), reason });
    Ok(Sanction { muted_until: muted_until.map(Timestamp::from_micros), ban })
}

/// When a ban that is kept so ends.
pub(crate) fn end(until: i64) -> Option<Timestamp> {
    (until < EVER).then(|| Timestamp::from_micros(until))
}

/// What a user has incurred in a room.
pub(crate) fn find(connection: &mut Connection, key: i64, user: UserId) -> Result<Option<Sanction>> {
    let row = sanctions::table.find((key, user.get())).select((
        sanctions::user_id,
        sanctions::username,
        sanctions::display_name,
        sanctions::muted_until,
        sanctions::banned_until,
        sanctions::reason,
    ));
    let row: Option<SanctionRow> = on_backend!(connection, c => row.first(c)).optional()?;
    row.map(sanction).transpose()
}

/// Keeps what an event does to what users have incurred.
pub(crate) fn apply(connection: &mut Connection, key: i64, event: &Event) -> Result<()> {
    match &event.body {
        EventBody::MemberBanned(ban) => {
            let until = ban.until.map_or(EVER, Timestamp::as_micros);
            put(connection, key, &ban.user)?;
            let set = (sanctions::banned_until.eq(until), sanctions::reason.eq(&ban.reason));
            let row = sanctions::table.find((key, ban.user.id.get()));
            on_backend!(connection, c => diesel::update(row).set(set).execute(c))?;
        }
        EventBody::MemberUnbanned(user) => {
            let row = sanctions::table.find((key, user.id.get()));
            let set = (sanctions::banned_until.eq(None::<i64>), sanctions::reason.eq(""));
            on_backend!(connection, c => diesel::update(row).set(set).execute(c))?;
        }
        EventBody::MemberChanged(member) => {
            let until = member.muted_until.map(Timestamp::as_micros);
            let row = sanctions::table.find((key, member.user.id.get()));
            if until.is_some() {
                put(connection, key, &member.user)?;
            }
            let set = sanctions::muted_until.eq(until);
            on_backend!(connection, c => diesel::update(row).set(set).execute(c))?;
        }
        EventBody::MessageCreated(_)
        | EventBody::MessageEdited(_)
        | EventBody::MessageDeleted(_)
        | EventBody::ReactionAdded(_)
        | EventBody::ReactionRemoved(_)
        | EventBody::MessagePinned(_)
        | EventBody::MessageUnpinned(_)
        | EventBody::MemberJoined(_)
        | EventBody::MemberLeft(_)
        | EventBody::RoomChanged(_)
        | EventBody::RoomDeleted => {}
    }
    Ok(())
}

/// Makes the row of a user who has none.
fn put(connection: &mut Connection, key: i64, user: &Profile) -> Result<()> {
    let row = (
        sanctions::room_key.eq(key),
        sanctions::user_id.eq(user.id.get()),
        sanctions::username.eq(&user.username),
        sanctions::display_name.eq(&user.display_name),
        sanctions::reason.eq(""),
    );
    let insert = diesel::insert_into(sanctions::table).values(row).on_conflict_do_nothing();
    on_backend!(connection, c => insert.execute(c))?;
    Ok(())
}

/// A page of the bans from a room that still hold.
pub(crate) fn bans(
    connection: &mut Connection,
    id: &RoomId,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<Ban>> {
    let Some((key, _)) = read::room(connection, id, None)? else { return Ok(Vec::new()) };
    let now = Timestamp::now().as_micros();
    let bans = sanctions::table
        .filter(sanctions::room_key.eq(key).and(sanctions::user_id.gt(after.map_or(0, UserId::get))))
        .filter(sanctions::banned_until.gt(now))
        .order(sanctions::user_id)
        .limit(row::count(limit))
        .select((
            sanctions::user_id,
            sanctions::username,
            sanctions::display_name,
            sanctions::muted_until,
            sanctions::banned_until,
            sanctions::reason,
        ));
    let rows: Vec<SanctionRow> = on_backend!(connection, c => bans.load(c))?;
    let bans: Result<Vec<_>> = rows.into_iter().map(|row| Ok(sanction(row)?.ban)).collect();
    Ok(bans?.into_iter().flatten().collect())
}
