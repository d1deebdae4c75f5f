//! Reports: messages that were brought before the moderators.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, User};
use crate::Time;

/// A message that was brought before the moderators of its room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report<'a> {
    /// The room.
    pub room: &'a str,
    /// The message.
    pub target: u64,
    /// Who has reported it, as they were called then; left out for a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporter: Option<User<'a>>,
    /// Why; left out where nothing was said.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub reason: &'a str,
    /// What the message said then.
    pub text: &'a str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What the moderators have made of it; left out as long as it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settlement<'a>>,
}

/// What moderators have made of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Settlement<'a> {
    /// Whether they agreed.
    pub verdict: Verdict,
    /// What they said to it, for one another; left out where nothing was said.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    pub note: &'a str,
    /// Who, as they were called then.
    pub by: User<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
}

/// Whether moderators agreed with a report.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They did, and have done what there was to do.
    Upheld,
    /// They did not.
    Dismissed,
}

/// A report beside the message as it stands now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reported<'a> {
    /// The report.
    pub report: Report<'a>,
    /// The message.
    pub message: Message<'a>,
}

/// Reports that were settled together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Settled {
    /// How many.
    #[schema(example = 1)]
    pub settled: u64,
}

impl<'a> From<&'a chat_core::Report> for Report<'a> {
    fn from(report: &'a chat_core::Report) -> Report<'a> {
        Report {
            room: report.room.as_str(),
            target: report.message.get(),
            reporter: report.reporter.as_ref().map(User::from),
            reason: &report.reason,
            text: &report.text,
            at: Time(report.at),
            settled: report.settled.as_ref().map(Settlement::from),
        }
    }
}

impl<'a> From<&'a chat_core::Settlement> for Settlement<'a> {
    fn from(settlement: &'a chat_core::Settlement) -> Settlement<'a> {
        let verdict = match settlement.verdict {
            chat_core::Verdict::Upheld => Verdict::Upheld,
            chat_core::Verdict::Dismissed => Verdict::Dismissed,
        };
        let (note, by, at) = (settlement.note.as_str(), User::from(&settlement.by), Time(settlement.at));
        Settlement { verdict, note, by, at }
    }
}

impl<'a> From<&'a chat_core::Reported> for Reported<'a> {
    fn from(reported: &'a chat_core::Reported) -> Reported<'a> {
        Reported { report: Report::from(&reported.report), message: Message::from(&reported.message) }
    }
}
