//! What an archive in this process holds: [`KeptSessions`].

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
};

use chrono::{DateTime, Utc};
use flow_core::{
    Key, Moment, Record, SessionId, Utterance,
    archive::{Archived, ArchivedCheckpoint, ArchivedStep, Entry, Epoch, Kept, Latest},
};
use thiserror::Error;

type Time = DateTime<Utc>;

/// All sessions that are kept, and the tombstones of those that were erased.
pub(crate) struct KeptSessions {
    sessions: HashMap<SessionId, KeptSession>,
    tombstones: HashMap<SessionId, Tombstone>,
    epoch: Epoch,
}

impl Default for KeptSessions {
    fn default() -> Self {
        Self { sessions: HashMap::new(), tombstones: HashMap::new(), epoch: Epoch::first() }
    }
}

/// What is left of a session that was erased.
struct Tombstone {
    erased_at: Time,
    /// The epoch that began with the erasure.
    epoch: Epoch,
}

/// What is kept of one session.
struct KeptSession {
    flow: String,
    record: Record,
    updated_at: Time,
    steps: BTreeMap<u64, ArchivedStep>,
    checkpoints: BTreeMap<Key, ArchivedCheckpoint>,
    said: BTreeMap<Moment, Utterance>,
}

impl KeptSessions {
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn put(&mut self, entry: &Entry) -> Kept {
        if self.tombstones.get(&entry.id).is_some_and(|tombstone| tombstone.is_of(entry)) {
            return Kept::Erased;
        }
        let stored = self.sessions.get(&entry.id).map(|session| session.record.stamp());
        if stored == Some(entry.record.stamp()) {
            return Kept::Done;
        }
        if stored != entry.expect.stamp() {
            return Kept::Moved(stored);
        }
        if entry.steps.iter().any(|step| step.number == u64::MAX) {
            return Kept::Refused(Box::new(NoNextStep));
        }
        self.sessions.entry(entry.id).or_insert_with(|| KeptSession::of(entry)).add(entry);
        Kept::Done
    }

    pub(crate) fn latest(&self, id: SessionId) -> Latest {
        let archived = self.sessions.get(&id).map(KeptSession::archived);
        Latest::new(archived, self.epoch).with_tombstone(self.tombstones.contains_key(&id))
    }

    pub(crate) fn history(&self, id: SessionId, from: u64, limit: usize) -> Vec<ArchivedStep> {
        let steps = self.sessions.get(&id).into_iter().flat_map(|session| session.steps.range(from..));
        steps.take(limit).map(|(_, step)| step.clone()).collect()
    }

    pub(crate) fn checkpoints(&self, id: SessionId) -> Vec<ArchivedCheckpoint> {
        self.sessions.get(&id).into_iter().flat_map(|session| session.checkpoints.values().cloned()).collect()
    }

    pub(crate) fn transcript(&self, id: SessionId, after: Option<Moment>, limit: usize) -> Vec<Utterance> {
        let after = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let said = self.sessions.get(&id).into_iter().flat_map(|session| session.said.range(after));
        said.take(limit).map(|(_, said)| said.clone()).collect()
    }

    pub(crate) fn forget_said_before(&mut self, flow: &str, time: Time, limit: usize) -> usize {
        let of_flow = self.sessions.iter().filter(|(_, session)| session.flow == flow);
        let old = of_flow.flat_map(|(id, session)| session.said.keys().map(move |moment| (*moment, *id)));
        let mut old: Vec<_> = old.filter(|(moment, _)| moment.at < time).collect();
        old.sort_unstable();
        old.truncate(limit);
        for (moment, id) in &old {
            if let Some(session) = self.sessions.get_mut(id) {
                session.said.remove(moment);
            }
        }
        old.len()
    }

    pub(crate) fn purge_before(&mut self, time: Time, limit: usize) -> usize {
        let sessions = self.sessions.iter().map(|(id, session)| (*id, session.updated_at));
        let purged = oldest(sessions, time, limit);
        for id in &purged {
            self.sessions.remove(id);
        }
        for id in oldest(self.tombstones.iter().map(|(id, tombstone)| (*id, tombstone.erased_at)), time, limit) {
            self.tombstones.remove(&id);
        }
        purged.len()
    }

    pub(crate) fn erase(&mut self, id: SessionId, at: Time) -> bool {
        self.epoch = self.epoch.next();
        let tombstone = self.tombstones.entry(id).or_insert(Tombstone { erased_at: at, epoch: self.epoch });
        // An erasure that comes late takes nothing back of one that reaches further.
        *tombstone = Tombstone { erased_at: at.max(tombstone.erased_at), epoch: self.epoch };
        self.sessions.remove(&id).is_some()
    }
}

impl Tombstone {
    /// Whether the entry is of what was erased.
    fn is_of(&self, entry: &Entry) -> bool {
        match entry.epoch {
            Some(epoch) => epoch < self.epoch,
            None => entry.since() <= self.erased_at,
        }
    }
}

impl KeptSession {
    fn archived(&self) -> Archived {
        let steps = self.steps.last_key_value().map_or(0, |(number, _)| number + 1);
        Archived::new(self.record.clone(), steps)
    }

    fn of(entry: &Entry) -> Self {
        let (flow, record, updated_at) = (entry.summary.flow.clone(), entry.record.clone(), entry.summary.updated_at);
        let (steps, checkpoints, said) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { flow, record, updated_at, steps, checkpoints, said }
    }

    fn add(&mut self, entry: &Entry) {
        self.record = entry.record.clone();
        self.updated_at = entry.summary.updated_at;
        for step in &entry.steps {
            self.steps.entry(step.number).or_insert_with(|| step.clone());
        }
        for checkpoint in &entry.checkpoints {
            self.checkpoints.entry(checkpoint.key).or_insert_with(|| checkpoint.clone());
        }
        for said in &entry.said {
            self.said.entry(said.moment).or_insert_with(|| said.clone());
        }
    }
}

/// Up to `limit` of those that were before `time`, the longest ago first.
fn oldest(all: impl Iterator<Item = (SessionId, Time)>, time: Time, limit: usize) -> Vec<SessionId> {
    let mut old: Vec<_> = all.filter(|(_, at)| *at < time).collect();
    old.sort_unstable_by_key(|(id, at)| (*at, *id));
    old.into_iter().take(limit).map(|(id, _)| id).collect()
}

/// The number that the next step would have does not exist.
#[derive(Debug, Error)]
#[error("the steps of the session are numbered to the end")]
struct NoNextStep;
