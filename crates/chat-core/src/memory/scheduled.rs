//! Messages that are sent later, in memory.

use std::collections::BTreeMap;

use crate::{
    ChatError, Due, RoomId, Scheduled, ScheduledChanges, ScheduledCursor, ScheduledId, Settled, Timestamp,
    UserId,
};

/// All that wait or were refused.
#[derive(Default)]
pub(super) struct Calendar {
    entries: BTreeMap<ScheduledId, Entry>,
}

struct Entry {
    scheduled: Scheduled,
    /// When it is tried next, or until when a node has it for itself; none for one that was refused.
    due_at: Option<Timestamp>,
    taken: bool,
    attempts: u32,
}

impl Entry {
    fn is_being_sent(&self, now: Timestamp) -> bool {
        self.taken && self.due_at > Some(now)
    }
}

impl Calendar {
    pub fn add(&mut self, new: Scheduled, limit: u64) -> Result<(Scheduled, bool), ChatError> {
        let own = || self.entries.values().map(|entry| &entry.scheduled).filter(|one| one.user == new.user);
        if let Some(client_id) = &new.message.client_id {
            let same =
                |one: &&Scheduled| one.room == new.room && one.message.client_id.as_ref() == Some(client_id);
            if let Some(known) = own().find(same) {
                return Ok((known.clone(), false));
            }
        }
        if own().count() as u64 >= limit {
            return Err(ChatError::LimitReached { what: "scheduled messages", limit });
        }
        let due_at = Some(new.send_at);
        let entry = Entry { scheduled: new.clone(), due_at, taken: false, attempts: 0 };
        self.entries.insert(new.id.clone(), entry);
        Ok((new, true))
    }

    pub fn get(&self, user: UserId, id: &ScheduledId) -> Option<Scheduled> {
        self.entries.get(id).map(|entry| &entry.scheduled).filter(|one| one.user == user).cloned()
    }

    pub fn list(
        &self,
        user: UserId,
        room: Option<&RoomId>,
        after: Option<&ScheduledCursor>,
        limit: usize,
    ) -> Vec<Scheduled> {
        let own = self.entries.values().map(|entry| &entry.scheduled).filter(|one| one.user == user);
        let of_room = own.filter(|one| room.is_none_or(|room| one.room == *room));
        let mut list: Vec<_> =
            of_room.filter(|one| after.is_none_or(|after| one.cursor() > *after)).cloned().collect();
        list.sort_by_key(Scheduled::cursor);
        list.truncate(limit);
        list
    }

    /// One that its owner may change or remove now.
    fn own(&mut self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<&mut Entry, ChatError> {
        let entry = self.entries.get_mut(id).filter(|entry| entry.scheduled.user == user);
        let entry = entry.ok_or(ChatError::ScheduledNotFound)?;
        if entry.is_being_sent(now) { Err(ChatError::BeingSent) } else { Ok(entry) }
    }

    pub fn change(
        &mut self,
        user: UserId,
        id: &ScheduledId,
        changes: ScheduledChanges,
        now: Timestamp,
    ) -> Result<Scheduled, ChatError> {
        let entry = self.own(user, id, now)?;
        let ScheduledChanges { text, data, send_at } = changes;
        let scheduled = &mut entry.scheduled;
        scheduled.message.text = text.unwrap_or_else(|| std::mem::take(&mut scheduled.message.text));
        scheduled.message.data = data.or(scheduled.message.data.take());
        scheduled.send_at = send_at.unwrap_or(scheduled.send_at);
        scheduled.failed = None;
        entry.due_at = Some(scheduled.send_at);
        entry.taken = false;
        entry.attempts = 0;
        Ok(entry.scheduled.clone())
    }

    pub fn remove(&mut self, user: UserId, id: &ScheduledId, now: Timestamp) -> Result<(), ChatError> {
        self.own(user, id, now)?;
        self.entries.remove(id);
        Ok(())
    }

    pub fn take(&mut self, now: Timestamp, until: Timestamp, limit: usize) -> Vec<Due> {
        // The first of each user and room that was not refused.
        let mut heads: BTreeMap<(UserId, RoomId), ScheduledCursor> = BTreeMap::new();
        for Entry { scheduled, .. } in self.entries.values().filter(|entry| entry.due_at.is_some()) {
            let head = heads.entry((scheduled.user, scheduled.room.clone())).or_insert(scheduled.cursor());
            *head = scheduled.cursor().min(head.clone());
        }
        let mut ids: Vec<_> = heads.into_values().map(|head| head.id).collect();
        ids.retain(|id| self.entries[id].due_at <= Some(now));
        ids.sort_by_key(|id| (self.entries[id].due_at, id.clone()));
        ids.truncate(limit);
        let mut take = |id: ScheduledId| {
            let entry = self.entries.get_mut(&id)?;
            (entry.due_at, entry.taken) = (Some(until), true);
            let (scheduled, attempts) = (entry.scheduled.clone(), entry.attempts);
            Some(Due { scheduled, attempts, taken_until: until })
        };
        ids.into_iter().filter_map(&mut take).collect()
    }

    pub fn next(&self, after: Option<Timestamp>) -> Option<Timestamp> {
        let due = self.entries.values().filter_map(|entry| entry.due_at);
        due.filter(|at| after.is_none_or(|after| *at > after)).min()
    }

    pub fn settle(&mut self, id: &ScheduledId, taken_until: Timestamp, settled: Settled) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if !entry.taken || entry.due_at != Some(taken_until) {
            return;
        }
        entry.taken = false;
        match settled {
            Settled::Sent => drop(self.entries.remove(id)),
            Settled::Later(at) => {
                entry.due_at = Some(at);
                entry.attempts += 1;
            }
            Settled::Failed(failure) => {
                entry.due_at = None;
                entry.scheduled.failed = Some(failure);
            }
        }
    }
}
