//! What is asked, and what can be answered, in JSON.

use chat_core::{Draft, Judgement};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The question: may this be said?
#[derive(Serialize)]
pub(crate) struct Question<'a> {
    r#type: &'static str,
    data: Asked<'a>,
}

#[derive(Serialize)]
struct Asked<'a> {
    room: &'a str,
    /// The message that is to be edited; left out for a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<u64>,
    sender: Sender<'a>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Sender<'a> {
    id: String,
    username: &'a str,
    display_name: &'a str,
}

impl<'a> From<Draft<'a>> for Question<'a> {
    fn from(draft: Draft<'a>) -> Question<'a> {
        Question {
            r#type: "message.screen",
            data: Asked {
                room: draft.room.as_str(),
                message: draft.message.map(|offset| offset.get()),
                sender: Sender {
                    id: draft.sender.id.to_string(),
                    username: &draft.sender.username,
                    display_name: &draft.sender.display_name,
                },
                text: draft.text,
                // What the chat has is JSON.
                data: draft.data.and_then(|data| serde_json::from_str(data).ok()),
            },
        }
    }
}

/// The answer. What it says besides is not looked at, so that it can say more one day.
#[derive(Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub(crate) enum Answer {
    Pass,
    Refuse {
        #[serde(default)]
        reason: String,
    },
    Replace {
        text: String,
    },
    Report {
        #[serde(default)]
        reason: String,
    },
}

/// The longest reason that senders are shown, in characters.
const REASON_CHARS: usize = 500;

impl From<Answer> for Judgement {
    fn from(answer: Answer) -> Judgement {
        let shown = |reason: String| reason.chars().take(REASON_CHARS).collect();
        match answer {
            Answer::Pass => Judgement::Pass,
            Answer::Refuse { reason } => Judgement::Refuse { reason: shown(reason) },
            Answer::Replace { text } => Judgement::Replace { text },
            Answer::Report { reason } => Judgement::Report { reason: shown(reason) },
        }
    }
}
