//! Searches: candidates from the index, looked at as they stand, for as long as there is room for more.

use std::collections::{HashMap, HashSet};

use chat_core::rules::may_read;
use chat_core::{
    Ban, Found, Hit, Limits, Message, Offset, Profile, RoomId, RoomKind, Search, SearchCursor, SearchOrder,
    SearchPage, SearchPlace, Timestamp, UserId,
};
use chat_db::{Connection, on_backend};
use diesel::prelude::*;

use super::engine::{self, Candidate, TIE_BITS, Wanted};
use crate::error::HistoryError;
use crate::row::{self, RoomRow, kind_word, stored};
use crate::schema::{members, rooms, sanctions, searchable};
use crate::{dialect, read};

type Result<T> = std::result::Result<T, HistoryError>;

/// How many candidates are looked at together.
const TOGETHER: usize = 256;

/// How many candidates a search looks at, for each that it may rank.
const LOOKED_AT: usize = 10;

/// In how many rooms the index looks. Whoever may read more is shown what they may read of what there is in all.
const ROOMS: i64 = 100;

/// Who searches, and when.
#[derive(Clone, Copy)]
struct Viewer {
    id: UserId,
    now: Timestamp,
}

/// What was found so far.
struct Gathered {
    hits: Vec<(Hit, Candidate)>,
    /// The last candidate that was looked at; none when there are no more.
    last: Option<Candidate>,
}

/// A page of the messages that fit a search, all from the moment of this transaction.
pub(crate) fn search(
    connection: &mut Connection,
    viewer: UserId,
    search: &Search,
    limits: &Limits,
    limit: usize,
    now: Timestamp,
) -> Result<SearchPage> {
    let rooms = match &search.room {
        Some(id) => match read::room(connection, id, None)? {
            Some((key, _)) => vec![key],
            None => return Ok(SearchPage::default()),
        },
        None => match own_rooms(connection, viewer)? {
            Some(none) if none.is_empty() => return Ok(SearchPage::default()),
            some => some.unwrap_or_default(),
        },
    };
    let words: HashSet<_> = search.query.terms().map(|term| (term.token.clone(), term.prefix)).collect();
    let words = words.into_iter().collect();
    let wanted = Wanted { words, rooms, sender: search.sender.map(UserId::get) };
    let enough = match search.order {
        SearchOrder::Rank => limits.search_candidates,
        SearchOrder::Recent => limit + 1,
    };
    let most = limits.search_candidates.saturating_mul(LOOKED_AT);
    let viewer = Viewer { id: viewer, now };
    let gathered = gather(connection, viewer, search, &wanted, enough, most)?;
    let (hits, next) = match search.order {
        SearchOrder::Rank => search.rank(gathered.hits.into_iter().map(|(hit, _)| hit).collect(), limit),
        SearchOrder::Recent => by_time(gathered, limit)?,
    };
    Ok(SearchPage { found: show(connection, viewer, hits)?, next })
}

/// The hits in their order, and where to go on: behind the last one that is shown, or that was looked at.
fn by_time(gathered: Gathered, limit: usize) -> Result<(Vec<Hit>, Option<SearchCursor>)> {
    let Gathered { mut hits, last } = gathered;
    let tie = |at: Candidate| u32::try_from(at.id & ((1 << TIE_BITS) - 1)).unwrap_or(0);
    let more = hits.len() > limit;
    hits.truncate(limit);
    let next = match (hits.last().filter(|_| more), last) {
        (Some((hit, at)), _) => Some(SearchCursor { score: tie(*at), ..SearchCursor::at(hit.place.clone()) }),
        // It may be of a room that the viewer must not hear of.
        (None, Some(last)) => {
            let at = Timestamp::from_micros(last.id >> TIE_BITS);
            let place = SearchPlace { at, room: row::room_id("-")?, offset: Offset::START };
            Some(SearchCursor { score: tie(last), ..SearchCursor::at(place) })
        }
        (None, None) => None,
    };
    Ok((hits.into_iter().map(|(hit, _)| hit).collect(), next))
}

/// The rooms that the viewer may read, and perhaps some more; none when they are many.
fn own_rooms(connection: &mut Connection, viewer: UserId) -> Result<Option<Vec<i64>>> {
    let mine = members::table.filter(members::user_id.eq(viewer.get()));
    let mut keys: Vec<i64> = on_backend!(&mut *connection, c => mine
        .order(members::room_key)
        .limit(ROOMS + 1)
        .select(members::room_key)
        .load(c))?;
    let public =
        rooms::table.filter(rooms::kind.eq(kind_word(RoomKind::Public))).filter(rooms::deleted_at.is_null());
    let public: Vec<i64> = on_backend!(connection, c => public
        .order(rooms::id)
        .limit(ROOMS + 1)
        .select(rooms::key)
        .load(c))?;
    keys.extend(public);
    keys.sort_unstable();
    keys.dedup();
    Ok((row::count(keys.len()) <= ROOMS).then_some(keys))
}

