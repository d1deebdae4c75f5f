//! Messages that were brought before the moderators of their room.

use crate::{Message, Offset, Profile, Room, RoomId, Timestamp, UserId};

/// A message that somebody, or a filter, has brought before the moderators of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: Offset,
    /// Who has reported it, as they were called then; none for a filter.
    pub reporter: Option<Profile>,
    /// Why; may be empty.
    pub reason: String,
    /// What the message said then, whatever becomes of it.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// What the moderators have made of it; none as long as it waits.
    pub settled: Option<Settlement>,
}

/// What moderators have made of reports. It is an act of theirs, and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Whether they agreed.
    pub verdict: Verdict,
    /// What they said to it, for one another; may be empty.
    pub note: String,
    /// Who, as they were called then.
    pub by: Profile,
    /// When.
    pub at: Timestamp,
}

/// Whether moderators agreed with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They did, and have done what there was to do.
    Upheld,
    /// They did not.
    Dismissed,
}

/// A report beside the message as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The report.
    pub report: Report,
    /// The message.
    pub message: Message,
}

/// A report of any room, for administrators of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverseenReport {
    /// The report, beside the message.
    pub reported: Reported,
    /// The room.
    pub room: Room,
}

/// A place in the list of the reports of all rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverseenCursor {
    /// When it was reported.
    pub at: Timestamp,
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: Offset,
    /// Who reported it; none for a filter.
    pub reporter: Option<UserId>,
}

/// A place in a list of reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportCursor {
    /// When it was reported, or settled in a list of those that are.
    pub at: Timestamp,
    /// The message.
    pub message: Offset,
    /// Who reported it; none for a filter.
    pub reporter: Option<UserId>,
}

impl Report {
    /// The longest reason or note, in characters.
    pub const REASON_CHARS: usize = 500;

    /// What a filter, or a screen, has to say of a message that is kept: without control characters, and cut to
    /// [`Report::REASON_CHARS`].
    pub(crate) fn by_filter(message: &Message, reason: &str, at: Timestamp) -> Report {
        Report {
            room: message.room.clone(),
            message: message.offset,
            reporter: None,
            reason: reason.chars().filter(|c| !c.is_control()).take(Report::REASON_CHARS).collect(),
            text: message.text.clone(),
            at,
            settled: None,
        }
    }

    /// Its place in the list of those that wait, or that are settled.
    #[must_use]
    pub fn cursor(&self) -> ReportCursor {
        let at = self.settled.as_ref().map_or(self.at, |settled| settled.at);
        ReportCursor { at, message: self.message, reporter: self.reporter.as_ref().map(|user| user.id) }
    }
}
