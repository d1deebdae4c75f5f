//! The last events of a node, so that many who come back at once need not each read the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::{Event, EventBody, Message, Offset, RoomId, RoomState};

/// What an event takes besides its texts, about.
const EVENT_BYTES: usize = 512;

/// What a user takes whom a message calls, about.
const MENTION_BYTES: usize = 128;

/// What an attachment takes, about.
const ATTACHMENT_BYTES: usize = 256;

/// The events that passed by last, of all rooms, bounded in bytes: the oldest go first.
pub(super) struct Recent {
    /// Which they are, in the order in which they came.
    all: VecDeque<(RoomId, Offset)>,
    /// Each room's without a gap.
    rooms: HashMap<RoomId, VecDeque<Arc<Event>>>,
    bytes: usize,
    limit: usize,
}

impl Recent {
    pub fn new(limit: usize) -> Recent {
        Recent { all: VecDeque::new(), rooms: HashMap::new(), bytes: 0, limit }
    }

    /// Keeps an event, if it follows what is kept of its room, or something was missed before it.
    pub fn push(&mut self, event: &Arc<Event>) {
        let room = self.rooms.entry(event.room.clone()).or_default();
        let next = room.back().map_or(event.offset, |last| last.offset.next());
        if event.offset < next {
            return;
        }
        if event.offset > next {
            // What is before the gap can no longer be told to the end.
            self.bytes -= room.drain(..).map(|event| size(&event)).sum::<usize>();
            self.all.retain(|(room, _)| *room != event.room);
        }
        if let Some(now) = event.message().filter(|_| event.created().is_none()) {
            self.bytes = self.bytes.saturating_add_signed(replace(room, now));
        }
        room.push_back(event.clone());
        self.all.push_back((event.room.clone(), event.offset));
        self.bytes += size(event);
        while self.bytes > self.limit && self.drop_oldest() {}
    }

    /// The room's events after `after` up to `end`, if all of them are kept.
    pub fn between(&self, room: &RoomId, after: Offset, end: Offset) -> Option<Vec<Arc<Event>>> {
        let room = self.rooms.get(room)?;
        let first = room.front()?.offset.get();
        let begin = usize::try_from(after.next().get().checked_sub(first)?).ok()?;
        let count = usize::try_from(end.get().checked_sub(after.get())?).ok()?;
        let events = room.range(begin.min(room.len())..begin.checked_add(count)?.min(room.len()));
        let events: Vec<_> = events.cloned().collect();
        (events.len() == count).then_some(events)
    }

    fn drop_oldest(&mut self) -> bool {
        let Some((id, offset)) = self.all.pop_front() else { return false };
        if let Some(room) = self.rooms.get_mut(&id) {
            if let Some(oldest) = room.front().filter(|first| first.offset == offset) {
                self.bytes -= size(oldest);
                room.pop_front();
            }
            if room.is_empty() {
                self.rooms.remove(&id);
            }
        }
        true
    }
}

/// Has the events about a message show it as it stands; returns by how many bytes they have grown.
fn replace(room: &mut VecDeque<Arc<Event>>, now: &Message) -> isize {
    let first = room.front().map_or(0, |first| first.offset.get());
    let begin = usize::try_from(now.offset.get().saturating_sub(first)).unwrap_or(usize::MAX);
    let mut grown = 0;
    for event in room.range_mut(begin.min(room.len())..) {
        if event.message().is_some_and(|message| message.offset == now.offset) {
            let before = size(event);
            *event = Arc::new(Event::clone(event).with_message(now.clone()));
            grown += size(event).cast_signed() - before.cast_signed();
        }
    }
    grown
}

