//! Mentions: who is called by a text.

use super::{Deed, Permission};
use crate::mention::Calls;
use crate::{Mentions, UserId};

impl Deed<'_> {
    /// Whom a text calls. What names no member is text, and so is what calls many where the actor may not.
    pub(super) fn mentions(
        &self,
        text: &str,
        present: &[UserId],
        before: Option<&Mentions>,
    ) -> Option<Box<Mentions>> {
        if self.facts.blocked || !text.contains('@') {
            return None;
        }
        let Calls { names, room, here } = Calls::of(text);
        let mut mentions = Mentions::default();
        for name in names.iter().flat_map(|candidates| {
            candidates.iter().find_map(|name| self.facts.named.iter().find(|user| user.name_key() == *name))
        }) {
            if mentions.users.iter().all(|known| known.id != name.id) {
                mentions.users.push((*name).clone());
            }
        }
        if self.may(Permission::CallAll).is_ok() {
            mentions.room = room || (here && present.len() > Mentions::PRESENT);
            // Those who were there when it was said stay called, whoever is there when it is edited.
            let before = before.and_then(|before| before.here.clone());
            mentions.here = here
                .then(|| before.unwrap_or_else(|| present.iter().copied().take(Mentions::PRESENT).collect()));
        }
        (!mentions.is_empty()).then(|| Box::new(mentions))
    }
}
