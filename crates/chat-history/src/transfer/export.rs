//! Records out of the tables.

use chat_db::{Connection, on_backend};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use super::{Actor, CREATED, MessageRecord, PAGE, RoomRecord, ScheduledRecord, uploads};
use crate::schema::{
    audits, blocks, bookmarks, events, follows, members, messages, pins, reactions, reports, rooms,
    sanctions, scheduled, statuses, versions,
};

/// Gives all records: the rooms in the order of their ids, each with its members by user and its events by offset, so
/// that equal tables give equal records.
///
/// # Errors
/// The database's, and those of `give`.
pub fn export<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type RoomColumns = (
        i64,
        String,
        String,
        String,
        String,
        i64,
        i64,
        String,
        i64,
        i64,
        Option<i64>,
        i64,
        Option<String>,
        bool,
        i64,
        i64,
        Option<String>,
        Option<i64>,
        i64,
    );
    let mut after = String::new();
    loop {
        let page = rooms::table.filter(rooms::id.gt(&after)).order(rooms::id).limit(PAGE as i64);
        let rows: Vec<RoomColumns> = on_backend!(&mut *connection, c => page.load(c))?;
        let Some(last) = rows.last() else { return export_users(connection, give) };
        after.clone_from(&last.1);
        for row in rows {
            let (
                key,
                id,
                name,
                topic,
                kind,
                created_at,
                owner,
                epoch,
                offset,
                member_count,
                deleted_at,
                _,
                people,
                read_only,
                slow_seconds,
                expire_seconds,
                filter,
                retention_seconds,
                first,
            ) = row;
            give(RoomRecord::Room {
                id: id.clone(),
                name,
                topic,
                kind,
                created_at,
                owner,
                epoch,
                offset,
                member_count,
                deleted_at,
                people,
                read_only,
                slow_seconds,
                expire_seconds,
                filter,
                retention_seconds,
                first,
            })?;
            if deleted_at.is_none() {
                export_members(connection, key, &id, give)?;
                export_events(connection, key, &id, give)?;
                export_reactions(connection, key, &id, give)?;
                export_follows(connection, key, &id, give)?;
                export_versions(connection, key, &id, give)?;
                export_sanctions(connection, key, &id, give)?;
                export_pins(connection, key, &id, give)?;
                export_reports(connection, key, &id, give)?;
                export_bookmarks(connection, key, &id, give)?;
                uploads::export_of_room(connection, key, &id, give)?;
            }
        }
    }
}

/// Gives the rows of a table, a page after the other; `load` reads the page that follows a row.
pub(super) fn pages<R, E: From<DieselError>>(
    mut load: impl FnMut(Option<&R>) -> QueryResult<Vec<R>>,
    mut give: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let mut page = load(None)?;
    while let Some(last) = page.pop() {
        page.into_iter().try_for_each(&mut give)?;
        page = load(Some(&last))?;
        give(last)?;
    }
    Ok(())
}

fn export_members<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, String, String, String, i64, i64, String, Option<i64>);
    let load = |last: Option<&Row>| {
        let after = members::user_id.gt(last.map_or(0, |last| last.1));
        let page = members::table.filter(members::room_key.eq(key)).filter(after);
        let page = page.order(members::user_id).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, user, username, display_name, role, joined_at, read, _, muted_until)| {
        let room = room.to_owned();
        give(RoomRecord::Member { room, user, username, display_name, role, joined_at, read, muted_until })
    })
}

