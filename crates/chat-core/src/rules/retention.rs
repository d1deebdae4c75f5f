//! For how long logs are kept.

use std::time::Duration;

use crate::{Limits, Problem, Room, Timestamp, Violation};

/// The shortest and the longest term, in seconds: ten years.
const TERM: std::ops::RangeInclusive<u32> = 60..=10 * 365 * 24 * 60 * 60;

pub(super) fn check_retention(seconds: u32) -> Option<Violation> {
    let expected = "60 to 315360000, which is ten years, or 0";
    let wrong = Violation { field: "retention_seconds", problem: Problem::Malformed { expected } };
    (seconds != 0 && !TERM.contains(&seconds)).then_some(wrong)
}

/// Since when a room's events are kept at this moment: the smaller of its own term and the server's counts. None for ever.
#[must_use]
pub fn kept_since(room: &Room, limits: &Limits, now: Timestamp) -> Option<Timestamp> {
    let own = Duration::from_secs(room.retention_seconds.into());
    let term = Some(own).filter(|own| !own.is_zero()).into_iter().chain(limits.retention).min()?;
    Some(now.before(term))
}
