//! Searches, by looking at every message.

use std::collections::BTreeMap;

use super::kept::Kept;
use super::tape::part;
use crate::rules::may_read;
use crate::{
    Found, Hit, Range, RoomId, Search, SearchCursor, SearchOrder, SearchPage, SearchPlace, Timestamp, UserId,
};

/// A page of what fits, of which the newest `candidates` are ranked.
pub(super) fn search(
    rooms: &BTreeMap<RoomId, Kept>,
    viewer: UserId,
    search: &Search,
    candidates: usize,
    limit: usize,
    now: Timestamp,
) -> SearchPage {
    let readable =
        |kept: &&Kept| kept.access(Some(viewer), now).is_some_and(|access| may_read(&access).is_ok());
    let newest = search.newest();
    let mut hits: Vec<Hit> = Vec::new();
    for kept in rooms.values().filter(readable) {
        let hit = |event| search.hit(&kept.seen(crate::Event::created(event)?, viewer, now));
        hits.extend(part(&kept.log, |event| hit(event), Range::Latest, usize::MAX));
    }
    hits.retain(|hit| newest.is_none_or(|newest| hit.place.at <= newest));
    hits.sort_by(|one, other| one.place.cmp(&other.place));
    let (hits, next) = match search.order {
        SearchOrder::Rank => {
            hits.truncate(candidates);
            search.rank(hits, limit)
        }
        SearchOrder::Recent => {
            let after = search.cursor.as_ref().map(|cursor| &cursor.place);
            hits.retain(|hit| after.is_none_or(|after| hit.place > *after));
            let more = hits.len() > limit;
            hits.truncate(limit);
            let next = hits.last().filter(|_| more).map(|hit| SearchCursor::at(hit.place.clone()));
            (hits, next)
        }
    };
    let found = |hit: Hit| {
        let SearchPlace { room, offset, .. } = hit.place;
        let kept = rooms.get(&room)?;
        Some(Found { message: kept.seen(kept.message(offset)?, viewer, now), highlights: hit.highlights })
    };
    SearchPage { found: hits.into_iter().filter_map(found).collect(), next }
}