fn size(event: &Event) -> usize {
    let texts = if let Some(message) = event.message() {
        let mentions =
            message.mentions.as_ref().map_or(0, |mentions| mentions.called().len() * MENTION_BYTES);
        let attachments = message.attachments.len() * ATTACHMENT_BYTES;
        message.text.len() + message.data.as_ref().map_or(0, String::len) + mentions + attachments
    } else if let EventBody::RoomChanged(RoomState { name, topic, .. }) = &event.body {
        name.len() + topic.len()
    } else {
        0
    };
    EVENT_BYTES + texts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Profile, Timestamp, UserId};

    /// An event; where a text is given, that a message says it from now on.
    fn event(room: usize, offset: u64, message: Option<(u64, &str)>) -> Arc<Event> {
        let actor = Profile { id: UserId::new(1).unwrap(), username: "u".into(), display_name: "U".into() };
        let (room, at): (RoomId, _) = (format!("r{room}").parse().unwrap(), Timestamp::now());
        let body = match message {
            None => EventBody::RoomDeleted,
            Some((of, text)) => {
                let (of, text) = (Offset::new(of).unwrap(), text.to_owned());
                let message = Arc::new(Message::new(room.clone(), of, actor.clone(), text, at));
                if of.get() == offset {
                    EventBody::MessageCreated(message)
                } else {
                    EventBody::MessageEdited(message)
                }
            }
        };
        Arc::new(Event { room, offset: Offset::new(offset).unwrap(), at, actor, body })
    }

    proptest! {
        /// Whatever comes, in order, twice or with gaps: what is told is whole, and what is kept is bounded.
        #[test]
        fn what_is_told_is_the_log_and_nothing_else(
            arrivals in prop::collection::vec((0..3_usize, 1..4_u64), 1..200),
            kept in 1..50_usize,
            asked in prop::collection::vec((0..3_usize, 0..300_u64, 0..300_u64), 20),
        ) {
            let mut recent = Recent::new(kept * EVENT_BYTES);
            let mut last = [0_u64; 3];
            for (room, step) in arrivals {
                // 1 is the next, 2 and 3 are late or leave a gap.
                let offset = if step == 2 { last[room].max(1) } else { last[room] + step };
                last[room] = last[room].max(offset);
                recent.push(&event(room, offset, None));
                prop_assert!(recent.all.len() <= kept);
                prop_assert_eq!(recent.rooms.values().map(VecDeque::len).sum::<usize>(), recent.all.len());
                let newest = recent.between(&format!("r{room}").parse().unwrap(), Offset::new(offset - 1).unwrap(), Offset::new(offset).unwrap());
                prop_assert!(newest.is_some() || step == 2);
            }
            for (room, after, count) in asked {
                let (room, end) = (format!("r{room}").parse().unwrap(), after + count);
                if let Some(events) = recent.between(&room, Offset::new(after).unwrap(), Offset::new(end).unwrap()) {
                    let offsets: Vec<_> = events.iter().map(|event| event.offset.get()).collect();
                    prop_assert_eq!(offsets, (after + 1..=end).collect::<Vec<_>>());
                    prop_assert!(events.iter().all(|event| event.room == room));
                }
            }
        }

        /// What a message said before is in no event any more, and what is kept stays bounded.
        #[test]
        fn edited_messages_are_told_as_they_stand(
            edits in prop::collection::vec((1..6_u64, "[a-z]{0,900}"), 1..30),
            kept in 1..20_usize,
        ) {
            let mut recent = Recent::new(kept * EVENT_BYTES);
            (1..6).for_each(|offset| recent.push(&event(0, offset, Some((offset, "first")))));
            let mut now = std::collections::HashMap::new();
            for (offset, (message, text)) in (6..).zip(&edits) {
                recent.push(&event(0, offset, Some((*message, text))));
                now.insert(*message, text.as_str());
                let all: Vec<_> = recent.rooms.values().flatten().collect();
                for message in all.iter().filter_map(|event| event.message()) {
                    let expected = now.get(&message.offset.get()).copied().unwrap_or("first");
                    prop_assert_eq!(message.text.as_str(), expected);
                }
                let bytes: usize = all.iter().map(|event| size(event)).sum();
                prop_assert_eq!(bytes, recent.bytes);
                prop_assert!(bytes <= recent.limit);
            }
        }
    }
}
