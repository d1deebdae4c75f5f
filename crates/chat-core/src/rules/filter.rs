//! Word filters: who sets them, and what they do to a text.

use std::sync::Arc;

use super::{Decision, Deed, Permission};
use crate::{
    ChatError, EventBody, FilterAction, Limits, Message, NewFilter, Outcome, Problem, Report, Role,
    RoomState, WordFilter,
};

/// What the filters have left of a text.
pub(super) struct Filtered {
    /// What is to be kept.
    pub text: String,
    /// Why it is to be brought before the moderators; none where it is not.
    pub reason: Option<String>,
}

impl Deed<'_> {
    pub(super) fn set_filter(
        mut self,
        new: Option<&NewFilter>,
        limits: &Limits,
    ) -> Result<Decision, ChatError> {
        self.may(Permission::Filter)?;
        let filter = new.map(|new| filter(new, limits)).transpose()?;
        let mut bodies = Vec::new();
        if self.room.filter.as_deref() != filter.as_ref() {
            self.room.filter = filter.map(Arc::new);
            bodies.push(EventBody::RoomChanged(RoomState::of(&self.room)));
        }
        Ok(self.decision(bodies, |room| Outcome::Room(room.clone())))
    }

    /// What the filters that hold for somebody of this role leave of a text: the one of all rooms, and the room's own, which is
    /// not for its moderators.
    pub(super) fn filtered(&self, text: &str, role: Role, limits: &Limits) -> Result<Filtered, ChatError> {
        let own = self.room.filter.as_ref().filter(|_| role < Role::Moderator);
        let mut filtered = Filtered { text: text.to_owned(), reason: None };
        for filter in [limits.filter.as_ref(), own].into_iter().flatten() {
            let found = filter.find(&filtered.text);
            if found.is_empty() {
                continue;
            }
            match filter.action() {
                FilterAction::Refuse => return Err(ChatError::invalid("text", Problem::Refused)),
                FilterAction::Mask => filtered.text = WordFilter::mask(&filtered.text, &found),
                FilterAction::Report => {
                    let words: Vec<&str> = found.into_iter().map(|range| &filtered.text[range]).collect();
                    filtered.reason = Some(format!("filtered words: {}", words.join(", ")));
                }
            }
        }
        Ok(filtered)
    }

    /// What brings a message before the moderators for this reason.
    pub(super) fn report(&self, message: &Message, reason: Option<String>) -> Option<Report> {
        reason.map(|reason| Report::by_filter(message, &reason, self.facts.now))
    }
}

fn filter(new: &NewFilter, limits: &Limits) -> Result<WordFilter, ChatError> {
    let most = limits.filter_words;
    if !(1..=most).contains(&new.words.len()) {
        let problem = Problem::Count { least: 1, most, what: "words" };
        return Err(ChatError::invalid("words", problem));
    }
    WordFilter::new(new.action, new.words.iter().cloned()).ok_or_else(|| {
        let expected = "words of 1 to 50 letters and digits, with a * for any ending if need be";
        ChatError::invalid("words", Problem::Malformed { expected })
    })
}
