//! Searches: what is looked for, where, and in which order it is shown. The rules are here, so that every store finds the same.

mod query;
mod words;

use std::cmp::Ordering;

pub use query::{Highlight, Query, Term};

use crate::{Message, Offset, RoomId, Timestamp, UserId};

/// A search of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What is looked for.
    pub query: Query,
    /// In this room alone.
    pub room: Option<RoomId>,
    /// Of this sender alone.
    pub sender: Option<UserId>,
    /// Sent then or later.
    pub after: Option<Timestamp>,
    /// Sent earlier.
    pub before: Option<Timestamp>,
    /// Those with files alone.
    pub with_attachment: bool,
    /// What is shown first.
    pub order: SearchOrder,
    /// Where to go on.
    pub cursor: Option<SearchCursor>,
}

/// What a search shows first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchOrder {
    /// What fits best, of the newest [`Limits::search_candidates`](crate::Limits::search_candidates) messages that fit; the
    /// newest among equals.
    #[default]
    Rank,
    /// What was sent last.
    Recent,
}

/// A message's place by the time when it was sent. Ordered: the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPlace {
    /// When it was sent.
    pub at: Timestamp,
    /// Its room.
    pub room: RoomId,
    /// Its offset.
    pub offset: Offset,
}

/// Where a search goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchCursor {
    /// When the newest of the messages was sent that are ranked; what came since is left out, so that no page shows again what
    /// another has shown.
    pub top: Timestamp,
    /// How well the last one fits, in millionths; 0 where that has no meaning.
    pub score: u32,
    /// The last one.
    pub place: SearchPlace,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The message as it stands for whoever searches.
    pub message: Message,
    /// Where in its text, in the order of the text.
    pub highlights: Vec<Highlight>,
}

/// Part of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPage {
    /// The messages, in the order of the search.
    pub found: Vec<Found>,
    /// Where to go on. With [`SearchOrder::Recent`] there may be more behind a page that is not full, or empty: as much was
    /// looked through as one page may.
    pub next: Option<SearchCursor>,
}

/// A message that fits a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its place.
    pub place: SearchPlace,
    /// How well it fits, in millionths.
    pub score: u32,
    /// Where in its text.
    pub highlights: Vec<Highlight>,
}

impl Search {
    /// Whether a message fits, as it stands for whoever searches: of one that is withheld from them, they see no text.
    #[must_use]
    pub fn hit(&self, message: &Message) -> Option<Hit> {
        let at = message.created_at;
        let fits = message.deleted_at.is_none()
            && self.room.as_ref().is_none_or(|room| *room == message.room)
            && self.sender.is_none_or(|sender| sender == message.sender.id)
            && self.after.is_none_or(|after| at >= after)
            && self.before.is_none_or(|before| at < before)
            && !(self.with_attachment && message.attachments.is_empty());
        let found = self.query.find(&message.text).filter(|_| fits)?;
        let place = SearchPlace { at, room: message.room.clone(), offset: message.offset };
        Some(Hit { place, score: found.score, highlights: found.highlights })
    }

    /// The newest time at which a message can have been sent that the rest of the search shows.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        let cursor = self.cursor.as_ref().map(|cursor| match self.order {
            SearchOrder::Rank => cursor.top,
            SearchOrder::Recent => cursor.place.at,
        });
        let before = self.before.map(|before| Timestamp::from_micros(before.as_micros().saturating_sub(1)));
        cursor.into_iter().chain(before).min()
    }

    /// A page of hits, by how well they fit: those that follow the cursor, at most `limit`, and where to go on. Of each call with
    /// the same search all hits are the same, but for what was sent, edited and deleted meanwhile.
    #[must_use]
    pub fn rank(&self, mut hits: Vec<Hit>, limit: usize) -> (Vec<Hit>, Option<SearchCursor>) {
        let newest = hits.iter().map(|hit| hit.place.at).max();
        let top = self.cursor.as_ref().map(|cursor| cursor.top).or(newest);
        hits.sort_by(|one, other| other.score.cmp(&one.score).then_with(|| one.place.cmp(&other.place)));
        if let Some(cursor) = &self.cursor {
            let rest =
                |hit: &Hit| cursor.score.cmp(&hit.score).then_with(|| hit.place.cmp(&cursor.place)).is_gt();
            hits.retain(rest);
        }
        let more = hits.len() > limit;
        hits.truncate(limit);
        let last = hits.last().filter(|_| more).zip(top);
        let next = last.map(|(last, top)| SearchCursor { top, score: last.score, place: last.place.clone() });
        (hits, next)
    }
}

impl SearchCursor {
    /// The place from which a search by time goes on.
    #[must_use]
    pub fn at(place: SearchPlace) -> SearchCursor {
        SearchCursor { top: place.at, score: 0, place }
    }
}

impl Ord for SearchPlace {
    fn cmp(&self, other: &SearchPlace) -> Ordering {
        let by_time = other.at.cmp(&self.at).then_with(|| self.room.cmp(&other.room));
        by_time.then_with(|| other.offset.cmp(&self.offset))
    }
}

impl PartialOrd for SearchPlace {
    fn partial_cmp(&self, other: &SearchPlace) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The different words of a text, as [`Query::terms`] compares them, sorted, for a store that keeps an index of them.
#[must_use]
pub fn index_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = words::words(text).into_iter().map(|word| word.token).collect();
    words.sort_unstable();
    words.dedup();
    words
}
