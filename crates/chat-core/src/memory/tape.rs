//! A room's log in memory, of which the beginning may have been removed.

use std::sync::Arc;

use crate::{Event, Offset, Range, Timestamp};

/// The log.
#[derive(Default)]
pub(super) struct Tape {
    /// How many events were removed. The event of offset n stands at n − 1 − removed.
    removed: u64,
    events: Vec<Arc<Event>>,
}

impl Tape {
    /// The first event's place, or where there is none, that of the one that will come.
    pub fn first(&self) -> Offset {
        Offset::new(self.removed + 1).unwrap_or(Offset::MAX)
    }

    pub fn get(&self, offset: Offset) -> Option<&Arc<Event>> {
        let index = offset.get().checked_sub(self.removed + 1)?;
        self.events.get(usize::try_from(index).ok()?)
    }

    pub fn push(&mut self, event: Arc<Event>) {
        self.events.push(event);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Arc<Event>> {
        self.events.iter()
    }

    /// Takes out what is older than this moment.
    pub fn remove_before(&mut self, moment: Timestamp) -> Vec<Arc<Event>> {
        let count = self.events.iter().position(|event| event.at >= moment).unwrap_or(self.events.len());
        self.removed += count as u64;
        self.events.drain(..count).collect()
    }

    /// How many of those that are kept come before or at this place.
    fn upto(&self, offset: Offset) -> usize {
        let count = offset.get().saturating_sub(self.removed);
        usize::try_from(count).unwrap_or(usize::MAX).min(self.events.len())
    }
}

/// What `pick` takes of the part of a log that a range names: ascending, at most `limit`, from the end that the
/// range starts at.
pub(super) fn part<'a, T>(
    log: &'a Tape,
    pick: impl Fn(&'a Arc<Event>) -> Option<T>,
    range: Range,
    limit: usize,
) -> Vec<T> {
    let end = match range {
        Range::After(after) => {
            return log.events[log.upto(after)..].iter().filter_map(pick).take(limit).collect();
        }
        Range::Before(before) => log.upto(before.previous()),
        Range::Latest => log.events.len(),
    };
    let mut latest: Vec<T> = log.events[..end].iter().rev().filter_map(pick).take(limit).collect();
    latest.reverse();
    latest
}