fn export_events<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Other = (i64, i64, Actor, String, Option<String>, Option<i64>);
    type Row = (i64, i64, Actor, String, Option<String>, Option<MessageRecord>, bool);
    let load = |last: Option<&Row>| {
        let after = last.map_or(0, |last| last.0);
        let sent: Vec<(i64, i64, Actor, MessageRecord)> = on_backend!(&mut *connection, c => messages::table
            .filter(messages::room_key.eq(key).and(messages::offset.gt(after)))
            .order(messages::offset)
            .limit(PAGE as i64)
            .select((
                messages::offset,
                messages::created_at,
                (messages::sender_id, messages::sender_username, messages::sender_display_name),
                MessageRecord::as_select(),
            ))
            .load(c))?;
        let others: Vec<Other> = on_backend!(&mut *connection, c => events::table
            .left_join(
                audits::table
                    .on(audits::room_key.eq(events::room_key).and(audits::offset.eq(events::offset))),
            )
            .filter(events::room_key.eq(key).and(events::offset.gt(after)))
            .order(events::offset)
            .limit(PAGE as i64)
            .select((
                events::offset,
                events::at,
                (events::actor_id, events::actor_username, events::actor_display_name),
                events::kind,
                events::body,
                audits::offset.nullable(),
            ))
            .load(c))?;
        let sent = sent.into_iter().map(|(offset, at, sender, message)| {
            (offset, at, sender, CREATED.to_owned(), None, Some(message), false)
        });
        let others = others
            .into_iter()
            .map(|(offset, at, actor, kind, body, act)| (offset, at, actor, kind, body, None, act.is_some()));
        let mut page: Vec<Row> = sent.chain(others).collect();
        page.sort_by_key(|row| row.0);
        page.truncate(PAGE);
        Ok(page)
    };
    pages(load, |(offset, at, actor, kind, body, message, act)| {
        let (room, message) = (room.to_owned(), message.map(Box::new));
        give(RoomRecord::Event { room, offset, at, actor, kind, body, message, act })
    })
}

fn export_reactions<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, String, i64, i64);
    let load = |last: Option<&Row>| {
        let (message, reaction, offset) = last.map_or((0, "", 0), |last| (last.1, last.2.as_str(), last.3));
        let of_message = reactions::reaction
            .gt(reaction)
            .or(reactions::reaction.eq(reaction).and(reactions::offset.gt(offset)));
        let after = reactions::message.gt(message).or(reactions::message.eq(message).and(of_message));
        let page = reactions::table.filter(reactions::room_key.eq(key)).filter(after);
        let page =
            page.order((reactions::message, reactions::reaction, reactions::offset)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, message, reaction, offset, user)| {
        give(RoomRecord::Reaction { room: room.to_owned(), message, reaction, offset, user })
    })
}

fn export_follows<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, i64);
    let load = |last: Option<&Row>| {
        let (thread, user) = last.map_or((0, 0), |last| (last.2, last.0));
        let after = follows::thread.gt(thread).or(follows::thread.eq(thread).and(follows::user_id.gt(user)));
        let page = follows::table.filter(follows::room_key.eq(key)).filter(after);
        let page = page.order((follows::thread, follows::user_id)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(user, _, thread)| give(RoomRecord::Follow { room: room.to_owned(), thread, user }))
}

fn export_versions<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, i64, String, Option<String>);
    let load = |last: Option<&Row>| {
        let (message, offset) = last.map_or((0, 0), |last| (last.1, last.2));
        let of_message = versions::message.eq(message).and(versions::offset.gt(offset));
        let after = versions::message.gt(message).or(of_message);
        let page = versions::table.filter(versions::room_key.eq(key)).filter(after);
        let page = page.order((versions::message, versions::offset)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, message, offset, text, data)| {
        give(RoomRecord::Version { room: room.to_owned(), message, offset, text, data })
    })
}

fn export_sanctions<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, String, String, Option<i64>, Option<i64>, String);
    let load = |last: Option<&Row>| {
        let after = sanctions::user_id.gt(last.map_or(0, |last| last.1));
        let page = sanctions::table.filter(sanctions::room_key.eq(key)).filter(after);
        let page = page.order(sanctions::user_id).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, user, username, display_name, muted_until, banned_until, reason)| {
        let room = room.to_owned();
        give(RoomRecord::Sanction { room, user, username, display_name, muted_until, banned_until, reason })
    })
}

fn export_pins<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, i64);
    let load = |last: Option<&Row>| {
        let after = pins::message.gt(last.map_or(0, |last| last.1));
        let page = pins::table.filter(pins::room_key.eq(key)).filter(after);
        let page = page.order(pins::message).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, message, offset)| give(RoomRecord::Pin { room: room.to_owned(), message, offset }))
}