/// Before which candidate a search begins.
fn beginning(connection: &mut Connection, search: &Search) -> Result<Candidate> {
    let after = |at: Timestamp| {
        Candidate::before(engine::first_id(Timestamp::from_micros(at.as_micros().saturating_add(1))))
    };
    let newest = search.newest().map_or(Candidate::before(i64::MAX), after);
    let Some(cursor) = search.cursor.as_ref().filter(|_| search.order == SearchOrder::Recent) else {
        return Ok(newest);
    };
    let SearchPlace { at, room, offset } = &cursor.place;
    let row = searchable::table
        .inner_join(rooms::table.on(rooms::key.eq(searchable::room_key)))
        .filter(rooms::id.eq(room.as_str()).and(searchable::offset.eq(stored(*offset))))
        .select((searchable::id, searchable::room_key, searchable::offset));
    let known: Option<(i64, i64, i64)> = on_backend!(connection, c => row.first(c)).optional()?;
    let tie = i64::from(cursor.score) & ((1 << TIE_BITS) - 1);
    let last = known.map_or(Candidate::before(engine::first_id(*at) | tie), |(id, room_key, offset)| {
        Candidate { id, room_key, offset }
    });
    Ok(last.min(newest))
}

/// Looks at candidates, the newest first, until enough of them fit, or no more may be looked at.
fn gather(
    connection: &mut Connection,
    viewer: Viewer,
    search: &Search,
    wanted: &Wanted,
    enough: usize,
    most: usize,
) -> Result<Gathered> {
    let mut below = beginning(connection, search)?;
    let least = search.after.map_or(0, engine::first_id);
    let mut hits = Vec::new();
    let mut looked_at = 0;
    let mut readable: HashMap<i64, Option<RoomId>> = HashMap::new();
    while looked_at < most {
        let together = TOGETHER.min(most - looked_at);
        let some = engine::candidates(connection, wanted, below, least, row::count(together))?;
        let unknown: HashSet<i64> =
            some.iter().map(|one| one.room_key).filter(|key| !readable.contains_key(key)).collect();
        look_up_rooms(connection, viewer, unknown, &mut readable)?;
        let places: Vec<_> = some
            .iter()
            .filter(|one| matches!(readable.get(&one.room_key), Some(Some(_))))
            .map(|one| (one.room_key, one.offset))
            .collect();
        let found = if places.is_empty() { Vec::new() } else { dialect::find_messages(connection, &places)? };
        let mut messages: HashMap<(i64, Offset), Message> = HashMap::new();
        for (key, row) in found {
            if let Some(Some(id)) = readable.get(&key) {
                let message = row.message(id)?.seen_by(viewer.id, viewer.now);
                messages.insert((key, message.offset), message);
            }
        }
        for one in &some {
            let message = messages.get(&(one.room_key, row::offset("searchable", one.offset)?));
            hits.extend(message.and_then(|message| search.hit(message)).map(|hit| (hit, *one)));
            if hits.len() == enough {
                return Ok(Gathered { hits, last: Some(*one) });
            }
        }
        looked_at += some.len();
        match some.last() {
            Some(last) if some.len() == together => below = *last,
            Some(_) | None => return Ok(Gathered { hits, last: None }),
        }
    }
    Ok(Gathered { hits, last: Some(below) })
}

/// Which of these rooms the viewer may read now.
fn look_up_rooms(
    connection: &mut Connection,
    viewer: Viewer,
    keys: HashSet<i64>,
    readable: &mut HashMap<i64, Option<RoomId>>,
) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    readable.extend(keys.iter().map(|key| (*key, None)));
    let rows: Vec<(RoomRow, Option<String>, Option<i64>)> = on_backend!(&mut *connection, c => rooms::table
        .left_join(members::table.on(members::room_key.eq(rooms::key).and(members::user_id.eq(viewer.id.get()))))
        .left_join(sanctions::table.on(sanctions::room_key.eq(rooms::key).and(sanctions::user_id.eq(viewer.id.get()))))
        .filter(rooms::key.eq_any(keys.into_iter().collect::<Vec<_>>()))
        .filter(rooms::deleted_at.is_null())
        .select((RoomRow::as_select(), members::role.nullable(), sanctions::banned_until.nullable()))
        .load(c))?;
    for (row, role, banned_until) in rows {
        let key = row.key;
        let mut access = row.access(role)?;
        let until = banned_until.map(Timestamp::from_micros).filter(|until| *until > viewer.now);
        // Why and by whom is asked by nobody here.
        access.ban = until.map(|until| Ban {
            user: Profile { id: viewer.id, username: String::new(), display_name: String::new() },
            until: Some(until),
            reason: String::new(),
        });
        if may_read(&access).is_ok() {
            readable.insert(key, Some(access.room.id));
        }
    }
    Ok(())
}

/// The messages of hits as the viewer is shown them, with all that belongs to them.
fn show(connection: &mut Connection, viewer: Viewer, hits: Vec<Hit>) -> Result<Vec<Found>> {
    let mut by_room: HashMap<RoomId, Vec<Offset>> = HashMap::new();
    for hit in &hits {
        by_room.entry(hit.place.room.clone()).or_default().push(hit.place.offset);
    }
    let mut messages: HashMap<(RoomId, Offset), Message> = HashMap::new();
    for (id, offsets) in by_room {
        let Some((key, _)) = read::room(connection, &id, None)? else { continue };
        let places: Vec<_> = offsets.iter().map(|offset| (key, stored(*offset))).collect();
        let rows = dialect::find_messages(connection, &places)?;
        let rows = rows.into_iter().map(|(_, row)| row);
        for message in read::seen(connection, key, &id, viewer.id, rows, viewer.now)? {
            messages.insert((id.clone(), message.offset), message);
        }
    }
    let found = |Hit { place, highlights, .. }: Hit| {
        let message = messages.remove(&(place.room, place.offset))?;
        Some(Found { message, highlights })
    };
    Ok(hits.into_iter().filter_map(found).collect())
}
