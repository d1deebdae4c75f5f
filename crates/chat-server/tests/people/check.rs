//! What must hold of all that was written and read.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// A message in a log: its place and the name that its writer gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub offset: u64,
    pub name: String,
}

impl Entry {
    pub fn of(offset: Option<u64>, message: &Value) -> Entry {
        let name = message["client_id"].as_str().unwrap().to_owned();
        assert_eq!(message["text"], name.as_str(), "the text is the one that was sent");
        Entry { offset: offset.unwrap(), name }
    }
}

/// What one writer did: the names of its messages in the order in which it first sent them, all acknowledged, each
/// with the offset that it was told, if it was.
#[derive(Debug, Default)]
pub struct Written {
    pub room: usize,
    pub acknowledged: Vec<(String, Option<u64>)>,
}

/// What one reader saw, in the order in which it did.
#[derive(Debug, Default)]
pub struct Seen {
    pub room: usize,
    pub entries: Vec<Entry>,
}

/// All that happened. At the end every message was acknowledged: what was in flight at a kill was sent again.
#[derive(Debug, Default)]
pub struct History {
    /// By room.
    pub logs: Vec<Vec<Entry>>,
    pub writers: Vec<Written>,
    pub readers: Vec<Seen>,
}

impl History {
    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.logs.iter().map(Vec::len).sum()
    }

    /// The first violation, in words.
    pub fn check(&self) -> Result<(), String> {
        for (room, log) in self.logs.iter().enumerate() {
            if let Some(gap) = log.windows(2).find(|pair| pair[1].offset != pair[0].offset + 1) {
                return Err(format!("room {room} has a gap: {gap:?}"));
            }
            let mut names = HashSet::new();
            if let Some(double) = log.iter().find(|entry| !names.insert(entry.name.as_str())) {
                return Err(format!("room {room} has {double:?} twice"));
            }
            let places: HashMap<&str, u64> =
                log.iter().map(|entry| (entry.name.as_str(), entry.offset)).collect();
            let mut known = HashSet::new();
            for writer in self.writers.iter().filter(|writer| writer.room == room) {
                let mut last = 0;
                for (name, told) in &writer.acknowledged {
                    known.insert(name.as_str());
                    let place = places.get(name.as_str()).copied();
                    let Some(place) = place.filter(|place| told.is_none_or(|told| told == *place)) else {
                        return Err(format!("room {room} has lost {name}, acknowledged as {told:?}"));
                    };
                    if place <= last {
                        return Err(format!("room {room} has a writer's messages in another order: {name}"));
                    }
                    last = place;
                }
            }
            if let Some(phantom) = log.iter().find(|entry| !known.contains(entry.name.as_str())) {
                return Err(format!("room {room} has {phantom:?}, which nobody sent"));
            }
            for reader in self.readers.iter().filter(|reader| reader.room == room) {
                let same = reader.entries.iter().zip(log).take_while(|(seen, kept)| seen == kept).count();
                if (reader.entries.len(), same) != (log.len(), log.len()) {
                    let (seen, kept) = (reader.entries.get(same), log.get(same));
                    return Err(format!("a reader of room {room} saw {seen:?} where the log has {kept:?}"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[(u64, &str)]) -> Vec<Entry> {
        names.iter().map(|(offset, name)| Entry { offset: *offset, name: (*name).to_owned() }).collect()
    }

    const LOG: &[(u64, &str)] = &[(3, "a1"), (4, "b1"), (5, "a2")];

    fn history(log: &[(u64, &str)], a: &[(u64, &str)], seen: &[(u64, &str)]) -> Result<(), String> {
        let written = |entries: Vec<Entry>| Written {
            room: 0,
            acknowledged: entries.into_iter().map(|entry| (entry.name, Some(entry.offset))).collect(),
        };
        History {
            logs: vec![entries(log)],
            writers: vec![written(entries(a)), written(entries(&[(4, "b1")]))],
            readers: vec![Seen { room: 0, entries: entries(seen) }],
        }
        .check()
    }

    #[test]
    fn every_violation_is_found() {
        let a: &[_] = &[(3, "a1"), (5, "a2")];
        assert_eq!(history(LOG, a, LOG), Ok(()));
        let cases: &[(&[_], &[_], &[_], &str)] = &[
            (&[(3, "a1"), (5, "a2")], a, LOG, "gap"),
            (&[(3, "a1"), (4, "b1"), (5, "a2"), (6, "a1")], a, LOG, "twice"),
            (&[(3, "a1"), (4, "b1")], a, LOG, "lost"),
            (LOG, &[(3, "a1"), (6, "a2")], LOG, "lost"),
            (LOG, &[(5, "a2"), (3, "a1")], LOG, "another order"),
            (LOG, &[(3, "a1")], LOG, "nobody sent"),
            (LOG, a, &[(3, "a1"), (5, "a2")], "a reader"),
            (LOG, a, &[(3, "a1"), (4, "b1"), (4, "b1"), (5, "a2")], "a reader"),
            (LOG, a, &[(3, "a1"), (4, "b1")], "a reader"),
            (LOG, a, &[(4, "b1"), (3, "a1"), (5, "a2")], "a reader"),
        ];
        for (log, a, seen, says) in cases {
            let violation = history(log, a, seen).unwrap_err();
            assert!(violation.contains(says), "{violation}");
        }
    }
}