fn export_reports<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Settled = (Option<i64>, Option<String>, Option<String>, Option<i64>, Option<String>, Option<String>);
    type Row = (i64, i64, String, String, i64, String, String, Settled);
    let load = |last: Option<&Row>| {
        let (message, reporter, at) = last.map_or((0, 0, 0), |last| (last.0, last.1, last.4));
        let later = reports::reporter_id
            .gt(reporter)
            .or(reports::reporter_id.eq(reporter).and(reports::reported_at.gt(at)));
        let page = reports::table
            .filter(reports::room_key.eq(key).and(reports::message.ge(message)))
            .filter(reports::message.gt(message).or(later))
            .order((reports::message, reports::reporter_id, reports::reported_at))
            .limit(PAGE as i64)
            .select((
                reports::message,
                reports::reporter_id,
                reports::reporter_username,
                reports::reporter_display_name,
                reports::reported_at,
                reports::reason,
                reports::text,
                (
                    reports::settled_at,
                    reports::verdict,
                    reports::note,
                    reports::settler_id,
                    reports::settler_username,
                    reports::settler_display_name,
                ),
            ));
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(message, id, username, display_name, at, reason, text, settled)| {
        let (settled_at, verdict, note, settler, settler_username, settler_display_name) = settled;
        let reporter = (id != 0).then_some(Actor { id, username, display_name });
        let settled_by = settler.map(|id| Actor {
            id,
            username: settler_username.unwrap_or_default(),
            display_name: settler_display_name.unwrap_or_default(),
        });
        let room = room.to_owned();
        give(RoomRecord::Report {
            room,
            message,
            reporter,
            at,
            reason,
            text,
            settled_at,
            verdict,
            note,
            settled_by,
        })
    })
}

fn export_bookmarks<E: From<DieselError>>(
    connection: &mut Connection,
    key: i64,
    room: &str,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, i64, String, i64);
    let load = |last: Option<&Row>| {
        let (message, user) = last.map_or((0, 0), |last| (last.1, last.2));
        let of_message = bookmarks::message.eq(message).and(bookmarks::user_id.gt(user));
        let after = bookmarks::message.gt(message).or(of_message);
        let page = bookmarks::table.filter(bookmarks::room_key.eq(key)).filter(after);
        let page = page.order((bookmarks::message, bookmarks::user_id)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(_, message, user, note, created_at)| {
        give(RoomRecord::Bookmark { room: room.to_owned(), message, user, note, created_at })
    })
}

/// What is of users and no room.
fn export_users<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    export_blocks(connection, give)?;
    export_statuses(connection, give)?;
    export_scheduled(connection, give)?;
    uploads::export_others(connection, give)
}

fn export_scheduled<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    let load = |last: Option<&ScheduledRecord>| {
        let after = scheduled::id.gt(last.map_or("", |last| last.id.as_str()));
        let page = scheduled::table.filter(after).order(scheduled::id).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.select(ScheduledRecord::as_select()).load(c))
    };
    pages(load, |record| give(RoomRecord::Scheduled(Box::new(record))))
}

fn export_statuses<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, String, bool, Option<i64>);
    let load = |last: Option<&Row>| {
        let after = statuses::user_id.gt(last.map_or(0, |last| last.0));
        let page = statuses::table.filter(after).order(statuses::user_id).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(user, text, hidden, last_seen)| give(RoomRecord::Status { user, text, hidden, last_seen }))
}

fn export_blocks<E: From<DieselError>>(
    connection: &mut Connection,
    give: &mut dyn FnMut(RoomRecord) -> Result<(), E>,
) -> Result<(), E> {
    type Row = (i64, i64, String, String, i64);
    let load = |last: Option<&Row>| {
        let (user, blocked) = last.map_or((0, 0), |last| (last.0, last.1));
        let after = blocks::user_id.gt(user).or(blocks::user_id.eq(user).and(blocks::blocked_id.gt(blocked)));
        let page =
            blocks::table.filter(after).order((blocks::user_id, blocks::blocked_id)).limit(PAGE as i64);
        on_backend!(&mut *connection, c => page.load(c))
    };
    pages(load, |(user, blocked, username, display_name, created_at)| {
        give(RoomRecord::Block { user, blocked, username, display_name, created_at })
    })
}

/// About how many records there are: events, and rooms.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut Connection) -> QueryResult<u64> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        sum: i64,
    }
    let sql = r#"SELECT CAST(coalesce(sum(CASE WHEN deleted_at IS NULL THEN "offset" - "first" + 1 ELSE 0 END) + count(*), 0)
                     AS BIGINT) AS sum FROM rooms"#;
    let sum = on_backend!(connection, c => diesel::sql_query(sql).get_result::<Sum>(c))?.sum;
    Ok(u64::try_from(sum).unwrap_or(0))
}
